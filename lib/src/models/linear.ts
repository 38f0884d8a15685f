import { affine, type tf } from "../tensor/index.js";

/** weight [in, out] and bias [out]: GPT-2's orientation (its "Conv1D"), the transpose of PyTorch's Linear. */
export type LinearParams = { weight: tf.Tensor; bias: tf.Tensor };

/** x weight + bias: [N, in] -> [N, out]. */
export function linear(params: LinearParams, x: tf.Tensor): tf.Tensor {
  return affine(x, params.weight, params.bias);
}
