import { dropout, scaledDotProduct, tf } from "../tensor/index.js";
import { type LinearParams, linear } from "./linear.js";

/** Queries, keys and values come from one product with `qkv` [D, 3D]; `out` [D, D] mixes the heads. */
export type AttentionParams = { qkv: LinearParams; out: LinearParams };

/** Queries, keys and values by head, each [B, H, T, D/H]. */
export interface HeadsQKV {
  q: tf.Tensor4D;
  k: tf.Tensor4D;
  v: tf.Tensor4D;
}

/**
 * What a query cannot see gets this added to its score: exp of it is exactly 0, and a row of nothing else is no NaN.
 */
const UNSEEN = -1e9;

/**
 * Causal self-attention with H heads (Vaswani et al. 2017, arXiv:1706.03762): x [B, T, D] -> [B, T, D],
 * out(concat_h softmax(q_h k_h^T / sqrt(D/H) + visible) v_h). `visible` [B or 1, 1, T, T] is 0 where a query may look
 * and -1e9 where not. `weightMask` [B, H, T, T] is dropout on the attention weights. Of columns `from` on alone
 * [B, T - from, D]; then these two have only the rows of their queries.
 */
export function attention(
  params: AttentionParams,
  x: tf.Tensor3D,
  heads: number,
  visible: tf.Tensor,
  weightMask?: tf.Tensor,
  from = 0,
): tf.Tensor3D {
  const { q, k, v } = projectHeads(params, x, heads);
  return mergeHeads(params, attend(afterColumn(q, 2, from), k, v, visible, weightMask));
}

/** What stands from column `from` on along an axis. */
export function afterColumn<T extends tf.Tensor>(t: T, axis: number, from: number): T {
  if (from === 0) return t;
  const begin = t.shape.map((_, i) => (i === axis ? from : 0));
  return t.slice(
    begin,
    t.shape.map((length, i) => length - begin[i]),
  ) as T;
}

/** x [B, T, D] -> queries, keys and values, each [B, H, T, D/H]. */
export function projectHeads(params: AttentionParams, x: tf.Tensor3D, heads: number): HeadsQKV {
  const [B, T, D] = x.shape;
  const qkv = linear(params.qkv, x.reshape([B * T, D])).reshape([B, T, 3, heads, D / heads]);
  const [q, k, v] = tf.unstack(qkv.transpose([2, 0, 3, 1, 4])) as tf.Tensor4D[];
  return { q, k, v };
}

/** softmax(q k^T / sqrt(D/H) + visible) v: [B, H, T, D/H] for q, [B, H, S, D/H] for k and v -> [B, H, T, D/H]. */
export function attend(
  q: tf.Tensor4D,
  k: tf.Tensor4D,
  v: tf.Tensor4D,
  visible?: tf.Tensor,
  weightMask?: tf.Tensor,
): tf.Tensor4D {
  if (weightMask === undefined) return scaledDotProduct(q, k, v, visible) as tf.Tensor4D;
  const scores = tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(q.shape[3]));
  const weights = tf.softmax(visible === undefined ? scores : tf.add(scores, visible));
  return tf.matMul(dropout(weights, weightMask), v) as tf.Tensor4D;
}

/** The heads side by side, then `out`: [B, H, T, D/H] -> [B, T, D]. */
export function mergeHeads(params: AttentionParams, mixed: tf.Tensor4D): tf.Tensor3D {
  const [B, H, T, width] = mixed.shape;
  const rows = mixed.transpose([0, 2, 1, 3]).reshape([B * T, H * width]);
  return linear(params.out, rows).reshape([B, T, H * width]) as tf.Tensor3D;
}

/**
 * Which keys a query may see, as numbers to add to the scores: position t sees positions 0 .. t of its row, and in rows
 * that are padded on the left only from `starts` on. Without starts [1, 1, T, T], with starts [B] int32 [B, 1, T, T].
 */
export function causalMask(length: number, starts?: tf.Tensor): tf.Tensor {
  const values = new Float32Array(length * length);
  for (let t = 0; t < length; t++) values.fill(UNSEEN, t * length + t + 1, (t + 1) * length);
  const causal = tf.tensor(values, [1, 1, length, length]);
  return starts === undefined ? causal : tf.add(causal, paddingMask(length, starts));
}

/** -1e9 on the keys before each row's start, else 0: [B, 1, 1, T]. */
export function paddingMask(length: number, starts: tf.Tensor): tf.Tensor {
  const columns = tf.tensor(
    Int32Array.from({ length }, (_, t) => t),
    [1, length],
    "int32",
  );
  const before = tf.less(columns, starts.reshape([-1, 1])).toFloat();
  return tf.mul(before, UNSEEN).reshape([starts.shape[0] as number, 1, 1, length]);
}
