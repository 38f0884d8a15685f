import { complain, ShapeError } from "../../core/index.js";
import { checkShapes, maskedMean, tf } from "../../tensor/index.js";
import { countTokens } from "../checkMask.js";
import { type ClipOptions, clipRange, isClipped } from "./clip.js";

/**
 * The share of tokens that take no part in the gradient of `ppoLoss`, because their ratio has left the range on the side their
 * advantage pushes to; a scalar. Without advantages (undefined): the share whose ratio has left the range at all, as many programs report it.
 * All [B, T]. No gradient flows. The float64 twin is `clipShares`.
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

/**
 * `clipFraction` in float64 on plain arrays, both ways: `clipped` takes no part in the gradient, `outside` has left the range.
 * @throws ShapeError if the lengths differ; DomainError unless clip > 0, and the mask is of 0 and 1 with at least one 1
 */
export function clipShares(
  logpNew: ArrayLike<number>,
  logpOld: ArrayLike<number>,
  advantages: ArrayLike<number>,
  mask: ArrayLike<number>,
  options: ClipOptions = {},
): { clipped: number; outside: number } {
  const range = clipRange(options);
  const n = logpNew.length;
  for (const [name, list] of Object.entries({ logpOld, advantages })) {
    if (list.length !== n) throw new ShapeError(complain(name, `${n} numbers, one per token`, list));
  }
  const tokens = countTokens(mask, n);
  let clipped = 0;
  let outside = 0;
  for (let i = 0; i < n; i++) {
    if (mask[i] === 0) continue;
    const logRatio = logpNew[i] - logpOld[i];
    if (isClipped(logRatio, advantages[i], range)) clipped++;
    if (logRatio > range.high || logRatio < range.low) outside++;
  }
  return { clipped: clipped / tokens, outside: outside / tokens };
}
