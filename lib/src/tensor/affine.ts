import { typeAttribute } from "./binding.js";
import { checkShapes } from "./checks.js";
import { matMul2D } from "./matMul2D.js";
import { nativeBackend } from "./native.js";
import { tf } from "./tf.js";
import { withGradient } from "./withGradient.js";

/**
 * x weight + bias: x [N, I], weight [I, O], bias [O] -> [N, O]. The gradient is written out:
 * dx = dy weight^T, dweight = x^T dy, dbias = 1^T dy (a product with ones, which is quicker than a sum over rows).
 * @throws ShapeError if the shapes do not fit
 */
export function affine(x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor): tf.Tensor2D {
  checkShapes({ x: [x, ["N", "I"]], weight: [weight, ["I", "O"]], bias: [bias, ["O"]] });
  return withGradient(
    [x, weight, bias],
    (x, weight, bias) => [addBias(matMul2D(x, weight), bias)],
    (dy, _, [x, weight, bias]) => [
      matMul2D(dy, weight, false, true),
      matMul2D(x, dy, true, false),
      matMul2D(tf.ones([1, dy.shape[0]]), dy).reshape(bias.shape),
    ],
  ) as tf.Tensor2D;
}

/**
 * x table^T: x [N, I], table [O, I] -> [N, O], the scores of every row of a table.
 * @throws ShapeError if the shapes do not fit
 */
export function timesTransposed(x: tf.Tensor, table: tf.Tensor): tf.Tensor2D {
  checkShapes({ x: [x, ["N", "I"]], table: [table, ["O", "I"]] });
  return withGradient(
    [x, table],
    (x, table) => [matMul2D(x, table, false, true)],
    (dy, _, [x, table]) => [matMul2D(dy, table), matMul2D(dy, x, true)],
  ) as tf.Tensor2D;
}

/** rows + bias. In a graph TensorFlow makes one op of a product and this one, with the same bits. */
function addBias(rows: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  const native = nativeBackend();
  if (native === undefined) return tf.add(rows, bias);
  return native.executeSingleOutput("BiasAdd", [typeAttribute("T", "float32")], [rows, bias]);
}
