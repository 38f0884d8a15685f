import { matMulKernel } from "./kernels.js";
import { nativeBackend } from "./native.js";
import { tf } from "./tf.js";

/**
 * a b for matrices, either of them transposed first. tf.matMul makes three dimensions of them and goes through the
 * batched product; TensorFlow's plain one is a little quicker. No gradient: for use inside `withGradient`.
 */
export function matMul2D(a: tf.Tensor, b: tf.Tensor, transposeA = false, transposeB = false): tf.Tensor {
  const native = nativeBackend();
  if (native === undefined) return tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D, transposeA, transposeB);
  return matMulKernel(native, a, b, transposeA, transposeB);
}
