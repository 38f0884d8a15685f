import { checkNonNegative } from "../../core/checks.js";
import { requireFiniteEstimate } from "../bradleyTerry/existence.js";
import type { Comparisons } from "../comparisons.js";
import { asComparisons } from "../plackettLuce/existence.js";
import type { Rankings } from "../rankings.js";
import { totalWeight } from "../weights.js";

export interface SpectralOptions {
  /**
   * Added to every rate between two items, so that the chain reaches all of them whatever the data; the larger, the
   * closer the abilities. Default 0.
   */
  pseudoRate?: number;
}

/** Rates from the loser to the winner, [n * n]: every comparison adds weight / (the strengths that competed). */
export function luceRates(strength: ArrayLike<number>, data: Comparisons | Rankings, pseudoRate: number): Float64Array {
  const n = data.items;
  const rates = new Float64Array(n * n).fill(pseudoRate);
  if ("winner" in data) {
    for (let k = 0; k < data.winner.length; k++) {
      const [won, lost] = [data.winner[k], data.loser[k]];
      rates[lost * n + won] += data.weight[k] / (strength[won] + strength[lost]);
    }
    return rates;
  }
  // Sums from the end of a ranking, where nothing is ever subtracted.
  const competing = new Float64Array(n + 1);
  for (let r = 0; r < data.ranked.length; r++) {
    const [from, to] = [data.start[r], data.start[r + 1]];
    const stages = Math.min(data.ranked[r], to - from - 1);
    let sum = 0;
    for (let p = to - 1; p >= from; p--) {
      sum += strength[data.order[p]];
      competing[p - from] = sum;
    }
    for (let stage = 0; stage < stages; stage++) {
      const won = data.order[from + stage];
      const rate = data.weight[r] / competing[stage];
      for (let p = from + stage + 1; p < to; p++) rates[data.order[p] * n + won] += rate;
    }
  }
  return rates;
}

/**
 * @throws DomainError for a pseudoRate that is not a number of at least 0; ConvergenceError for a chain that gets stuck
 */
export function checkChain(data: Comparisons | Rankings, pseudoRate: number, method: string): void {
  checkNonNegative("pseudoRate", pseudoRate);
  totalWeight(data); // checks it
  if (pseudoRate > 0 && data.items > 0) return;
  const graph = "winner" in data ? data : asComparisons(data);
  requireFiniteEstimate(graph, method, "Compare them more, leave them out, or give { pseudoRate: 0.1 }");
}
