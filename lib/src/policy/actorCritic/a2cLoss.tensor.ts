import { checkShapes, maskedMean, tf } from "../../tensor/index.js";
import { stopGradient } from "./stopGradient.tensor.js";

/**
 * The actor's loss of advantage actor-critic, -mean over tokens of advantage * logpNew, a scalar. logpNew, advantages
 * and mask [B, T], log-probabilities in nats of the tokens drawn; mask 1 on completion tokens. The advantages are data:
 * should they hold a critic, no gradient flows into it from here. Its gradient in the policy, with the sign turned,
 * estimates the policy gradient (divided by the mean length of a row). Mnih et al. 2016, arXiv:1602.01783; there with
 * n-step advantages (`nStepReturns` minus values). No token at all gives NaN, which a training loop refuses. Float64
 * twin: `a2cLossAndGradient`.
 * @throws ShapeError if the shapes differ
 */
export function a2cLoss(logpNew: tf.Tensor, advantages: tf.Tensor, mask: tf.Tensor): tf.Scalar {
  checkShapes({ logpNew: [logpNew, ["B", "T"]], advantages: [advantages, ["B", "T"]], mask: [mask, ["B", "T"]] });
  return tf.tidy(() => {
    const gains = tf.mul(logpNew, stopGradient(advantages));
    return maskedMean(tf.where(mask.toBool(), gains, tf.zerosLike(gains)), mask).neg() as tf.Scalar;
  });
}
