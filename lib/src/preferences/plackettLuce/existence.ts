import { requireFiniteEstimate as requireStronglyConnected } from "../bradleyTerry/existence.js";
import type { Comparisons } from "../comparisons.js";
import type { Rankings } from "../rankings.js";

/**
 * Who was put directly before whom: each ranked item before the next, the last one before all that were left unranked.
 * The graph that a ranking says something about is the transitive closure of this one, with the same connected parts.
 */
export function asComparisons(rankings: Rankings): Comparisons {
  const { items, order, start, ranked, weight, names } = rankings;
  const winner: number[] = [];
  const loser: number[] = [];
  const times: number[] = [];
  for (let r = 0; r < ranked.length; r++) {
    const stages = Math.min(ranked[r], start[r + 1] - start[r] - 1);
    for (let p = start[r]; p < start[r] + stages; p++) {
      const last = p === start[r] + stages - 1;
      for (let q = p + 1; q < (last ? start[r + 1] : p + 2); q++) {
        winner.push(order[p]);
        loser.push(order[q]);
        times.push(weight[r]);
      }
    }
  }
  return {
    items,
    winner: Int32Array.from(winner),
    loser: Int32Array.from(loser),
    weight: Float64Array.from(times),
    ...(names && { names }),
  };
}

/**
 * A finite maximum-likelihood estimate exists if and only if, however the items are split in two groups, some item of
 * each was ranked above one of the other (Hunter 2004, assumption 1).
 * @throws ConvergenceError that names the items in the way and the cure
 */
export function requireFiniteEstimate(rankings: Rankings): void {
  requireStronglyConnected(asComparisons(rankings), "Plackett-Luce");
}
