import { checkCount } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import { categorical, foldIn, type Key } from "../../random/index.js";
import { sequenceLogProbsOf, type TreePolicy } from "../../trees/index.js";
import type { DrawnPolicy } from "../groups/treeRloo.js";
import { maximumLikelihoodLogits } from "./maximumLikelihood.js";
import { topKRows } from "./select.js";

export interface SampledExpertIterationOptions {
  /** What decides who is kept, one number per sequence, [N]. */
  readonly scores: ArrayLike<number>;
  /** Groups a round, and replies in each, of which the best is kept. */
  readonly groups: number;
  readonly n: number;
  readonly rounds: number;
  /** The old policy counts in the fit as much as so many kept replies. */
  readonly memory: number;
}

/**
 * Expert iteration from samples, on an enumerable world: draw n replies, keep the best, fit the policy to what was
 * kept, by maximum likelihood; again. Returns the policy after each round. On infinitely many samples it is
 * `expertIterationRound`. Anthony et al. 2017, arXiv:1705.08439.
 * @throws DomainError unless groups, n and rounds are counts of at least 1, and memory >= 0
 */
export function sampledExpertIteration(
  key: Key,
  start: TreePolicy,
  { scores, groups, n, rounds, memory }: SampledExpertIterationOptions,
): DrawnPolicy[] {
  for (const [name, count] of Object.entries({ groups, n, rounds })) {
    checkCount(name, count);
  }
  if (!(memory >= 0)) throw new DomainError(complaint("memory", "a number of replies, at least 0", memory));
  const { tree, contexts } = start;
  let policy = start;
  const points: DrawnPolicy[] = [];
  for (let round = 1; round <= rounds; round++) {
    const logProbs = sequenceLogProbsOf(policy);
    const drawn = categorical(foldIn(key, round), logProbs, groups * n);
    const counts = logProbs.map((logp) => memory * Math.exp(logp));
    const best = topKRows(
      Array.from(drawn, (y) => scores[y]),
      { group: n },
    );
    for (const row of best) counts[drawn[row]] += 1;
    policy = { tree, contexts, logits: maximumLikelihoodLogits(tree, contexts, counts, { smoothing: 1e-3 }) };
    points.push({ drawn: round * groups * n, logProbs: sequenceLogProbsOf(policy) });
  }
  return points;
}
