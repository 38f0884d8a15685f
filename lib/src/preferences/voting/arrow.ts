import { type Rankings, rankingsFromOrders } from "../rankings.js";

/** Scores [items] from full rankings: a rule that puts the society's items in order; equal scores are ties. */
export type SocialRule = (rankings: Rankings) => ArrayLike<number>;

/** Two elections in which every voter ranks x against y alike, and yet the rule ranks x and y differently. */
export interface IndependenceViolation {
  x: number;
  y: number;
  /** Ballots of both elections, one a voter, best first. */
  first: number[][];
  second: number[][];
  /** Which of x and y the rule puts first in each: 1 for x, -1 for y, 0 for a tie. */
  verdicts: [number, number];
}

/**
 * Looks through every election of `voters` full rankings of `items` items for a breach of independence of irrelevant
 * alternatives: by Arrow's theorem (1951) there is one for every rule with three items or more that follows unanimity
 * and is no dictatorship. (items!)^voters elections: 3 items and 3 voters are 216.
 * @returns the first one found, or undefined
 */
export function independenceViolation(rule: SocialRule, items = 3, voters = 3): IndependenceViolation | undefined {
  const ballots = permutations(items);
  for (let x = 0; x < items; x++) {
    for (let y = x + 1; y < items; y++) {
      // Elections that agree on who prefers x to y must agree on the verdict.
      const seen = new Map<string, { verdict: number; election: number[][] }>();
      for (const election of elections(ballots, voters)) {
        const scores = rule(rankingsFromOrders(election, { items }));
        const verdict = Math.sign(scores[x] - scores[y]);
        const pattern = election.map((ballot) => (ballot.indexOf(x) < ballot.indexOf(y) ? "x" : "y")).join("");
        const before = seen.get(pattern);
        if (before === undefined) seen.set(pattern, { verdict, election });
        else if (before.verdict !== verdict) {
          return { x, y, first: before.election, second: election, verdicts: [before.verdict, verdict] };
        }
      }
    }
  }
  return undefined;
}

/** All orders of 0 .. n-1, in lexicographic order. */
export function permutations(n: number): number[][] {
  if (n === 0) return [[]];
  const all: number[][] = [];
  const extend = (order: number[], left: number[]) => {
    if (left.length === 0) all.push(order);
    for (const item of left)
      extend(
        [...order, item],
        left.filter((other) => other !== item),
      );
  };
  extend(
    [],
    Array.from({ length: n }, (_, i) => i),
  );
  return all;
}

function* elections(ballots: number[][], voters: number): Generator<number[][]> {
  if (voters === 0) yield [];
  else for (const rest of elections(ballots, voters - 1)) for (const ballot of ballots) yield [...rest, ballot];
}
