import { checkShapes, tf } from "../../tensor/index.js";

// A scalar model says one number after every token, [B, T]: values[b, t] has seen tokens 0 .. t. Which
// of them is which critic:

/**
 * Per-token V: [B, T] -> [B, T], shifted by one, so that entry t judges the state in which token t is about to be
 * written (it has seen tokens 0 .. t-1) and stands beside that token's log-probability. 0 where the mask is 0, and in
 * column 0, before which nothing was read.
 * @throws ShapeError if the shapes differ
 */
export function tokenValues(values: tf.Tensor, mask: tf.Tensor): tf.Tensor2D {
  const { B, T } = checkShapes({ values: [values, ["B", "T"]], mask: [mask, ["B", "T"]] });
  return tf.tidy(() => {
    const before = tf.concat([tf.zeros([B, 1]), tf.slice(values as tf.Tensor2D, [0, 0], [B, T - 1])], 1);
    return tf.where(mask.cast("bool"), before, tf.zerosLike(before)) as tf.Tensor2D;
  });
}

/**
 * V(x): [B, T] -> [B], the number after the prompt's last token, before the first token of the completion. 0 for a row
 * without a completion, or whose completion begins in column 0.
 * @throws ShapeError if the shapes differ
 */
export function promptValues(values: tf.Tensor, mask: tf.Tensor): tf.Tensor1D {
  return tf.tidy(() => {
    const shifted = tokenValues(values, mask);
    const kept = mask.toFloat();
    const first = tf.equal(tf.cumsum(kept, 1), 1).toFloat().mul(kept);
    return tf.sum(tf.mul(shifted, first), 1) as tf.Tensor1D;
  });
}

/**
 * Q(x, y): [B, T] -> [B], the number after the completion's last token: it has read prompt and completion. 0 for a
 * row without a completion.
 * @throws ShapeError if the shapes differ
 */
export function sequenceActionValues(values: tf.Tensor, mask: tf.Tensor): tf.Tensor1D {
  checkShapes({ values: [values, ["B", "T"]], mask: [mask, ["B", "T"]] });
  return tf.tidy(() => {
    const kept = mask.toFloat();
    const last = tf
      .equal(tf.cumsum(kept, 1, false, true), 1)
      .toFloat()
      .mul(kept);
    return tf.sum(tf.where(last.cast("bool"), values, tf.zerosLike(values)), 1) as tf.Tensor1D;
  });
}
