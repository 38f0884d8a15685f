import { checkShapes, tf } from "../../tensor/index.js";
import type { LogRatioRange } from "../ppo/clip.js";
import { clippedObjective } from "../ppo/clippedObjective.tensor.js";
import { logRatioLimit } from "./logRatio.js";

/** [B, T] mask * (logpNew - logpOld), 0 where the mask is 0 even if a log-probability is -Infinity there. */
export function maskedLogRatios(logpNew: tf.Tensor, logpOld: tf.Tensor, mask: tf.Tensor): tf.Tensor {
  const difference = tf.sub(logpNew, logpOld);
  return tf.where(mask.toBool(), difference, tf.zerosLike(difference));
}

/** Minus `clippedObjective`, elementwise, advantages of the same shape. */
export function clippedLosses(logRatios: tf.Tensor, advantages: tf.Tensor, range: LogRatioRange): tf.Tensor {
  return clippedObjective(tf.clipByValue(logRatios, -logRatioLimit, logRatioLimit), advantages, range).neg();
}

/** The clipped losses of every token [B, T], 0 where the mask is 0, with the mask as numbers. */
export function clippedTokenLosses(
  logpNew: tf.Tensor,
  logpOld: tf.Tensor,
  advantages: tf.Tensor,
  mask: tf.Tensor,
  range: LogRatioRange,
): { losses: tf.Tensor; weights: tf.Tensor } {
  checkRollout(logpNew, logpOld, advantages, mask);
  const weights = mask.toFloat();
  const everyToken = tf.mul(advantages.expandDims(1), tf.onesLike(weights));
  const losses = clippedLosses(maskedLogRatios(logpNew, logpOld, mask), everyToken, range);
  return { losses: tf.mul(losses, weights), weights };
}

/** @throws ShapeError unless all are [B, T], and advantages [B] */
export function checkRollout(logpNew: tf.Tensor, logpOld: tf.Tensor, advantages: tf.Tensor, mask: tf.Tensor): void {
  checkShapes({
    logpNew: [logpNew, ["B", "T"]],
    logpOld: [logpOld, ["B", "T"]],
    advantages: [advantages, ["B"]],
    mask: [mask, ["B", "T"]],
  });
}
