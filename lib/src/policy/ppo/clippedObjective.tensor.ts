import { checkShapes, tf, withGradient } from "../../tensor/index.js";
import type { LogRatioRange } from "./clip.js";

/**
 * PPO's clipped objective of each token (or sequence), elementwise:
 *
 *   min(ratio A, clip(ratio, 1 - eps, 1 + eps) A),    ratio = exp(logRatio),
 *
 * with `low` = log(1 - eps) and `high` = log(1 + eps). Schulman et al. 2017, arXiv:1707.06347, eq. 7.
 * The ratio is cut before it is exponentiated: what the clip makes irrelevant cannot overflow, also not in the
 * gradient, where tf.minimum would multiply 0 by Infinity. What is left may: for A < 0 a ratio of exp(100) is a real
 * loss of that size. Only `logRatio` is differentiated; advantages are data. At the edge itself the gradient flows.
 * @throws ShapeError if the shapes differ
 */
export function clippedObjective(logRatio: tf.Tensor, advantages: tf.Tensor, { low, high }: LogRatioRange): tf.Tensor {
  checkShapes({ logRatio: [logRatio, ["..."]], advantages: [advantages, ["..."]] });
  return withGradient(
    [logRatio],
    (x) => {
      const up = tf.greaterEqual(advantages, 0);
      const cut = tf.where(up, tf.minimum(x, high), tf.maximum(x, low));
      return [tf.mul(advantages, tf.exp(cut)), tf.equal(cut, x)];
    },
    // d (A ratio) / d logRatio = A ratio, where nothing was cut.
    (dy, [objective, whole]) => [tf.mul(dy, tf.where(whole, objective, tf.zerosLike(objective)))],
  );
}
