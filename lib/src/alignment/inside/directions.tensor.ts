import { tf } from "../../tensor/index.js";

/**
 * `ablateDirection` for a stream x [..., D] and a direction [D], on tensors: an edit of `transformer.trace`.
 */
export function projectOut(x: tf.Tensor, direction: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const unit = tf.div(direction, tf.norm(direction));
    return tf.sub(x, tf.mul(tf.sum(tf.mul(x, unit), -1, true), unit));
  });
}

/**
 * Some positions of one stream written into another, the rest left: x and from [B, T, D], `at` [B or 1, T] of 1 where
 * `from` is taken, else 0. An edit of `transformer.trace`: activation patching.
 */
export function patchPositions(x: tf.Tensor, from: tf.Tensor, at: tf.Tensor): tf.Tensor3D {
  return tf.tidy(() => tf.where(tf.mul(tf.onesLike(x), at.expandDims(-1)).toBool(), from, x) as tf.Tensor3D);
}
