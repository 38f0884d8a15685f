import { checkShapes } from "./checks.js";
import { tf } from "./tf.js";
import { withGradient } from "./withGradient.js";

/**
 * Layer norm over the last axis: gain * (x - mean) / sqrt(variance + epsilon) + bias, with the biased variance.
 * x [..., D], gain [D], bias [D] -> [..., D]. The gradient is written out, which halves the ops of differentiating this:
 * with n = (x - mean) / deviation and g = dy * gain, dx = (g - mean(g) - n mean(g n)) / deviation.
 * Ba, Kiros and Hinton 2016, arXiv:1607.06450.
 * @throws ShapeError if gain or bias is not [D]
 */
export function layerNorm(x: tf.Tensor, gain: tf.Tensor, bias: tf.Tensor, epsilon = 1e-5): tf.Tensor {
  const { D } = checkShapes({ x: [x, ["...", "D"]], gain: [gain, ["D"]], bias: [bias, ["D"]] });
  const y = withGradient(
    [x.reshape([-1, D]), gain, bias],
    (x, gain, bias) => {
      const centred = tf.sub(x, tf.mean(x, -1, true));
      const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), epsilon));
      const n = tf.mul(centred, inverse);
      return [tf.add(tf.mul(n, gain), bias), n, inverse];
    },
    (dy, [, n, inverse], [, gain]) => {
      const g = tf.mul(dy, gain);
      const along = tf.mean(tf.mul(g, n), -1, true);
      const dx = tf.mul(tf.sub(tf.sub(g, tf.mean(g, -1, true)), tf.mul(n, along)), inverse);
      return [dx, tf.sum(tf.mul(dy, n), 0), tf.sum(dy, 0)];
    },
  );
  return y.reshape(x.shape);
}
