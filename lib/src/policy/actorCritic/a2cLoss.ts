import { checkShapes, tf } from "../../tensor/index.js";
import { countedTokens, tokenMean } from "./maskedTokens.js";
import { stopGradient } from "./stopGradient.js";

/**
 * The actor's loss of advantage actor-critic, -mean over tokens of advantage * logpNew, a scalar. logpNew, advantages and mask [B, T],
 * log-probabilities in nats of the tokens drawn; mask 1 on completion tokens. The advantages are data: should they hold a critic,
 * no gradient flows into it from here. Its gradient in the policy, with the sign turned, estimates the policy gradient (divided by the
 * mean length of a row). Mnih et al. 2016, arXiv:1602.01783; there with n-step advantages (`nStepReturns` minus values).
 * No token at all gives NaN, which a training loop refuses. Float64 twin: `a2cLossAndGradient`.
 * @throws ShapeError if the shapes differ
 */
export function a2cLoss(logpNew: tf.Tensor, advantages: tf.Tensor, mask: tf.Tensor): tf.Scalar {
  checkShapes({ logpNew: [logpNew, ["B", "T"]], advantages: [advantages, ["B", "T"]], mask: [mask, ["B", "T"]] });
  return tf.tidy(() => tokenMean(tf.mul(logpNew, stopGradient(advantages)), mask).neg() as tf.Scalar);
}

/**
 * `a2cLoss` on plain lists of one length, with d loss / d logp.
 * @throws ShapeError if lengths differ; DomainError if no token counts, or one that counts is not finite
 */
export function a2cLossAndGradient(
  logpNew: ArrayLike<number>,
  advantages: ArrayLike<number>,
  mask: ArrayLike<number>,
): { loss: number; gradient: Float64Array } {
  const places = countedTokens({ logpNew, advantages }, mask);
  const gradient = new Float64Array(logpNew.length);
  let loss = 0;
  for (const i of places) {
    loss -= (advantages[i] * logpNew[i]) / places.length;
    gradient[i] = -advantages[i] / places.length;
  }
  return { loss, gradient };
}
