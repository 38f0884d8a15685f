import { complaint, DomainError } from "../core/index.js";
import { sigmoid, softplus } from "../numerics/index.js";

// A margin is the learned reward of the chosen answer minus that of the rejected one, in nats. All metrics of a reward
// model on comparisons are functions of its margins; none can see more, since comparisons leave a reward's zero open.

/**
 * The pairwise loss, mean over k of -log sigmoid(margins[k]), in nats: log 2 for a coin, 0 at best. In float64.
 * @throws DomainError if there are no margins or one is NaN
 * @example marginLoss([0, 2]) // 0.4100
 */
export function marginLoss(margins: ArrayLike<number>): number {
  return meanOf(margins, (margin) => softplus(-margin));
}

/**
 * The share of pairs in which the chosen answer has the higher reward; a margin of exactly 0 counts half.
 * @throws as marginLoss
 * @example preferenceAccuracy([1.5, -0.2, 0, 3]) // 0.625
 */
export function preferenceAccuracy(margins: ArrayLike<number>): number {
  return meanOf(margins, (margin) => (margin > 0 ? 1 : margin === 0 ? 0.5 : 0));
}

/** The mean margin, in nats. @throws as marginLoss */
export function meanMargin(margins: ArrayLike<number>): number {
  return meanOf(margins, (margin) => margin);
}

/**
 * The noise ceiling of labelers who answer by sigmoid(difference), which no model can beat: `differences` are true
 * utilities, first minus second, in nats over the judge's temperature. The best accuracy is the mean of max(p, 1 - p),
 * the least loss the mean entropy of the answers.
 * @throws as marginLoss
 * @example noiseCeiling([Math.log(3), -Math.log(3)]) // { accuracy: 0.75, loss: 0.5623 }
 */
export function noiseCeiling(differences: ArrayLike<number>): { accuracy: number; loss: number } {
  return {
    accuracy: meanOf(differences, (d) => sigmoid(Math.abs(d))),
    // H(sigmoid(d)) = p softplus(-d) + (1 - p) softplus(d)
    loss: meanOf(differences, (d) => sigmoid(d) * softplus(-d) + sigmoid(-d) * softplus(d)),
  };
}

function meanOf(values: ArrayLike<number>, f: (value: number) => number): number {
  if (values.length === 0) throw new DomainError(complaint("margins", "at least one number", values));
  let sum = 0;
  for (let k = 0; k < values.length; k++) {
    if (Number.isNaN(values[k])) throw new DomainError(complaint(`margins[${k}]`, "a number", values[k]));
    sum += f(values[k]);
  }
  return sum / values.length;
}
