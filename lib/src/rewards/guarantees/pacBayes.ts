import { checkShare } from "../../core/checks.js";
import { complaint, ShapeError } from "../../core/index.js";
import { foldIn, type Key, normal } from "../../random/index.js";
import { binaryKLInverse } from "./binaryKL.js";
import { checkDelta, checkSample, checkSize } from "./checks.js";
import { checkObserved, type Observed } from "./deviation.js";

// PAC-Bayes: a predictor drawn at random from a posterior rho, which may depend on the examples in any way, against a
// prior pi, which may not. L is its expected loss on fresh examples, Lhat on the n examples, both averaged over rho;
// losses in [0, 1]. Each bound holds for all posteriors at once with probability at least 1 - delta.

/** What a PAC-Bayes bound looks at. `kl` is KL(posterior || prior), in nats. */
export interface PosteriorObserved extends Observed {
  kl: number;
}

/**
 * McAllester: L <= Lhat + sqrt((KL + ln(n/delta)) / (2(n-1))), n >= 2. McAllester 1999, "PAC-Bayesian model averaging",
 * in the form of Shalev-Shwartz and Ben-David 2014, theorem 31.1.
 * @throws DomainError if a number is outside its range
 */
export function mcAllesterBound({ error, kl, n, delta }: PosteriorObserved): number {
  checkPosterior({ error, kl, n, delta }, 2);
  return error + Math.sqrt((kl + Math.log(n / delta)) / (2 * (n - 1)));
}

/**
 * Maurer: L <= Lhat + sqrt((KL + ln(2 sqrt(n)/delta)) / (2n)), n >= 8. Maurer 2004, arXiv:cs/0411099, theorem 5, with
 * Pinsker's inequality kl(q || p) >= 2 (q - p)^2.
 * @throws DomainError if a number is outside its range
 */
export function maurerBound({ error, kl, n, delta }: PosteriorObserved): number {
  checkPosterior({ error, kl, n, delta }, 8);
  return error + Math.sqrt((kl + Math.log((2 * Math.sqrt(n)) / delta)) / (2 * n));
}

/**
 * Seeger: the largest L with kl(Lhat || L) <= (KL + ln(2 sqrt(n)/delta)) / n, n >= 8; always below Maurer's, much below
 * it when Lhat is near 0. Seeger 2002, JMLR 3, with the constant of Maurer 2004, arXiv:cs/0411099, theorem 5.
 * @throws DomainError if a number is outside its range
 */
export function seegerBound({ error, kl, n, delta }: PosteriorObserved): number {
  checkPosterior({ error, kl, n, delta }, 8);
  return binaryKLInverse(error, (kl + Math.log((2 * Math.sqrt(n)) / delta)) / n);
}

/**
 * Catoni: L <= (1 - exp(-c Lhat - (KL + ln(1/delta)) / n)) / (1 - exp(-c)), for one c > 0 that is fixed before the
 * examples are seen. Catoni 2007, arXiv:0712.0248, theorem 1.2.6. At the best c it is below Seeger's, but c may not be
 * chosen by looking: to try m values, give each delta / m.
 * @throws DomainError if a number is outside its range
 */
export function catoniBound({ error, kl, n, delta, c }: PosteriorObserved & { c: number }): number {
  checkPosterior({ error, kl, n, delta }, 1);
  checkSize("c", c, true);
  return -Math.expm1(-c * error - (kl + Math.log(1 / delta)) / n) / -Math.expm1(-c);
}

/**
 * KL(Normal(mean, deviation^2 I) || Normal(priorMean, priorDeviation^2 I)) in nats, in d dimensions:
 * d (ln(s0/s) + (s^2 / s0^2 - 1) / 2) + ||mean - priorMean||^2 / (2 s0^2). The prior's mean is 0 if left out.
 * @throws ShapeError if lengths differ; DomainError unless deviations are above 0
 */
export function gaussianKL(
  posterior: { mean: ArrayLike<number>; deviation: number },
  prior: { mean?: ArrayLike<number>; deviation: number },
): number {
  const { mean, deviation: s } = posterior;
  const s0 = prior.deviation;
  checkSize("posterior deviation", s, true);
  checkSize("prior deviation", s0, true);
  if (prior.mean !== undefined && prior.mean.length !== mean.length) {
    throw new ShapeError(complaint("prior mean", `${mean.length} numbers, as many as the posterior's`, prior.mean));
  }
  let far = 0;
  for (let j = 0; j < mean.length; j++) far += (mean[j] - (prior.mean?.[j] ?? 0)) ** 2;
  return mean.length * (Math.log(s0 / s) + ((s / s0) ** 2 - 1) / 2) + far / (2 * s0 * s0);
}

/**
 * The mean loss of a Gaussian posterior on the examples, by drawing models from it: `draws` models, each with its
 * mean loss in [0, 1]. `atMost` is an upper bound of the expectation over the posterior that holds with probability
 * 1 - failure (Hoeffding's): mean + sqrt(ln(1/failure) / (2 draws)). A bound computed from it holds with
 * probability 1 - delta - failure.
 * @throws DomainError if a loss is outside [0, 1] or a number outside its range
 */
export function posteriorError(
  key: Key,
  posterior: { mean: ArrayLike<number>; deviation: number },
  loss: (theta: Float64Array) => number,
  { draws, failure }: { draws: number; failure: number },
): { mean: number; atMost: number } {
  checkSample(draws);
  checkDelta(failure);
  checkSize("posterior deviation", posterior.deviation, true);
  let sum = 0;
  for (let i = 0; i < draws; i++) {
    const theta = normal(foldIn(key, i), posterior.mean.length).map(
      (z, j) => posterior.mean[j] + posterior.deviation * z,
    );
    const value = loss(theta);
    checkShare("loss of a model drawn from the posterior", value);
    sum += value;
  }
  const mean = sum / draws;
  return { mean, atMost: Math.min(1, mean + Math.sqrt(Math.log(1 / failure) / (2 * draws))) };
}

function checkPosterior({ error, kl, n, delta }: PosteriorObserved, least: number): void {
  checkShare("error", error);
  checkSize("kl", kl);
  checkObserved({ error, n, delta }, least);
}
