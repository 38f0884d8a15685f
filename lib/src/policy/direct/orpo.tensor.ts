import { checkShapes, tf } from "../../tensor/index.js";
import { checkWeight, type OrpoOptions } from "./orpo.js";

/**
 * ORPO's loss, mean over b of -chosen - weight log sigmoid(logit(chosen) - logit(rejected)): fine-tuning on the chosen
 * completion and a push on the odds, logit(l) = l - log(1 - e^l), in one step and without a reference.
 * Log-probabilities of completions in nats *divided by their numbers of tokens* (`maskedRowMean`), each [B], below 0: a
 * completion that is certain has infinite odds, and its gradient is NaN, which a training loop refuses. The float64
 * twin is `orpoLossAndGradient`. Hong, Lee and Thorne 2024, arXiv:2403.07691, eq. 6 and 7.
 * @throws ShapeError if the shapes differ; DomainError unless weight >= 0
 */
export function orpoLoss(chosen: tf.Tensor, rejected: tf.Tensor, { weight = 0.1 }: OrpoOptions = {}): tf.Scalar {
  checkShapes({ chosen: [chosen, ["B"]], rejected: [rejected, ["B"]] });
  checkWeight(weight);
  return tf.tidy(() => {
    const logOdds = (logp: tf.Tensor) => tf.sub(logp, tf.log(tf.neg(tf.expm1(logp))));
    const odds = tf.softplus(tf.sub(logOdds(rejected), logOdds(chosen)));
    return tf.mean(tf.sub(tf.mul(odds, weight), chosen)) as tf.Scalar;
  });
}
