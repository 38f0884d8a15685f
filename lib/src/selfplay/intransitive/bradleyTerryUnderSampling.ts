import { complaint, DomainError, ShapeError } from "../../core/index.js";
import { bradleyTerry, comparisonsFromColumns } from "../../preferences/index.js";
import { checkPreferences, type PreferenceMatrix } from "./preferenceMatrix.js";

/**
 * The scores that Bradley-Terry ends at, in nats with sum 0, [n], if endless pairs are drawn from `sampling` twice and
 * answered as the preferences say: the maximum of sum_ij mu_i mu_j P_ij log sigmoid(theta_i - theta_j). Where no scores
 * can hold all the preferences, they depend on who is sampled.
 * @param sampling mu, the probability of each completion; uniform by default
 * @throws DomainError unless all are above 0; ConvergenceError if one of them always wins
 */
export function bradleyTerryUnderSampling(
  preferences: PreferenceMatrix,
  sampling: ArrayLike<number> = new Float64Array(preferences.length).fill(1 / preferences.length),
): Float64Array {
  checkPreferences(preferences);
  const items = preferences.length;
  if (sampling.length !== items) throw new ShapeError(complaint("sampling", `${items} probabilities`, sampling));
  for (let i = 0; i < items; i++) {
    if (!(sampling[i] > 0 && Number.isFinite(sampling[i]))) {
      throw new DomainError(complaint(`sampling[${i}]`, "a probability above 0", sampling[i]));
    }
  }
  const winner: number[] = [];
  const loser: number[] = [];
  const weight: number[] = [];
  for (let i = 0; i < items; i++) {
    for (let j = 0; j < items; j++) {
      if (i === j) continue;
      winner.push(i);
      loser.push(j);
      weight.push(sampling[i] * sampling[j] * preferences[i][j]);
    }
  }
  return Float64Array.from(bradleyTerry.fit(comparisonsFromColumns(winner, loser, { items, weight })).theta);
}
