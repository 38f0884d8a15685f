import { complain, DomainError, ShapeError } from "../../core/index.js";
import { logSoftmax } from "../../numerics/index.js";
import { checkShapes, maskedMean, tf, withGradient } from "../../tensor/index.js";
import { countTokens } from "../checkMask.js";

/**
 * The entropy of the policy, token mean of -sum_v p_v log p_v in nats, a scalar to be *maximised*: loss - coefficient * bonus.
 * logits [B, T, V], mask [B, T]. A logit of -Infinity (a token that is never written) adds nothing, also not to the gradient,
 * d/d logit_v = -p_v (log p_v + H). What stands where the mask is 0 is never looked at.
 * (`categoricalEntropy` is the same without mean and mask.) The float64 twin is `entropyBonusAndGradient`.
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

/**
 * `entropyBonus` in float64: logits, one list [V] per token, and d bonus / d logits.
 * @throws ShapeError if the lengths differ; DomainError for logits of NaN or Infinity or all -Infinity, or a mask of other numbers
 *   than 0 and 1 or without any 1
 */
export function entropyBonusAndGradient(
  logits: readonly ArrayLike<number>[],
  mask: ArrayLike<number>,
): { bonus: number; gradient: Float64Array[] } {
  const tokens = countTokens(mask, logits.length);
  const V = logits.length > 0 ? logits[0].length : 0;
  let bonus = 0;
  const gradient = logits.map((row, i) => {
    if (row.length !== V) throw new ShapeError(complain(`logits[${i}]`, `${V} numbers`, row));
    if (mask[i] === 0) return new Float64Array(V);
    const logp = logSoftmax(row);
    if (logp.length === 0 || logp.some(Number.isNaN)) {
      throw new DomainError(complain(`logits[${i}]`, "logits, at least one of them finite", row));
    }
    const surprise = logp.map((log) => (log === Number.NEGATIVE_INFINITY ? 0 : Math.exp(log) * log));
    const h = -surprise.reduce((a, b) => a + b, 0);
    bonus += h / tokens;
    return Float64Array.from(surprise, (s, v) => -(s + Math.exp(logp[v]) * h) / tokens);
  });
  return { bonus, gradient };
}
