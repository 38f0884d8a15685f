import { typeAttribute } from "./binding.js";
import { nativeBackend } from "./native.js";
import { tf } from "./tf.js";
import { withGradient } from "./withGradient.js";

const A = 2 * Math.sqrt(2 / Math.PI);
const B = A * 0.044715;

/**
 * GELU, the tanh approximation that GPT-2 uses: x/2 * (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))), any shape.
 * Computed as x * sigmoid(2 sqrt(2/pi) (x + 0.044715 x^3)), the same function with fewer ops.
 * Hendrycks and Gimpel 2016, arXiv:1606.08415.
 */
export function gelu(x: tf.Tensor): tf.Tensor {
  return withGradient(
    [x],
    (x) => {
      const gate = tf.sigmoid(tf.mul(x, tf.add(tf.mul(tf.square(x), B), A)));
      return [tf.mul(x, gate), gate];
    },
    // y = x s(u), dy/dx = s + x s (1 - s) u' with u' = A + 3 B x^2
    (dy, [, gate], [x]) => {
      const slope = tf.add(tf.mul(tf.square(x), 3 * B), A);
      return [tf.mul(dy, tf.add(gate, tf.mul(sigmoidSlope(x, gate), slope)))];
    },
  );
}

/** dy s (1 - s) for s = sigmoid(...), one op on native TensorFlow. */
function sigmoidSlope(dy: tf.Tensor, gate: tf.Tensor): tf.Tensor {
  const native = nativeBackend();
  if (native === undefined) return tf.mul(dy, tf.mul(gate, tf.sub(1, gate)));
  return native.executeSingleOutput("SigmoidGrad", [typeAttribute("T", "float32")], [gate, dy]);
}
