import { tf } from "../../tensor/index.js";
import type { DpoOptions } from "./dpo.js";
import { checkBeta } from "./margin.js";
import { margins } from "./margin.tensor.js";

/**
 * DPO's loss, mean over b of -log sigmoid(beta h), h = (chosen - refChosen) - (rejected - refRejected).
 * Log-probabilities of completions in nats, summed over their tokens, each [B]; policy first, then reference. Where the
 * policy is the reference it is ln 2. An infinite log-probability makes the loss infinite or NaN, which a training loop
 * refuses. The float64 twin is `dpoLossAndGradient`. Rafailov et al. 2023, arXiv:2305.18290, eq. 7.
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
