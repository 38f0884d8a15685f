import { typeAttribute } from "./binding.js";
import { matMul2D } from "./matMul2D.js";
import { nativeBackend } from "./native.js";
import { tf } from "./tf.js";

/** Up to how many columns a product with a triangle of ones is quicker than TensorFlow's running sum; measured. */
const FEW = 256;

/**
 * Sums of every row up to each column, [B, V] -> [B, V]. A product of several rows adds in the same order, one number
 * after the other, and so gives the same bits.
 */
export function runningSums(rows: tf.Tensor2D): tf.Tensor2D {
  const [B, V] = rows.shape;
  if (B === 1 || V > FEW || nativeBackend() === undefined) return tf.cumsum(rows, 1);
  const ones = Float32Array.from({ length: V * V }, (_, i) => (Math.floor(i / V) <= i % V ? 1 : 0));
  return matMul2D(rows, tf.tensor2d(ones, [V, V])) as tf.Tensor2D;
}

/**
 * The first column of each row whose number is above the row's bound: ascending rows [B, V] and bounds [B, 1] -> [B]
 * int32. Where there is none, as in a row of NaN, some column.
 */
export function firstAbove(rows: tf.Tensor2D, bounds: tf.Tensor): tf.Tensor1D {
  const [B, V] = rows.shape;
  const native = nativeBackend();
  if (native === undefined) return tf.argMax(tf.greater(rows, bounds), 1) as tf.Tensor1D; // of all that are, the first
  const attributes = [typeAttribute("T", "float32"), typeAttribute("out_type", "int32")];
  const found = native.executeSingleOutput("UpperBound", attributes, [rows, bounds]);
  return tf.minimum(found, tf.scalar(V - 1, "int32")).reshape([B]) as tf.Tensor1D;
}
