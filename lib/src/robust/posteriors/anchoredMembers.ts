import { checkCount } from "../../core/checks.js";
import { type Key, normal, split } from "../../random/index.js";
import { type LinearGaussian, linearSolution } from "./linearGaussian.js";

/**
 * A member of an anchored ensemble: the best fit to answers with noise added anew, e ~ N(0, noise^2) on each, pulled
 * to an anchor a ~ N(0, prior^2 I) in place of 0: S (X'(y + e) / noise^2 + a / prior^2). For a linear model with normal
 * noise this is an exact draw from the posterior; with the anchor alone the members agree too soon. [d]. (Randomised
 * MAP sampling; Osband et al. 2018, arXiv:1806.03335; Pearce et al. 2020, arXiv:1810.05546.)
 * @throws as `linearPosterior`
 */
export function anchoredMember(
  key: Key,
  x: ReadonlyArray<ArrayLike<number>>,
  y: ArrayLike<number>,
  options: LinearGaussian,
): number[] {
  return anchoredMembers(key, x, y, 1, options)[0];
}

/** n members, [n][d], for the price of one solution. @throws as `anchoredMember`; DomainError unless n >= 1 */
export function anchoredMembers(
  key: Key,
  x: ReadonlyArray<ArrayLike<number>>,
  y: ArrayLike<number>,
  n: number,
  options: LinearGaussian & {
    /** Without noise on the answers: what ensembles often do, and too sure of itself. Default true. */
    answerNoise?: boolean;
  },
): number[][] {
  checkCount("members", n);
  const { mean, covariance } = linearSolution(x, y, options);
  return split(key, n).map((own) => {
    const [answerKey, anchorKey] = split(own);
    const noise = normal(answerKey, y.length);
    const scale = options.answerNoise === false ? 0 : options.noise;
    const answers = noise.map((e, k) => y[k] + scale * e);
    return mean(
      answers,
      normal(anchorKey, covariance.length).map((a) => options.prior * a),
    );
  });
}
