import { dropout, gelu, layerNorm, type tf } from "../tensor/index.js";
import { type AttentionParams, afterColumn, attention } from "./attention.js";
import { type LinearParams, linear } from "./linear.js";

export type NormParams = { gain: tf.Tensor; bias: tf.Tensor };

/** Two linear maps with GELU between: `up` [D, 4D], `down` [4D, D]. */
export type MlpParams = { up: LinearParams; down: LinearParams };

export type BlockParams = {
  attentionNorm: NormParams;
  attention: AttentionParams;
  mlpNorm: NormParams;
  mlp: MlpParams;
};

/** Dropout masks of one block: on the attention weights [B, H, T, T] and on what each half adds [B, T, D]. */
export type BlockDropout = { weights: tf.Tensor; attention: tf.Tensor; mlp: tf.Tensor };

/** down(gelu(up(x))) at every position: [B, T, D] -> [B, T, D]. */
export function mlp(params: MlpParams, x: tf.Tensor3D): tf.Tensor3D {
  const [B, T, D] = x.shape;
  return linear(params.down, gelu(linear(params.up, x.reshape([B * T, D])))).reshape([B, T, D]) as tf.Tensor3D;
}

/** Layer norm with its gain and bias, over the last axis. */
export function norm(params: NormParams, x: tf.Tensor, epsilon: number): tf.Tensor3D {
  return layerNorm(x, params.gain, params.bias, epsilon) as tf.Tensor3D;
}

/**
 * A pre-norm block: x + attention(norm(x)), then x + mlp(norm(x)): [B, T, D] -> [B, T, D]; of columns `from` on alone
 * [B, T - from, D].
 */
export function block(
  params: BlockParams,
  x: tf.Tensor3D,
  options: { heads: number; epsilon: number; visible: tf.Tensor; dropout?: BlockDropout; from?: number },
): tf.Tensor3D {
  const { heads, epsilon, visible, dropout: masks, from = 0 } = options;
  const later = <T extends tf.Tensor>(t: T, axis = 1) => afterColumn(t, axis, from);
  const mixed = attention(
    params.attention,
    norm(params.attentionNorm, x, epsilon),
    heads,
    later(visible, 2),
    masks && later(masks.weights, 2),
    from,
  );
  const middle = later(x).add(masks === undefined ? mixed : dropout(mixed, later(masks.attention))) as tf.Tensor3D;
  const thought = mlp(params.mlp, norm(params.mlpNorm, middle, epsilon));
  return middle.add(masks === undefined ? thought : dropout(thought, later(masks.mlp))) as tf.Tensor3D;
}
