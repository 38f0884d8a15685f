import { checkShapes } from "./checks.js";
import { tf } from "./tf.js";

/**
 * Sum of the values where mask is 1, divided by how many there are: sum(mask * values) / sum(mask), a scalar.
 * values and mask of one shape, mask 0 or 1 (or weights). An empty mask gives NaN, which a training loop refuses.
 * @throws ShapeError if the shapes differ
 */
export function maskedMean(values: tf.Tensor, mask: tf.Tensor): tf.Scalar {
  checkShapes({ values: [values, ["..."]], mask: [mask, ["..."]] });
  const weights = mask.toFloat();
  return tf.div(tf.sum(tf.mul(values, weights)), tf.sum(weights)) as tf.Scalar;
}

/**
 * Sum over the last axis of the values where mask is 1: [..., T] -> [...]. A sequence's
 * log-probability from its tokens'.
 * @throws ShapeError if the shapes differ
 */
export function maskedSum(values: tf.Tensor, mask: tf.Tensor): tf.Tensor {
  checkShapes({ values: [values, ["...", "T"]], mask: [mask, ["...", "T"]] });
  return tf.sum(tf.mul(values, mask.toFloat()), -1);
}

/**
 * Mean over the last axis of the values where mask is 1: [..., T] -> [...].
 * @throws ShapeError if the shapes differ
 */
export function maskedRowMean(values: tf.Tensor, mask: tf.Tensor): tf.Tensor {
  return tf.div(maskedSum(values, mask), tf.sum(mask.toFloat(), -1));
}
