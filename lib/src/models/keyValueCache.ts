import { tf } from "../tensor/index.js";
import { causalMask, mergeHeads, projectHeads } from "./attention.js";
import type { TransformerConfig } from "./config.js";
import { type FoldedParams, foldedMlp, unitNorm } from "./folded.js";
import { embed } from "./layers.js";
import { linear } from "./linear.js";

/** Keys and values of every layer so far, each [B, H, t, D/H]: all that later tokens need of earlier ones. */
export type KeyValueCache = tf.Tensor[];

/** What a step leaves: the logits of the token that follows the last column, [B, V], and the cache. */
export type CachedStep = { logits: tf.Tensor2D; cache: KeyValueCache };

/**
 * Reads prompts: tokens [B, P] int32, and the column of each row's first token, [B] int32, where
 * rows are padded on the left.
 */
export function readPrompts(
  { layers, heads, epsilon }: TransformerConfig,
  params: FoldedParams,
  tokens: tf.Tensor2D,
  starts?: tf.Tensor,
): CachedStep {
  const [B, P] = tokens.shape;
  const visible = causalMask(P, starts);
  const cache: KeyValueCache = [];
  let x = embed(params, tokens, starts);
  const D = x.shape[2];
  const rows = (t: tf.Tensor) => t.reshape([-1, D]) as tf.Tensor2D;
  params.blocks.forEach((block, layer) => {
    let { q, k, v } = projectHeads(block.attention, unitNorm(x, epsilon), heads);
    cache.push(tf.stack([k, v]));
    let seen = visible;
    // Of the last layer only keys, values and the last column are wanted.
    if (layer === layers - 1) [x, q, seen] = [lastAlong(1, x), lastAlong(2, q), lastAlong(2, seen)];
    x = x.add(mergeHeads(block.attention, attend(q, k, v, seen)));
    x = x.add(foldedMlp(block.mlp, unitNorm(rows(x), epsilon)).reshape(x.shape));
  });
  return { logits: linear(params.head, unitNorm(x.reshape([B, D]), epsilon)) as tf.Tensor2D, cache };
}

/**
 * Reads one more token of every row, [B]. `position` [B or 1, D] is its position's embedding, `visible`
 * what to add to its scores.
 */
export function readToken(
  { width, heads, epsilon }: TransformerConfig,
  params: FoldedParams,
  token: tf.Tensor,
  position: tf.Tensor2D,
  before: KeyValueCache,
  visible?: tf.Tensor,
): CachedStep {
  const cache: KeyValueCache = [];
  let x: tf.Tensor2D = tf.add(tf.gather(params.tokens, token as tf.Tensor1D), position);
  params.blocks.forEach((block, layer) => {
    // One token of each row: heads are side by side in memory, so no transposing.
    const qkv = linear(block.attention.qkv, unitNorm(x, epsilon)).reshape([-1, 3, width]).transpose([1, 0, 2]);
    const [q, kv] = tf.split(qkv.reshape([3, -1, heads, 1, width / heads]), [1, 2]);
    const both = tf.concat([before[layer], kv], 3);
    cache.push(both);
    const [keys, values] = tf.unstack(both) as tf.Tensor4D[];
    x = x.add(
      linear(
        block.attention.out,
        attend(q.reshape([-1, heads, 1, width / heads]) as tf.Tensor4D, keys, values, visible).reshape([-1, width]),
      ),
    );
    x = x.add(foldedMlp(block.mlp, unitNorm(x, epsilon)));
  });
  return { logits: linear(params.head, unitNorm(x, epsilon)) as tf.Tensor2D, cache };
}

/** The embeddings of columns begin .. end - 1, one list entry for each, [1, D]; with starts [B, D]. */
export function columnPositions(params: FoldedParams, begin: number, end: number, starts?: tf.Tensor): tf.Tensor2D[] {
  const columns = Array.from({ length: end - begin }, (_, i) => begin + i);
  if (starts !== undefined) {
    return columns.map((column) => {
      return tf.gather(params.positions, tf.sub(tf.scalar(column, "int32"), starts)) as tf.Tensor2D;
    });
  }
  const width = params.positions.shape[1] as number;
  return tf.split(params.positions.slice([begin, 0], [end - begin, width]), end - begin) as tf.Tensor2D[];
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
