import { zeroSumEquilibrium } from "../../games/index.js";
import { checkPreferences, type PreferenceMatrix } from "./preferenceMatrix.js";

/**
 * The von Neumann winner (maximal lottery): a policy that no completion is preferred to in more than half of the cases,
 * min_j sum_i x_i P_ij >= 1/2, [n]. It always exists; by linear programming, one of them where there are several
 * (Dudik et al. 2015, arXiv:1502.06362; Swamy et al. 2024, arXiv:2401.04056).
 * @example await vonNeumannWinner([[0.5, 1, 0], [0, 0.5, 1], [1, 0, 0.5]]) // [0.3333, 0.3333, 0.3333]
 */
export async function vonNeumannWinner(preferences: PreferenceMatrix): Promise<Float64Array> {
  checkPreferences(preferences);
  return (await zeroSumEquilibrium(preferences)).row;
}
