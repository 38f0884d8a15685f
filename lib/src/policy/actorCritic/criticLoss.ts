import { checkShapes, tf } from "../../tensor/index.js";
import { countedTokens, tokenMean } from "./maskedTokens.js";
import { stopGradient } from "./stopGradient.js";

/**
 * The critic's loss, mean over tokens of (target - value)^2 / 2, a scalar. values, targets and mask [B, T]. The targets are data, also
 * where they hold the critic's own later values (the semi-gradient of TD): with the gradient flowing into both sides,
 * the loss would be smallest for values that are easy to predict from each other, not for the right ones (the "residual gradient";
 * Sutton and Barto 2018, section 11.5).
 * No token at all gives NaN. Float64 twin: `criticLossAndGradient`.
 * @throws ShapeError if the shapes differ
 */
export function criticLoss(values: tf.Tensor, targets: tf.Tensor, mask: tf.Tensor): tf.Scalar {
  checkShapes({ values: [values, ["B", "T"]], targets: [targets, ["B", "T"]], mask: [mask, ["B", "T"]] });
  return tf.tidy(() => tf.mul(0.5, tokenMean(tf.square(tf.sub(values, stopGradient(targets))), mask)) as tf.Scalar);
}

/**
 * `criticLoss` on plain lists of one length, with d loss / d values.
 * @throws ShapeError if lengths differ; DomainError if no token counts, or one that counts is not finite
 */
export function criticLossAndGradient(
  values: ArrayLike<number>,
  targets: ArrayLike<number>,
  mask: ArrayLike<number>,
): { loss: number; gradient: Float64Array } {
  const places = countedTokens({ values, targets }, mask);
  const gradient = new Float64Array(values.length);
  let loss = 0;
  for (const i of places) {
    const error = values[i] - targets[i];
    loss += (0.5 * error * error) / places.length;
    gradient[i] = error / places.length;
  }
  return { loss, gradient };
}
