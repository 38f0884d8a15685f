import { checkShapes, maskedMean, tf } from "../../tensor/index.js";

/**
 * KL(old || new) per token, estimated from the tokens that the old policy drew: token means of
 * k1 = logpOld - logpNew and k3 = ratio - 1 - log ratio. Both are unbiased; k3 is never negative and usually less
 * noisy. Two scalars in nats. logpNew, logpOld, mask [B, T]. The float64 twin is `approxKlEstimates`.
 * @throws ShapeError if the shapes differ
 */
export function approxKl(logpNew: tf.Tensor, logpOld: tf.Tensor, mask: tf.Tensor): { k1: tf.Scalar; k3: tf.Scalar } {
  checkShapes({ logpNew: [logpNew, ["B", "T"]], logpOld: [logpOld, ["B", "T"]], mask: [mask, ["B", "T"]] });
  return tf.tidy(() => {
    const logRatio = tf.where(mask.toBool(), tf.sub(logpNew, logpOld), tf.zerosLike(logpNew));
    const k1 = tf.neg(maskedMean(logRatio, mask)) as tf.Scalar;
    return { k1, k3: maskedMean(tf.sub(tf.expm1(logRatio), logRatio), mask) };
  });
}
