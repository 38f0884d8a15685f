import { complain, DomainError, ShapeError } from "../../core/index.js";
import { tf } from "../../tensor/index.js";

/**
 * Sum where mask is 1, divided by how many there are; NaN for an empty mask, which a training loop refuses. What stands where the mask is
 * 0 is replaced, not multiplied by 0, so that a -Infinity in the padding does no harm.
 */
export function tokenMean(values: tf.Tensor, mask: tf.Tensor): tf.Scalar {
  const kept = tf.where(mask.cast("bool"), values, tf.zerosLike(values));
  return tf.div(tf.sum(kept), tf.sum(mask.toFloat())) as tf.Scalar;
}

/**
 * The places where mask is 1, and how many: for the float64 twins. Lists of one length.
 * @throws ShapeError if lengths differ; DomainError if no token counts, or one that counts is not finite
 */
export function countedTokens(lists: Record<string, ArrayLike<number>>, mask: ArrayLike<number>): number[] {
  const places: number[] = [];
  for (let i = 0; i < mask.length; i++) if (mask[i] !== 0) places.push(i);
  if (places.length === 0) {
    throw new DomainError(complain("mask", "at least one token", mask, "The mean over no token has no value"));
  }
  for (const [name, list] of Object.entries(lists)) {
    if (list.length !== mask.length) throw new ShapeError(complain(name, `${mask.length} numbers, one per mask`, list));
    for (const i of places) {
      if (!Number.isFinite(list[i])) throw new DomainError(complain(`${name}[${i}]`, "a finite number", list[i]));
    }
  }
  return places;
}
