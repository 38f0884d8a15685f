import { complaint, DomainError } from "../../core/index.js";
import { checkShapes, tf } from "../../tensor/index.js";

/**
 * The loss whose gradient is minus the REINFORCE estimate (Williams 1992), a scalar:
 *
 *   -(1/B) sum_b sum_t mask[b, t] advantages[b, t] logpNew[b, t]
 *
 * logpNew [B, T] in nats, of the tokens that were drawn; advantages [B, T], what is credited to each of them (the
 * reward of the whole reply, less a baseline, in the simplest case the same number along the row); mask [B, T], 1 on
 * completion tokens. Summed over tokens, averaged over rows: a row without completion tokens adds 0 and is counted. Its
 * value says nothing; its gradient is the estimate. Advantages are data: compute them outside of the gradient, or it
 * flows into the critic too. What the mask leaves out is never read, be it -Infinity; -Infinity under the mask gives a
 * loss that is not finite.
 * @throws ShapeError if the shapes differ; DomainError without rows
 */
export function reinforceLoss(logpNew: tf.Tensor, advantages: tf.Tensor, mask: tf.Tensor): tf.Scalar {
  const { B } = checkShapes({
    logpNew: [logpNew, ["B", "T"]],
    advantages: [advantages, ["B", "T"]],
    mask: [mask, ["B", "T"]],
  });
  if (B === 0) throw new DomainError(complaint("logpNew", "at least one row", logpNew.shape));
  return tf.tidy(() => {
    const drawn = tf.where(tf.greater(mask, 0), tf.mul(advantages, logpNew), tf.zerosLike(logpNew));
    return tf.mul(tf.sum(drawn), -1 / B) as tf.Scalar;
  });
}
