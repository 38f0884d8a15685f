import { checkShapes, maskedMean, tf, withGradient } from "../../tensor/index.js";

/**
 * The entropy of the policy, token mean of -sum_v p_v log p_v in nats, a scalar to be *maximised*:
 * loss - coefficient * bonus. logits [B, T, V], mask [B, T]. A logit of -Infinity (a token that is never written) adds
 * nothing, also not to the gradient, d/d logit_v = -p_v (log p_v + H). What stands where the mask is 0 is never looked
 * at. (`categoricalEntropy` is the same without mean and mask.) The float64 twin is `entropyBonusAndGradient`.
 * @throws ShapeError if the shapes differ
 */
export function entropyBonus(logits: tf.Tensor, mask: tf.Tensor): tf.Scalar {
  checkShapes({ logits: [logits, ["B", "T", "V"]], mask: [mask, ["B", "T"]] });
  return tf.tidy(() => {
    const kept = tf.where(mask.toBool().expandDims(-1), logits, tf.zerosLike(logits));
    const entropy = withGradient(
      [kept],
      (z) => {
        const logp = tf.logSoftmax(z);
        const p = tf.exp(logp);
        const surprise = tf.where(tf.greater(p, 0), tf.mul(p, logp), tf.zerosLike(p));
        return [tf.neg(tf.sum(surprise, -1)), surprise, p];
      },
      (dy, [h, surprise, p]) => [tf.neg(tf.mul(dy.expandDims(-1), tf.add(surprise, tf.mul(p, h.expandDims(-1)))))],
    );
    return maskedMean(entropy, mask);
  });
}
