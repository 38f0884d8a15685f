import { checkFinite, checkLength, checkNonNegative } from "../../core/checks.js";
import { memberWeights } from "./memberWeights.js";
import type { UncertaintySplit } from "./splitUncertainty.js";

/**
 * The law of total variance, Var y = E_t Var[y | t] + Var_t E[y | t]: total = aleatoric + epistemic, in squared units
 * of y. `means` and `variances` [members] are what each member of the posterior expects; `weights` as in
 * `splitUncertainty`. Another accounting than entropy: do not add numbers of one to numbers of the other.
 * @throws ShapeError without a member or for other lengths; DomainError for a mean not finite or a variance below 0
 * @example splitVariance([0, 2], [1, 3]) // { total: 3, aleatoric: 2, epistemic: 1 }
 */
export function splitVariance(
  means: ArrayLike<number>,
  variances: ArrayLike<number>,
  weights?: ArrayLike<number>,
): UncertaintySplit {
  const share = memberWeights("means", means.length, weights);
  checkLength("variances", variances, means.length, "one for each member");
  let [centre, aleatoric] = [0, 0];
  for (let m = 0; m < means.length; m++) {
    checkFinite(`means[${m}]`, means[m]);
    checkNonNegative(`variances[${m}]`, variances[m]);
    centre += share[m] * means[m];
    aleatoric += share[m] * variances[m];
  }
  let epistemic = 0;
  for (let m = 0; m < means.length; m++) epistemic += share[m] * (means[m] - centre) ** 2;
  return { total: aleatoric + epistemic, aleatoric, epistemic };
}
