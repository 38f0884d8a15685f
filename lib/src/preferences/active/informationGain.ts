import { binaryEntropy, checkCommittee } from "./entropy.js";

/** The entropy of the answer to a question, split into what asking can teach and what it cannot. All in nats. */
export interface EntropySplit {
  /** H[y | x1, x2]: how uncertain the answer is, for whatever reason. */
  total: number;
  /** E_theta H[y | x1, x2, theta]: what would be left if theta were known (aleatoric): the labeler's own coin. */
  noise: number;
  /**
   * I(theta; y | x1, x2) = total - noise (epistemic): what the answer is expected to teach about theta. From 0 to ln 2.
   */
  gain: number;
}

/**
 * BALD: the mutual information between the answer to a question and the parameters, I(theta; y | x1, x2) =
 * H[mean_m p_m] - mean_m H[p_m], where p_m = `probabilities[m]` is P(first preferred) in the view of member m, a sample
 * of the posterior with weight `weight[m]` (default: equal). Exact for a discrete posterior; from n samples it comes
 * out too small by about gain / n. Houlsby et al. 2011, arXiv:1112.5745, who named it; Lindley 1956.
 * @throws ShapeError for an empty committee; DomainError for a probability outside [0, 1]
 */
export function informationGain(probabilities: ArrayLike<number>, weight?: ArrayLike<number>): EntropySplit {
  const share = checkCommittee(probabilities, weight);
  let [mean, noise] = [0, 0];
  for (let m = 0; m < probabilities.length; m++) {
    mean += share[m] * probabilities[m];
    noise += share[m] * binaryEntropy(probabilities[m]);
  }
  const total = binaryEntropy(Math.min(mean, 1));
  return { total, noise, gain: Math.max(total - noise, 0) };
}
