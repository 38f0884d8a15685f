import { checkLength } from "../../core/checks.js";
import { complaint, DomainError, ShapeError } from "../../core/index.js";

/** What independent gradients of batches of one size tell about the true gradient and the noise. */
export interface GradientSpread {
  /** Their mean, [D]. */
  mean: Float64Array;
  /** Unbiased estimate of the trace of a batch gradient's covariance, E||G_batch - G||^2. */
  totalVariance: number;
  /**
   * Unbiased estimate of ||G||^2, the mean's squared length less its own noise. May come out below 0 when
   * there is too little data.
   */
  squaredNorm: number;
}

/**
 * Mean and spread of n >= 2 gradients, each [D], from independent batches of one size.
 * @throws DomainError for fewer than two or numbers that are not finite; ShapeError if they differ in length
 */
export function gradientSpread(gradients: readonly ArrayLike<number>[]): GradientSpread {
  const n = gradients.length;
  if (n < 2) throw new DomainError(complaint("gradients", "at least two", n));
  const D = gradients[0].length;
  const mean = new Float64Array(D);
  for (const [i, g] of gradients.entries()) {
    checkLength(`gradients[${i}]`, g, D);
    for (let d = 0; d < D; d++) mean[d] += g[d] / n;
  }
  if (!mean.every(Number.isFinite)) throw new DomainError(complaint("gradients", "finite numbers", mean));
  let totalVariance = 0;
  for (const g of gradients) for (let d = 0; d < D; d++) totalVariance += (g[d] - mean[d]) ** 2 / (n - 1);
  const squaredNorm = mean.reduce((sum, m) => sum + m * m, 0) - totalVariance / n;
  return { mean, totalVariance, squaredNorm };
}

/**
 * McCandlish's simple noise scale tr(Sigma) / ||G||^2 from the mean squared lengths of batch gradients at two batch
 * sizes, both estimates unbiased:
 *
 *   ||G||^2 = (B2 s2 - B1 s1) / (B2 - B1),   tr(Sigma) = (s1 - s2) / (1/B1 - 1/B2),   s_i = E||G_{B_i}||^2.
 *
 * In samples: the batch size at which the noise is as long as the gradient. (McCandlish et al. 2018, arXiv:1812.06162,
 * appendix A.1.) The ratio itself is not unbiased; average s1 and s2 over many batches first.
 * @throws DomainError unless 0 < B1 < B2 and the estimate of ||G||^2 is positive
 */
export function simpleNoiseScale(
  small: { batch: number; squaredNorm: number },
  big: { batch: number; squaredNorm: number },
): { noiseScale: number; totalVariance: number; squaredNorm: number } {
  if (!(small.batch > 0 && small.batch < big.batch)) {
    throw new DomainError(complaint("batches", "two sizes, 0 < small < big", [small.batch, big.batch]));
  }
  const squaredNorm = (big.batch * big.squaredNorm - small.batch * small.squaredNorm) / (big.batch - small.batch);
  const totalVariance = (small.squaredNorm - big.squaredNorm) / (1 / small.batch - 1 / big.batch);
  if (!(squaredNorm > 0)) {
    const hint = "The noise drowns the gradient: average over more batches, or take larger ones";
    throw new DomainError(complaint("estimate of ||G||^2", "a positive number", squaredNorm, hint));
  }
  return { noiseScale: totalVariance / squaredNorm, totalVariance, squaredNorm };
}

/**
 * The slope of log y against log x by least squares: -1 for a variance that falls as 1 / B.
 * @throws ShapeError if the lengths differ; DomainError for fewer than two points or numbers that are not positive
 */
export function logLogSlope(x: ArrayLike<number>, y: ArrayLike<number>): number {
  if (x.length !== y.length) throw new ShapeError(complaint("y", `${x.length} numbers`, y));
  const logs = (what: string, values: ArrayLike<number>) =>
    Array.from(values, (value) => {
      if (!(value > 0)) throw new DomainError(complaint(what, "positive numbers", value));
      return Math.log(value);
    });
  const [a, b] = [logs("x", x), logs("y", y)];
  const centre = (values: number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
  const [ma, mb] = [centre(a), centre(b)];
  const below = a.reduce((sum, v) => sum + (v - ma) ** 2, 0);
  if (!(below > 0)) throw new DomainError(complaint("x", "at least two different numbers", x));
  return a.reduce((sum, v, i) => sum + (v - ma) * (b[i] - mb), 0) / below;
}
