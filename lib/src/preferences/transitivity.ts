import { checkProbabilities } from "./simulate.js";

/** Three items with i preferred to j and j to k at least half the time, and what that demands of probability[i][k]. */
export interface Triple {
  i: number;
  j: number;
  k: number;
  /** probability[i][k], and the least value that would do. */
  found: number;
  needed: number;
}

/** Violations of the three levels of stochastic transitivity; a level holds when its list is empty. */
export interface Transitivity {
  weak: Triple[];
  moderate: Triple[];
  strong: Triple[];
}

/**
 * Stochastic transitivity of a table of preferences, [n, n], probability[i][j] = P(i preferred to j). For every i, j, k
 * with probability[i][j] >= 1/2 and probability[j][k] >= 1/2 it asks that probability[i][k] be
 *
 *   weak: at least 1/2;   moderate: at least the smaller of the two;   strong: at least the larger of the two.
 *
 * Every Bradley-Terry table is strongly transitive; people's answers need not even be weakly so (Tversky 1969). O(n^3).
 * `slack` forgives that much, for rounding.
 * @throws ShapeError, DomainError unless the table holds probabilities whose pairs add up to 1
 * @example
 * const probability = [[0.5, 0.7, 0.6], [0.3, 0.5, 0.8], [0.4, 0.2, 0.5]];
 * transitivity(probability).moderate // [{ i: 0, j: 1, k: 2, found: 0.6, needed: 0.7 }]
 */
export function transitivity(probability: ReadonlyArray<ArrayLike<number>>, slack = 1e-12): Transitivity {
  checkProbabilities(probability);
  const report: Transitivity = { weak: [], moderate: [], strong: [] };
  const n = probability.length;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      if (i === j || probability[i][j] < 0.5) continue;
      for (let k = 0; k < n; k++) {
        if (k === i || k === j || probability[j][k] < 0.5) continue;
        const found = probability[i][k];
        const demand = {
          weak: 0.5,
          moderate: Math.min(probability[i][j], probability[j][k]),
          strong: Math.max(probability[i][j], probability[j][k]),
        };
        for (const level of ["weak", "moderate", "strong"] as const) {
          if (found < demand[level] - slack) report[level].push({ i, j, k, found, needed: demand[level] });
        }
      }
    }
  }
  return report;
}
