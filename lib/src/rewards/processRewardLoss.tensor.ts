import { checkShapes, maskedMean, tf } from "../tensor/index.js";

/**
 * The loss of a process reward model on labelled steps: the cross-entropy of "this reply will end well", mean over
 * the steps where mask is 1 of -(y log p + (1 - y) log(1 - p)) with p = sigmoid(logit), in nats, a scalar; computed
 * as softplus(logit) - y logit, so that no logit overflows. logits, labels in [0, 1] and mask, each [B, T]: after
 * token t the model has seen tokens 0 .. t, and the label says how replies end that begin so, by a person's mark
 * (Lightman et al. 2023, arXiv:2305.20050; Uesato et al. 2022, arXiv:2211.14275) or as the share of rollouts that
 * ended well (`rolloutLabels`). A mask of ones at last tokens only makes it the loss of an outcome reward model. The
 * loss is least, but not 0, where p is the label. An empty mask gives NaN, which a training loop refuses. The float64
 * twin is `processRewardLossAndGradient`.
 * @throws ShapeError if the shapes differ
 */
export function processRewardLoss(logits: tf.Tensor, labels: tf.Tensor, mask: tf.Tensor): tf.Scalar {
  const shape = ["B", "T"];
  checkShapes({ logits: [logits, shape], labels: [labels, shape], mask: [mask, shape] });
  return tf.tidy(() => maskedMean(tf.sub(tf.softplus(logits), tf.mul(labels, logits)), mask));
}
