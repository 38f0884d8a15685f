import { complain, DomainError, ShapeError } from "../../core/index.js";
import { lbfgs, logSigmoid, sigmoid } from "../../numerics/index.js";
import type { Judgements } from "./judgements.js";

export interface ScaledFit {
  /** Abilities, [items], in nats for a labeler of sharpness 1, sum 0. */
  readonly theta: number[];
  /** Sharpness of each labeler, [labelers]: 1 on average, 0 for one who guesses, below 0 for one who answers backwards. */
  readonly alpha: Float64Array;
  /** The log-posterior at the estimate, in nats. */
  readonly logPosterior: number;
  readonly iterations: number;
}

export interface ScaledOptions {
  /** Standard deviation of the Gaussian prior on abilities, in nats. Default 2. */
  spread?: number;
  /** Standard deviation of the Gaussian prior on sharpness around 1. Default 1. */
  sharpnessSpread?: number;
  tolerance?: number;
  iterations?: number;
}

/**
 * log P of the judgements, sum over k of weight * log sigmoid(alpha[labeler] (theta[winner] - theta[loser])), in nats: each
 * labeler sees the same differences, at a temperature 1 / alpha of their own. Writes both gradients where asked.
 * @throws ShapeError for another number of abilities or labelers
 */
export function scaledLogLikelihood(
  theta: ArrayLike<number>,
  alpha: ArrayLike<number>,
  data: Judgements,
  gradients?: { theta: Float64Array; alpha: Float64Array },
): number {
  if (theta.length !== data.items) throw new ShapeError(complain("theta", `${data.items} abilities`, theta));
  if (alpha.length !== data.labelers) throw new ShapeError(complain("alpha", `${data.labelers} numbers`, alpha));
  let sum = 0;
  for (let k = 0; k < data.winner.length; k++) {
    const difference = theta[data.winner[k]] - theta[data.loser[k]];
    const a = alpha[data.labeler[k]];
    sum += data.weight[k] * logSigmoid(a * difference);
    if (gradients) {
      const surprise = data.weight[k] * sigmoid(-a * difference);
      gradients.theta[data.winner[k]] += a * surprise;
      gradients.theta[data.loser[k]] -= a * surprise;
      gradients.alpha[data.labeler[k]] += difference * surprise;
    }
  }
  return sum;
}

/**
 * The abilities and sharpnesses that are most probable together. Only the products alpha (theta_i - theta_j) show in the answers, so
 * scale and sign are free: theta / c and alpha c explain them alike. The prior (sharpness near 1) settles both, then the mean
 * sharpness is made 1. Not concave: it climbs from equal sharpness, where the problem is plain Bradley-Terry.
 * @throws DomainError for a spread that is not above 0, or no judgements
 */
export function scaledBradleyTerry(data: Judgements, options: ScaledOptions = {}): ScaledFit {
  const { spread = 2, sharpnessSpread = 1, tolerance = 1e-7, iterations = 2000 } = options;
  if (!(spread > 0)) throw new DomainError(complain("spread", "a number above 0", spread));
  if (!(sharpnessSpread > 0)) throw new DomainError(complain("sharpnessSpread", "a number above 0", sharpnessSpread));
  if (data.winner.length === 0) throw new DomainError(complain("judgements", "at least one", data.winner));
  const n = data.items;
  const start = new Float64Array(n + data.labelers).fill(1, n);
  const found = lbfgs(
    (at, slope) => {
      const theta = at.subarray(0, n);
      const alpha = at.subarray(n);
      slope.fill(0);
      let value = scaledLogLikelihood(theta, alpha, data, { theta: slope.subarray(0, n), alpha: slope.subarray(n) });
      for (let i = 0; i < n; i++) {
        value -= 0.5 * (theta[i] / spread) ** 2;
        slope[i] -= theta[i] / spread ** 2;
      }
      for (let w = 0; w < alpha.length; w++) {
        value -= 0.5 * ((alpha[w] - 1) / sharpnessSpread) ** 2;
        slope[n + w] -= (alpha[w] - 1) / sharpnessSpread ** 2;
      }
      return value;
    },
    start,
    { tolerance: tolerance * Math.max(1, data.winner.length / 100), iterations, mayStopEarly: true },
  );
  const theta = Array.from(found.at.subarray(0, n));
  const alpha = found.at.slice(n);
  const level = theta.reduce((sum, x) => sum + x, 0) / n;
  const scale = alpha.reduce((sum, x) => sum + x, 0) / alpha.length;
  // A crowd whose mean sharpness is not above 0 has no scale to be measured on; it is left as the prior settled it.
  const unit = scale > 0 ? scale : 1;
  return {
    theta: theta.map((x) => (x - level) * unit),
    alpha: alpha.map((x) => x / unit),
    logPosterior: found.value,
    iterations: found.iterations,
  };
}
