import type * as tfjs from "@tensorflow/tfjs-core";
import { tf } from "./tf.js";

/**
 * An op with a gradient of our own: `forward` makes the outputs from the inputs (any ops, TensorFlow's own included);
 * the tape sees one op, and `backward` gets the gradient of the first output and everything `forward` returned.
 */
export function withGradient(
  inputs: tf.Tensor[],
  forward: (...inputs: tf.Tensor[]) => tf.Tensor[],
  backward: (dy: tf.Tensor, outputs: tf.Tensor[], inputs: tf.Tensor[]) => tf.Tensor[],
): tf.Tensor {
  const op = tf.customGrad(((...args: unknown[]) => {
    const save = args.pop() as tfjs.GradSaveFunc;
    const xs = args as tf.Tensor[];
    const outputs = forward(...xs);
    save([...outputs, ...xs]);
    return {
      value: outputs[0],
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) =>
        backward(dy, saved.slice(0, outputs.length), saved.slice(outputs.length)),
    };
  }) as never);
  return op(...inputs);
}
