import { complain, DomainError } from "../core/index.js";
import { flatten, unflattenVector } from "./flat.js";
import { gradientVector, type Optimizer, type OptimizerOptions, scheduleOf } from "./optimizer.js";
import { tf } from "./tf.js";
import { countParams } from "./tree.js";

/** Updates done, and the running velocity of all parameters end to end. */
export type SgdState = { step: tf.Scalar; velocity: tf.Tensor1D };

/**
 * Stochastic gradient descent, with momentum as in PyTorch: velocity' = momentum * velocity + g; p' = p - rate * velocity'.
 * Without momentum p' = p - rate * g.
 * @throws DomainError unless 0 <= momentum < 1
 */
export function sgd({ rate, momentum = 0, maxNorm }: OptimizerOptions & { momentum?: number }): Optimizer<SgdState> {
  if (!(momentum >= 0 && momentum < 1)) throw new DomainError(complain("momentum", "a number in [0, 1)", momentum));
  const schedule = scheduleOf(rate);
  return {
    init: (params) => ({
      step: tf.scalar(0),
      velocity: tf.zeros([momentum === 0 ? 0 : countParams(params)]) as tf.Tensor1D,
    }),
    update(gradients, state, params) {
      return tf.tidy(() => {
        const g = gradientVector(gradients, maxNorm);
        const velocity = momentum === 0 ? state.velocity.clone() : tf.add(tf.mul(state.velocity, momentum), g);
        const direction = momentum === 0 ? g : velocity;
        const next = tf.sub(flatten(params), tf.mul(direction, schedule(state.step))) as tf.Tensor1D;
        return {
          params: unflattenVector(params, next),
          state: { step: tf.add(state.step, 1) as tf.Scalar, velocity: velocity as tf.Tensor1D },
        };
      });
    },
  };
}
