import { checkDistribution, checkLength, checkNonNegative, checkNumbers } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import { dot } from "../../numerics/dot.js";
import { logSumExp, softmax } from "../../numerics/index.js";

/**
 * Inverse reward design: a proxy w~ was chosen because what it makes an agent do in the *training* world is good there.
 *   P(w | w~) proportional to P(w) exp(beta w . phi(w~)) / Z(w),   Z(w) = sum over proxies w' of exp(beta w . phi(w')),
 * phi(w') the feature counts of the behaviour that w' produces in the training world (Hadfield-Menell et al. 2017,
 * arXiv:1711.02827). A feature that the training world does not have keeps its prior. Exact on lists: `weights` [n][k]
 * the true rewards considered, `counts` [m][k] phi of each proxy that could have been chosen, `chosen` the proxy's
 * number, beta the designer's care in 1 / reward. Returns [n].
 * @throws ShapeError, DomainError for lists that do not fit, a chosen proxy that is not there, beta < 0
 * @example inverseRewardDesign({ weights: [[1], [-1]], counts: [[0], [2]], chosen: 1, beta: 1 }) // [0.8808, 0.1192]
 */
export function inverseRewardDesign({
  weights,
  counts,
  chosen,
  beta,
  prior,
}: {
  weights: readonly ArrayLike<number>[];
  counts: readonly ArrayLike<number>[];
  chosen: number;
  beta: number;
  prior?: ArrayLike<number>;
}): Float64Array {
  checkNonNegative("beta", beta);
  if (weights.length === 0) throw new DomainError(complaint("weights", "at least one", weights));
  if (!(Number.isInteger(chosen) && chosen >= 0 && chosen < counts.length)) {
    throw new DomainError(complaint("chosen", `the number of a proxy, 0 to ${counts.length - 1}`, chosen));
  }
  counts.forEach((own, i) => {
    checkNumbers(`counts[${i}]`, own, counts[0].length);
  });
  if (prior !== undefined) {
    checkLength("prior", prior, weights.length, "one per reward");
    checkDistribution("prior", prior);
  }
  const logits = weights.map((w, i) => {
    checkNumbers(`weights[${i}]`, w, counts[0].length);
    const goodness = counts.map((phi) => beta * dot(w, phi));
    return goodness[chosen] - logSumExp(goodness) + (prior === undefined ? 0 : Math.log(prior[i]));
  });
  return Float64Array.from(softmax(logits));
}
