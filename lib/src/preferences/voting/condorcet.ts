import { stronglyConnectedComponents } from "../../numerics/index.js";
import { margins } from "./tally.js";

/**
 * The item that beats every other by a majority, or undefined: there need not be one (Condorcet 1785).
 * @example
 * condorcetWinner(pairwiseTally(rankingsFromOrders([[0, 1, 2], [0, 2, 1], [1, 2, 0]]))) // 0
 * condorcetWinner(pairwiseTally(rankingsFromOrders([[0, 1, 2], [1, 2, 0], [2, 0, 1]]))) // undefined
 */
export function condorcetWinner(tally: ReadonlyArray<ArrayLike<number>>): number | undefined {
  const winner = margins(tally).findIndex((row, i) => row.every((margin, j) => i === j || margin > 0));
  return winner < 0 ? undefined : winner;
}

/**
 * The Smith set: the smallest group whose members each beat everyone outside it by a majority. One item if there is a
 * Condorcet winner; with a cycle at the top, all of the cycle. Sorted by number.
 */
export function smithSet(tally: ReadonlyArray<ArrayLike<number>>): number[] {
  // i -> j where i is not beaten by j: then the set is the component that no edge enters, the
  // last of sinks-first order.
  const groups = components(tally, (margin) => margin >= 0);
  return (groups.at(-1) ?? []).sort((a, b) => a - b);
}

/**
 * A cycle of majorities a > b > ... > a, the first item not repeated, as short as there is; undefined if the majorities
 * can be put in a row. Ties are no majorities.
 */
export function majorityCycle(tally: ReadonlyArray<ArrayLike<number>>): number[] | undefined {
  const m = margins(tally);
  // A cycle stays inside one strongly connected group; each has to be searched for the shortest of all.
  const groups = components(tally, (margin) => margin > 0).filter((group) => group.length > 1);
  let best: number[] | undefined;
  for (const [group, start] of groups.flatMap((group) => group.map((start) => [group, start] as const))) {
    // Breadth first from start back to start.
    const from = new Map<number, number>();
    const queue = [start];
    search: for (const item of queue) {
      for (const next of group) {
        if (!(m[item][next] > 0)) continue;
        if (next === start) {
          const cycle = [item];
          while (cycle[0] !== start) cycle.unshift(from.get(cycle[0])!);
          if (best === undefined || cycle.length < best.length) best = cycle;
          break search;
        }
        if (!from.has(next)) {
          from.set(next, item);
          queue.push(next);
        }
      }
    }
  }
  return best;
}

/**
 * How many of the triples of items that are compared by majorities go round in a circle: a share of 0 can be put in a
 * row; for majorities drawn by coin flips a quarter does.
 */
export function cyclicTriples(tally: ReadonlyArray<ArrayLike<number>>): { cyclic: number; compared: number } {
  const m = margins(tally);
  const n = m.length;
  let cyclic = 0;
  let compared = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      for (let k = j + 1; k < n; k++) {
        const [a, b, c] = [Math.sign(m[i][j]), Math.sign(m[j][k]), Math.sign(m[k][i])];
        if (a === 0 || b === 0 || c === 0) continue;
        compared++;
        if (a === b && b === c) cyclic++;
      }
    }
  }
  return { cyclic, compared };
}

function components(tally: ReadonlyArray<ArrayLike<number>>, edge: (margin: number) => boolean): number[][] {
  const from: number[] = [];
  const to: number[] = [];
  margins(tally).forEach((row, i) => {
    row.forEach((margin, j) => {
      if (i !== j && edge(margin)) {
        from.push(i);
        to.push(j);
      }
    });
  });
  return stronglyConnectedComponents(tally.length, from, to);
}
