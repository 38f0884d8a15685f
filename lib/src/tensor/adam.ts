import { complaint, DomainError } from "../core/index.js";
import { flatten, unflattenVectors, zeroVectors } from "./flat.js";
import { gradientVectors, type Optimizer, type OptimizerOptions, scheduleOf } from "./optimizer.js";
import { tf } from "./tf.js";
import { mapTree } from "./tree.js";

/**
 * Updates done, and decaying sums of the gradient and of its square, g + b1 g_before + ...: Adam's m / (1 - b1) and
 * v / (1 - b2), which take fewer ops to keep. Vectors as `flatten` makes them.
 */
export type AdamState = { step: tf.Scalar; sum: tf.Tensor1D[]; squares: tf.Tensor1D[] };

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
    if (!(beta >= 0 && beta < 1)) throw new DomainError(complaint(name, "a number in [0, 1)", beta));
  }
  if (!(epsilon > 0)) throw new DomainError(complaint("epsilon", "a number > 0", epsilon));
  if (!(decay >= 0)) throw new DomainError(complaint("decay", "a number of at least 0", decay));
  const schedule = scheduleOf(rate);
  return {
    init: (params) => ({ step: tf.scalar(0), sum: zeroVectors(params), squares: zeroVectors(params) }),
    update(gradients, state, params) {
      return tf.tidy(() => {
        const g = gradientVectors(gradients, maxNorm);
        const now = schedule(state.step);
        const step = tf.add(state.step, 1) as tf.Scalar;
        const sum = state.sum.map((m, i) => tf.add(tf.mul(m, beta1), g[i]) as tf.Tensor1D);
        const squares = state.squares.map((v, i) => tf.add(tf.mul(v, beta2), tf.square(g[i])) as tf.Tensor1D);
        // All factors are moved to where only scalars are multiplied. With M = m / (1 - b1), V = v / (1 - b2),
        // c = 1 - b^t: rate m / c1 / (sqrt(v / c2) + epsilon) = scale M / (sqrt(V) + small).
        const root = tf.mul(tf.sqrt(correction(beta2, step)), 1 / Math.sqrt(1 - beta2));
        const scale = tf.div(tf.mul(tf.mul(now, root), 1 - beta1), correction(beta1, step));
        const small = tf.mul(root, epsilon);
        const move = sum.map((m, i) => tf.div(tf.mul(m, scale), tf.add(tf.sqrt(squares[i]), small)));
        const keep = tf.sub(1, tf.mul(now, decay));
        const shrunk =
          decay === 0 ? params : mapTree(params, (param, path) => (decays(param, path) ? tf.mul(param, keep) : param));
        return {
          params: unflattenVectors(
            params,
            flatten(shrunk).map((p, i) => tf.sub(p, move[i]) as tf.Tensor1D),
          ),
          state: { step, sum, squares },
        };
      });
    },
  };
}

/** 1 - beta^step, as -expm1(step log beta): in float32, 1 - 0.999 alone would lose two digits. */
function correction(beta: number, step: tf.Scalar): tf.Tensor {
  return tf.neg(tf.expm1(tf.mul(step, Math.max(Math.log(beta), -1e4))));
}
