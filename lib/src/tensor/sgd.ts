import { complaint, DomainError } from "../core/index.js";
import { flatten, unflattenVectors, zeroVectors } from "./flat.js";
import { gradientVectors, type Optimizer, type OptimizerOptions, scheduleOf } from "./optimizer.js";
import { tf } from "./tf.js";

/** Updates done, and the running velocity, vectors as `flatten` makes them (none without momentum). */
export type SgdState = { step: tf.Scalar; velocity: tf.Tensor1D[] };

/**
 * Stochastic gradient descent, with momentum as in PyTorch: velocity' = momentum * velocity + g;
 * p' = p - rate * velocity'. Without momentum p' = p - rate * g.
 * @throws DomainError unless 0 <= momentum < 1
 */
export function sgd({ rate, momentum = 0, maxNorm }: OptimizerOptions & { momentum?: number }): Optimizer<SgdState> {
  if (!(momentum >= 0 && momentum < 1)) throw new DomainError(complaint("momentum", "a number in [0, 1)", momentum));
  const schedule = scheduleOf(rate);
  return {
    init: (params) => ({
      step: tf.scalar(0),
      velocity: momentum === 0 ? [] : zeroVectors(params),
    }),
    update(gradients, state, params) {
      return tf.tidy(() => {
        const g = gradientVectors(gradients, maxNorm);
        const velocity = state.velocity.map((v, i) => tf.add(tf.mul(v, momentum), g[i]) as tf.Tensor1D);
        const direction = momentum === 0 ? g : velocity;
        const now = schedule(state.step);
        const next = flatten(params).map((p, i) => tf.sub(p, tf.mul(direction[i], now)) as tf.Tensor1D);
        return {
          params: unflattenVectors(params, next),
          state: { step: tf.add(state.step, 1) as tf.Scalar, velocity },
        };
      });
    },
  };
}
