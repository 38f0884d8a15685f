import { sigmoid, softplus } from "../../numerics/index.js";
import { tf } from "../../tensor/index.js";
import { checkBeta, type LossAndPairGradient, type MarginLoss, margins, meanOverPairs } from "./margin.js";

export interface DpoOptions {
  /** beta, nats of reward for a nat of log-ratio; default 0.1. Small: the policy may go far from the reference. */
  readonly beta?: number;
}

/**
 * DPO's loss, mean over b of -log sigmoid(beta h), h = (chosen - refChosen) - (rejected - refRejected). Log-probabilities of
 * completions in nats, summed over their tokens, each [B]; policy first, then reference. Where the policy is the reference it
 * is ln 2. An infinite log-probability makes the loss infinite or NaN, which a training loop refuses. The float64 twin is
 * `dpoLossAndGradient`. Rafailov et al. 2023, arXiv:2305.18290, eq. 7.
 * @throws ShapeError if the shapes differ; DomainError unless beta > 0
 */
export function dpoLoss(
  chosen: tf.Tensor,
  rejected: tf.Tensor,
  refChosen: tf.Tensor,
  refRejected: tf.Tensor,
  { beta = 0.1 }: DpoOptions = {},
): tf.Scalar {
  checkBeta(beta);
  return tf.tidy(() => {
    const h = margins(chosen, rejected, refChosen, refRejected);
    return tf.mean(tf.softplus(tf.mul(h, -beta))) as tf.Scalar;
  });
}

/** -log sigmoid(beta h) of one margin h, and its slope. @throws DomainError unless beta > 0 */
export function dpoOfMargin(margin: number, { beta = 0.1 }: DpoOptions = {}): MarginLoss {
  checkBeta(beta);
  return { loss: softplus(-beta * margin), slope: -beta * sigmoid(-beta * margin) };
}

/**
 * `dpoLoss` in float64 on plain lists, with d loss / d chosen and d loss / d rejected.
 * @throws ShapeError if the lengths differ; DomainError unless beta > 0, for empty lists, or for a log-probability that is
 *   not finite
 */
export function dpoLossAndGradient(
  chosen: ArrayLike<number>,
  rejected: ArrayLike<number>,
  refChosen: ArrayLike<number>,
  refRejected: ArrayLike<number>,
  options: DpoOptions = {},
): LossAndPairGradient {
  return meanOverPairs({ chosen, rejected, refChosen, refRejected }, (h) => dpoOfMargin(h, options));
}
