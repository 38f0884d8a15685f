import { checkShapes, maskedMean, tf } from "../../tensor/index.js";

// Penalties from the log-probabilities of drawn tokens, for use as a loss. There is none of k1: its gradient as a loss
// is the score alone, whose mean is 0, whatever the policies are. (k1 in the *reward* is right: there it multiplies the
// score.) Tokens of an older policy must be weighted by new/old first, as `grpoReferenceLoss` does with `logpOld`.

/**
 * k2 as a loss: token mean of (logpNew - logpRef)^2 / 2, a scalar in nats. logpNew, logpRef, mask [B, T]; tokens drawn
 * from `new`.
 * Its gradient, d * grad logpNew, is on average the gradient of KL(new || ref) of each token given its prefix, exactly,
 * although its value is biased. (Per token: the effect of a token on the KL of later ones is left out. With one
 * log-probability per sequence, [B, 1], it is the whole gradient.) Tang and Munos 2025, arXiv:2506.09477; Liu et al.
 * 2025, arXiv:2510.01555. The float64 twin is `klK2PenaltyAndGradient`.
 * @throws ShapeError if the shapes differ
 */
export function klK2Penalty(logpNew: tf.Tensor, logpRef: tf.Tensor, mask: tf.Tensor): tf.Scalar {
  return tf.tidy(() => {
    const d = maskedDifference(logpNew, logpRef, mask);
    return maskedMean(tf.mul(tf.square(d), 0.5), mask);
  });
}

/**
 * k3 as a loss, as in GRPO (Shao et al. 2024, arXiv:2402.03300): token mean of exp(-d) - 1 + d with
 * d = logpNew - logpRef, a scalar in nats. logpNew, logpRef, mask [B, T]; tokens drawn from `new`. Its value is an
 * unbiased estimate of KL(new || ref), but its gradient, (1 - ref/new) grad logpNew, is on average that of the other
 * direction, KL(ref || new): the same to first order while the two are close, and much larger where ref would write
 * what new hardly does. The float64 twin is `klK3PenaltyAndGradient`.
 * @throws ShapeError if the shapes differ
 */
export function klK3Penalty(logpNew: tf.Tensor, logpRef: tf.Tensor, mask: tf.Tensor): tf.Scalar {
  return tf.tidy(() => {
    const d = maskedDifference(logpNew, logpRef, mask);
    return maskedMean(tf.add(tf.expm1(tf.neg(d)), d), mask);
  });
}

/** logpNew - logpRef where mask is 1 and 0 elsewhere, whatever stands there. */
function maskedDifference(logpNew: tf.Tensor, logpRef: tf.Tensor, mask: tf.Tensor): tf.Tensor {
  checkShapes({ logpNew: [logpNew, ["B", "T"]], logpRef: [logpRef, ["B", "T"]], mask: [mask, ["B", "T"]] });
  return tf.where(mask.toBool(), tf.sub(logpNew, logpRef), tf.zerosLike(logpNew));
}
