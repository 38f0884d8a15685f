import { checkShapes, maskedMean, tf } from "../../tensor/index.js";
import { stopGradient } from "./stopGradient.tensor.js";

/**
 * The critic's loss, token mean of (V_t - R_t)^2 / 2, a scalar in squared units of reward. values, returns, mask
 * [B, T]. The returns are data, also where they hold the critic's own later values (the semi-gradient of TD): with the
 * gradient flowing into both sides, the loss would be smallest for values that are easy to predict from each other, not
 * for the right ones (the "residual gradient"; Sutton and Barto 2018, section 11.5).
 * What stands where the mask is 0 is never looked at. No token at all gives NaN, which a training loop refuses.
 * PPO's version is `clippedValueLoss`. The float64 twin is `valueLossAndGradient`.
 * @throws ShapeError if the shapes differ
 */
export function valueLoss(values: tf.Tensor, returns: tf.Tensor, mask: tf.Tensor): tf.Scalar {
  checkShapes({ values: [values, ["B", "T"]], returns: [returns, ["B", "T"]], mask: [mask, ["B", "T"]] });
  return tf.tidy(() => {
    const error = tf.where(mask.toBool(), tf.sub(values, stopGradient(returns)), tf.zerosLike(values));
    return maskedMean(tf.mul(tf.square(error), 0.5), mask);
  });
}
