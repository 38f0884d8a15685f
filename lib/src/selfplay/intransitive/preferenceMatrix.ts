import { checkShare } from "../../core/checks.js";
import { complaint, DomainError, ShapeError } from "../../core/index.js";
import { rowPayoffs } from "../../games/index.js";

/**
 * preferences[i][j]: the probability that completion i is preferred to completion j, [n][n]; P_ij + P_ji = 1, and 1/2
 * on the diagonal. Nothing asks that it be transitive. As payoffs it is a symmetric game of constant sum, so that
 * `exploitability(P, policy, policy)` is max_i P(i > policy) - 1/2.
 */
export type PreferenceMatrix = ReadonlyArray<ArrayLike<number>>;

/** How far P_ij + P_ji may be from 1 by rounding. */
const ROUNDING = 1e-9;

/** @throws ShapeError unless it is [n][n] with n at least 2; DomainError unless 0 <= P_ij <= 1 and P_ij + P_ji = 1 */
export function checkPreferences(preferences: PreferenceMatrix): void {
  const n = preferences.length;
  if (n < 2) throw new ShapeError(complaint("preferences", "at least two completions", preferences));
  preferences.forEach((row, i) => {
    if (row.length !== n) throw new ShapeError(complaint(`preferences[${i}]`, `${n} probabilities`, row));
  });
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const wins = preferences[i][j];
      checkShare(`preferences[${i}][${j}]`, wins);
      const losses = preferences[j][i];
      if (j < i && !(Math.abs(wins + losses - 1) <= ROUNDING)) {
        const wanted = `1 minus preferences[${j}][${i}] = ${1 - losses}`;
        throw new DomainError(complaint(`preferences[${i}][${j}]`, wanted, wins));
      }
    }
    if (!(Math.abs(preferences[i][i] - 0.5) <= ROUNDING)) {
      throw new DomainError(complaint(`preferences[${i}][${i}]`, "1/2, against itself", preferences[i][i]));
    }
  }
}

/**
 * P(i > policy) = sum_j P_ij policy_j: how often each completion is preferred to one that the policy draws, [n].
 * @example winRatesAgainst([[0.5, 0.7], [0.3, 0.5]], [0.5, 0.5]) // [0.6, 0.4]
 */
export function winRatesAgainst(preferences: PreferenceMatrix, policy: ArrayLike<number>): Float64Array {
  checkPreferences(preferences);
  return rowPayoffs(preferences, policy);
}

/** The completion that is preferred to the policy's most often, the first of several. */
export function bestReply(preferences: PreferenceMatrix, policy: ArrayLike<number>): number {
  const wins = winRatesAgainst(preferences, policy);
  return wins.indexOf(wins.reduce((a, b) => Math.max(a, b)));
}
