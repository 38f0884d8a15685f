import { checkShapes } from "./checks.js";
import { matMul2D } from "./matMul2D.js";
import { tf } from "./tf.js";
import { withGradient } from "./withGradient.js";

/**
 * Layer norm over the last axis: gain * (x - mean) / sqrt(variance + epsilon) + bias, with the biased variance.
 * x [..., D], gain [D], bias [D] -> [..., D]. The gradient is written out, which halves the ops of differentiating
 * this: with n = (x - mean) / deviation and g = dy * gain, dx = (g - mean(g) - n mean(g n)) / deviation.
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
      const dyn = tf.mul(dy, n);
      // Means of rows and sums of columns as products: quicker, and dy * gain * n need not be made.
      const share = tf.mul(gain, 1 / D).reshape([D, 1]);
      const ones = tf.ones([1, dy.shape[0]]);
      const sloped = tf.sub(tf.mul(dy, gain), matMul2D(dy, share));
      const dx = tf.mul(tf.sub(sloped, tf.mul(n, matMul2D(dyn, share))), inverse);
      return [dx, matMul2D(ones, dyn).reshape([D]), matMul2D(ones, dy).reshape([D])];
    },
  );
  return y.reshape(x.shape);
}
