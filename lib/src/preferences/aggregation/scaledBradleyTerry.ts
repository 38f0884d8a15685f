import { checkLength, checkPositive } from "../../core/checks.js";
import { complaint, ShapeError } from "../../core/index.js";
import { lbfgs, logSigmoid, sigmoid } from "../../numerics/index.js";
import { requireData, weightByKey, weightOfItems } from "../weights.js";
import type { Judgements } from "./judgements.js";
import { inUnitSharpness } from "./unitSharpness.js";

export interface ScaledFit {
  /** Abilities, [items], in nats for a labeler of sharpness 1, sum 0. */
  readonly theta: number[];
  /**
   * Sharpness of each labeler, [labelers]: 0 for one who guesses, below 0 for one who answers
   * backwards. Its mean size is 1.
   */
  readonly alpha: Float64Array;
  /** The log-posterior at the estimate, in nats. */
  readonly logPosterior: number;
  readonly iterations: number;
  /** Whether the climb ended at a maximum rather than with the iterations. */
  readonly converged: boolean;
}

export interface ScaledOptions {
  /** Standard deviation of the Gaussian prior on abilities, in nats. Default 2. */
  spread?: number;
  /** Standard deviation of the Gaussian prior on sharpness around 1. Default 1. */
  sharpnessSpread?: number;
  /**
   * Stop when no slope is larger than this times the weight of the answers that pull at its parameter. Default 1e-7.
   */
  tolerance?: number;
  iterations?: number;
}

/**
 * log P of the judgements, sum over k of weight * log sigmoid(alpha[labeler] (theta[winner] - theta[loser])), in nats:
 * each labeler sees the same differences, at a temperature 1 / alpha of their own. Writes both gradients where asked.
 * @throws ShapeError for another number of abilities or labelers
 */
export function scaledLogLikelihood(
  theta: ArrayLike<number>,
  alpha: ArrayLike<number>,
  data: Judgements,
  gradients?: { theta: Float64Array; alpha: Float64Array },
): number {
  if (theta.length !== data.items) throw new ShapeError(complaint("theta", `${data.items} abilities`, theta));
  checkLength("alpha", alpha, data.labelers);
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
 * The abilities and sharpnesses that are most probable together. Only the products alpha (theta_i - theta_j) show in
 * the answers, so scale and sign are free: theta / c and alpha c explain them alike. The prior (sharpness near 1)
 * settles both, then the mean of |alpha| is made 1 (not that of alpha, which is near 0 where half the crowd answers
 * backwards; which half it is that does, such a crowd does not tell). Not concave: it climbs from equal sharpness,
 * where the problem is plain Bradley-Terry.
 * @throws DomainError for a spread that is not above 0, or no judgements
 */
export function scaledBradleyTerry(data: Judgements, options: ScaledOptions = {}): ScaledFit {
  const { spread = 2, sharpnessSpread = 1, tolerance = 1e-7, iterations = 2000 } = options;
  checkPositive("spread", spread);
  checkPositive("sharpnessSpread", sharpnessSpread);
  requireData("judgements", data);
  const n = data.items;
  const start = new Float64Array(n + data.labelers).fill(1, n);
  const pulls = new Float64Array(start.length);
  weightOfItems(data).forEach((own, i) => {
    pulls[i] = own + 1 / spread ** 2;
  });
  weightByKey(data.labeler, data.weight, data.labelers).forEach((own, w) => {
    pulls[n + w] = own + 1 / sharpnessSpread ** 2;
  });
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
    { tolerance, weight: pulls, iterations, mayStopEarly: true },
  );
  return inUnitSharpness(found, n);
}
