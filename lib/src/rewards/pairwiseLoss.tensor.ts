import { checkShapes, tf } from "../tensor/index.js";

/**
 * The loss of a reward model on comparisons, mean over b of -log sigmoid(chosen[b] - rejected[b]), a scalar in nats:
 * minus the Bradley-Terry log-likelihood (Christiano et al. 2017, arXiv:1706.03741). Rewards of the chosen and the
 * rejected answers, each [B]. As softplus of the negative margin, so that no margin overflows.
 * The float64 twin on plain numbers is `marginLoss`.
 * @throws ShapeError if the shapes differ
 */
export function pairwiseLoss(chosen: tf.Tensor, rejected: tf.Tensor): tf.Scalar {
  checkShapes({ chosen: [chosen, ["B"]], rejected: [rejected, ["B"]] });
  return tf.tidy(() => tf.mean(tf.softplus(tf.sub(rejected, chosen))) as tf.Scalar);
}
