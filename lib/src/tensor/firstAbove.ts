import { typeAttribute } from "./binding.js";
import { nativeBackend } from "./native.js";
import { tf } from "./tf.js";

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
