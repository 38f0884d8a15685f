import { checkShapes, maskedMean, tf } from "../../tensor/index.js";
import { type ClipOptions, clipRange } from "./clip.js";

/**
 * The share of tokens that take no part in the gradient of `ppoLoss`, because their ratio has left the range on the
 * side their advantage pushes to; a scalar. Without advantages (undefined): the share whose ratio has left the range at
 * all, as many programs report it. All [B, T]. No gradient flows. The float64 twin is `clipShares`.
 * @throws ShapeError if the shapes differ; DomainError unless clip > 0
 */
export function clipFraction(
  logpNew: tf.Tensor,
  logpOld: tf.Tensor,
  advantages: tf.Tensor | undefined,
  mask: tf.Tensor,
  options: ClipOptions = {},
): tf.Scalar {
  const { low, high } = clipRange(options);
  checkShapes({
    logpNew: [logpNew, ["B", "T"]],
    logpOld: [logpOld, ["B", "T"]],
    ...(advantages && { advantages: [advantages, ["B", "T"]] as [tf.Tensor, string[]] }),
    mask: [mask, ["B", "T"]],
  });
  return tf.tidy(() => {
    const logRatio = tf.sub(logpNew, logpOld);
    let above = tf.greater(logRatio, high);
    let below = tf.less(logRatio, low);
    if (advantages !== undefined) {
      above = tf.logicalAnd(above, tf.greater(advantages, 0));
      below = tf.logicalAnd(below, tf.less(advantages, 0));
    }
    return maskedMean(tf.logicalOr(above, below).toFloat(), mask);
  });
}
