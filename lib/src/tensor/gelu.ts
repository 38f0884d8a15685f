import { typeAttribute } from "./binding.js";
import { nativeBackend } from "./native.js";
import { tf } from "./tf.js";
import { withGradient } from "./withGradient.js";

/** GELU is x sigmoid(A x + B x^3), with these two. */
export const GELU_CUBIC = { A: 2 * Math.sqrt(2 / Math.PI), B: 2 * Math.sqrt(2 / Math.PI) * 0.044715 } as const;
const { A, B } = GELU_CUBIC;

/**
 * GELU, the tanh approximation that GPT-2 uses: x/2 * (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))), any shape.
 * Computed as x * sigmoid(2 sqrt(2/pi) (x + 0.044715 x^3)), the same function with fewer ops.
 * Hendrycks and Gimpel 2016, arXiv:1606.08415.
 */
export function gelu(x: tf.Tensor): tf.Tensor {
  return withGradient(
    [x],
    (x) => {
      const u = tf.mul(x, tf.add(tf.mul(tf.square(x), B), A));
      const gate = tf.sigmoid(u);
      return [tf.mul(x, gate), gate, u];
    },
    // y = x s(u), dy/dx = s + s (1 - s) x u' with u = A x + B x^3, so x u' = 3 u - 2 A x
    (dy, [, gate, u], [x]) => {
      const stretch = tf.sub(tf.mul(u, 3), tf.mul(x, 2 * A));
      return [tf.mul(dy, tf.add(gate, sigmoidSlope(stretch, gate)))];
    },
  );
}

/** dy s (1 - s) for s = sigmoid(...), one op on native TensorFlow. */
function sigmoidSlope(dy: tf.Tensor, gate: tf.Tensor): tf.Tensor {
  const native = nativeBackend();
  if (native === undefined) return tf.mul(dy, tf.mul(gate, tf.sub(1, gate)));
  return native.executeSingleOutput("SigmoidGrad", [typeAttribute("T", "float32")], [gate, dy]);
}
