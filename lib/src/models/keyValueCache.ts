import { tf } from "../tensor/index.js";
import { causalMask, mergeHeads, paddingMask, projectHeads } from "./attention.js";
import { mlp } from "./block.js";
import type { TransformerConfig } from "./config.js";
import { type FoldedParams, unitNorm } from "./folded.js";
import { linear } from "./linear.js";
import { embed } from "./transformer.js";

/** Keys and values of every layer so far, each [B, H, t, D/H]: all that later tokens need of earlier ones. */
export type KeyValueCache = { k: tf.Tensor4D; v: tf.Tensor4D }[];

/** What a step leaves: the logits of the token that follows the last column, [B, V], and the cache. */
export type CachedStep = { logits: tf.Tensor2D; cache: KeyValueCache };

/** Reads prompts: tokens [B, P] int32, and the column of each row's first token, [B] int32, where rows are padded on the left. */
export function readPrompts(
  config: TransformerConfig,
  params: FoldedParams,
  tokens: tf.Tensor2D,
  starts?: tf.Tensor,
): CachedStep {
  return forward(config, params, embed(params, tokens, starts), [], causalMask(tokens.shape[1], starts));
}

/** Reads one more token of every row, [B], that stands in column `column`. */
export function readToken(
  config: TransformerConfig,
  params: FoldedParams,
  token: tf.Tensor,
  column: number,
  cache: KeyValueCache,
  starts?: tf.Tensor,
): CachedStep {
  const position =
    starts === undefined
      ? params.positions.slice([column, 0], [1, config.width])
      : tf.gather(params.positions, tf.sub(tf.scalar(column, "int32"), starts));
  const x = tf.add(tf.gather(params.tokens, token as tf.Tensor1D), position).expandDims(1) as tf.Tensor3D;
  // Everything in the cache came earlier; only padding is hidden.
  return forward(config, params, x, cache, starts && paddingMask(column + 1, starts));
}

/** The blocks over new columns x [B, T, D], after what the cache holds, and the head over the last column. */
function forward(
  { layers, heads, epsilon }: TransformerConfig,
  params: FoldedParams,
  x: tf.Tensor3D,
  before: KeyValueCache,
  visible?: tf.Tensor,
): CachedStep {
  const cache: KeyValueCache = [];
  params.blocks.forEach((block, layer) => {
    let { q, k, v } = projectHeads(block.attention, unitNorm(x, epsilon), heads);
    const old = before[layer];
    if (old !== undefined) [k, v] = [tf.concat([old.k, k], 2), tf.concat([old.v, v], 2)] as [tf.Tensor4D, tf.Tensor4D];
    cache.push({ k, v });
    // Of the last layer only keys, values and the last column are wanted.
    if (layer === layers - 1) [x, q, visible] = [lastAlong(1, x), lastAlong(2, q), visible && lastAlong(2, visible)];
    x = x.add(mergeHeads(block.attention, attend(q, k, v, visible)));
    x = x.add(mlp(block.mlp, unitNorm(x, epsilon)));
  });
  const last = unitNorm(x, epsilon).reshape([x.shape[0], x.shape[2]]);
  return { logits: linear(params.head, last) as tf.Tensor2D, cache };
}

/** softmax(q k^T + visible) v, where q is scaled already. */
function attend(q: tf.Tensor4D, k: tf.Tensor4D, v: tf.Tensor4D, visible?: tf.Tensor): tf.Tensor4D {
  const scores = tf.matMul(q, k, false, true);
  return tf.matMul(tf.softmax(visible === undefined ? scores : tf.add(scores, visible)), v) as tf.Tensor4D;
}

/** The last entry along an axis, which is kept. */
function lastAlong<T extends tf.Tensor>(axis: number, t: T): T {
  const size = t.shape[axis];
  if (size === 1) return t;
  const begin = t.shape.map((_, i) => (i === axis ? size - 1 : 0));
  const shape = t.shape.map((length, i) => (i === axis ? 1 : length));
  return t.slice(begin, shape) as T;
}
