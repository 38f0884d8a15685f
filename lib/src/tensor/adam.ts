import { complain, DomainError } from "../core/index.js";
import { flatten, unflattenVector } from "./flat.js";
import { gradientVector, type Optimizer, type OptimizerOptions, scheduleOf } from "./optimizer.js";
import { tf } from "./tf.js";
import { countParams, mapTree } from "./tree.js";

/** Updates done, and the running means of the gradient and of its square, for all parameters end to end. */
export type AdamState = { step: tf.Scalar; mean: tf.Tensor1D; square: tf.Tensor1D };

export interface AdamOptions extends OptimizerOptions {
  /** How slowly the mean of the gradient forgets. */
  beta1?: number;
  /** How slowly the mean of its square forgets. */
  beta2?: number;
  /** Added to the root of the mean square. */
  epsilon?: number;
}

export interface AdamWOptions extends AdamOptions {
  /** Decoupled weight decay: p shrinks by rate * decay * p. */
  decay?: number;
  /** Which parameters shrink: by default those of two or more axes, so no bias and no gain. */
  decays?: (param: tf.Tensor, path: string) => boolean;
}

/**
 * Adam: m' = b1 m + (1 - b1) g; v' = b2 v + (1 - b2) g^2; with t = step + 1,
 * p' = p - rate * (m' / (1 - b1^t)) / (sqrt(v' / (1 - b2^t)) + epsilon). The numbers are those of PyTorch's Adam.
 * Kingma and Ba 2014, arXiv:1412.6980.
 * @throws DomainError unless 0 <= beta1, beta2 < 1 and epsilon > 0
 */
export function adam(options: AdamOptions): Optimizer<AdamState> {
  return adamW({ ...options, decay: 0 });
}

/**
 * Adam with decoupled weight decay: first p shrinks by rate * decay * p, then Adam's step. Loshchilov and Hutter 2017,
 * arXiv:1711.05101.
 * @throws DomainError unless 0 <= beta1, beta2 < 1, epsilon > 0 and decay >= 0
 */
export function adamW(options: AdamWOptions): Optimizer<AdamState> {
  const { rate, maxNorm, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, decay = 0.01 } = options;
  const decays = options.decays ?? ((param: tf.Tensor) => param.rank >= 2);
  for (const [name, beta] of Object.entries({ beta1, beta2 })) {
    if (!(beta >= 0 && beta < 1)) throw new DomainError(complain(name, "a number in [0, 1)", beta));
  }
  if (!(epsilon > 0)) throw new DomainError(complain("epsilon", "a number > 0", epsilon));
  if (!(decay >= 0)) throw new DomainError(complain("decay", "a number >= 0", decay));
  const schedule = scheduleOf(rate);
  return {
    init(params) {
      const n = countParams(params);
      return {
        step: tf.scalar(0),
        mean: tf.zeros([n]) as tf.Tensor1D,
        square: tf.zeros([n]) as tf.Tensor1D,
      };
    },
    update(gradients, state, params) {
      return tf.tidy(() => {
        const g = gradientVector(gradients, maxNorm);
        const now = schedule(state.step);
        const step = tf.add(state.step, 1) as tf.Scalar;
        const mean = tf.add(tf.mul(state.mean, beta1), tf.mul(g, 1 - beta1)) as tf.Tensor1D;
        const square = tf.add(tf.mul(state.square, beta2), tf.mul(tf.square(g), 1 - beta2)) as tf.Tensor1D;
        // The two corrections are scalars, so they are moved to where only scalars are multiplied:
        // rate m / c1 / (sqrt(v / c2) + epsilon) = (rate sqrt(c2) / c1) m / (sqrt(v) + epsilon sqrt(c2)).
        const root = tf.sqrt(correction(beta2, step));
        const scale = tf.div(tf.mul(now, root), correction(beta1, step));
        const move = tf.div(tf.mul(mean, scale), tf.add(tf.sqrt(square), tf.mul(epsilon, root)));
        const keep = tf.sub(1, tf.mul(now, decay));
        const shrunk =
          decay === 0 ? params : mapTree(params, (param, path) => (decays(param, path) ? tf.mul(param, keep) : param));
        return {
          params: unflattenVector(params, tf.sub(flatten(shrunk), move) as tf.Tensor1D),
          state: { step, mean, square },
        };
      });
    },
  };
}

/** 1 - beta^step, as -expm1(step log beta): in float32, 1 - 0.999 alone would lose two digits. */
function correction(beta: number, step: tf.Scalar): tf.Tensor {
  return tf.neg(tf.expm1(tf.mul(step, Math.max(Math.log(beta), -1e4))));
}
