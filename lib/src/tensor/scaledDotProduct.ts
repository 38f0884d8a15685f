import { checkShapes } from "./checks.js";
import { tf } from "./tf.js";
import { withGradient } from "./withGradient.js";

/**
 * softmax(q k^T / sqrt(E) + visible) v: q [..., T, E], k [..., S, E], v [..., S, E] -> [..., T, E]. `visible`
 * is added to the scores, 0 where a query may look and very negative where not; it broadcasts against
 * [..., T, S] and gets no gradient.
 *
 * The gradient is written out, so that of the [T, S] matrices only the weights are kept (a third of the memory). With
 * weights w, output o and g = dy: dv = w^T g; ds = w * (g v^T - sum_e g o), as in Dao et al. 2022, arXiv:2205.14135;
 * dq = ds k / sqrt(E); dk = ds^T q / sqrt(E).
 * @throws ShapeError if the shapes do not fit
 */
export function scaledDotProduct(q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, visible?: tf.Tensor): tf.Tensor {
  checkShapes({ q: [q, ["...", "T", "E"]], k: [k, ["...", "S", "E"]], v: [v, ["...", "S", "E"]] });
  const scale = 1 / Math.sqrt(q.shape[q.rank - 1]);
  return withGradient(
    [q, k, v],
    (q, k, v) => {
      const scaled = tf.mul(q, scale); // the queries have fewer numbers than the scores
      const scores = tf.matMul(scaled, k, false, true);
      const weights = tf.softmax(visible === undefined ? scores : tf.add(scores, visible));
      return [tf.matMul(weights, v), weights, scaled];
    },
    (dy, [out, weights, scaled], [, k, v]) => {
      const along = tf.sum(tf.mul(dy, out), -1, true);
      const slope = tf.mul(weights, tf.sub(tf.matMul(dy, v, false, true), along));
      return [tf.mul(tf.matMul(slope, k), scale), tf.matMul(slope, scaled, true), tf.matMul(weights, dy, true)];
    },
  );
}
