import { complaint, DomainError } from "../core/index.js";
import { foldIn, type Key, split } from "../random/index.js";
import { affine, dropout, dropoutMask, normalInit, tf, zerosInit } from "../tensor/index.js";
import { checkRowNumbers, type FeaturePairs } from "./featurePairs.js";
import type { RewardModel, RewardPairs } from "./rewardModel.tensor.js";

/** Layers by number: weight [in, out], bias [out]. */
export type MlpRewardParams = { [layer: string]: { weight: tf.Tensor; bias: tf.Tensor } };

/** One mask for each hidden layer, by number, [rows, width]. */
export type MlpRewardDropout = { [layer: string]: tf.Tensor };

export interface MlpRewardOptions {
  /** How many features go in. */
  inputs: number;
  /** Widths of the hidden layers, each followed by tanh; none makes the model linear. */
  hidden: readonly number[];
  /** Probability of dropping a hidden unit in training; 0 by default. */
  dropout?: number;
}

/**
 * A reward that is a small network of features: R(x) = w . tanh(W2 tanh(W1 x + b1) + b2) + b. Weights start as
 * Normal(0, 1 / inputs of the layer), biases at 0. Both answers of a pair get masks of their own.
 * @throws DomainError if a size is not a positive integer
 */
export function mlpReward(options: MlpRewardOptions): RewardModel<MlpRewardParams, tf.Tensor2D, MlpRewardDropout> {
  const { inputs, hidden, dropout: rate = 0 } = options;
  const sizes = [inputs, ...hidden, 1];
  for (const size of sizes) {
    if (!Number.isInteger(size) || size < 1)
      throw new DomainError(complaint("a layer's size", "an integer >= 1", size));
  }
  return {
    init(key: Key) {
      const keys = split(key, sizes.length - 1);
      const params: MlpRewardParams = {};
      for (let l = 0; l + 1 < sizes.length; l++) {
        params[l] = {
          weight: normalInit(keys[l], [sizes[l], sizes[l + 1]], 1 / Math.sqrt(sizes[l])),
          bias: zerosInit([sizes[l + 1]]),
        };
      }
      return params;
    },
    rewards: (params, x, masks) =>
      tf.tidy(() => {
        let layer: tf.Tensor = x;
        for (let l = 0; l < hidden.length; l++) {
          layer = tf.tanh(affine(layer, params[l].weight, params[l].bias));
          if (masks !== undefined) layer = dropout(layer, masks[l]);
        }
        const last = params[hidden.length];
        return affine(layer, last.weight, last.bias).reshape([-1]) as tf.Tensor1D;
      }),
    ...(rate > 0 && {
      masks: (key: Key, rows: number): MlpRewardDropout =>
        Object.fromEntries(hidden.map((width, l) => [l, dropoutMask(foldIn(key, l), [rows, width], rate)])),
    }),
  };
}

/** Feature pairs as input of `mlpReward`: [2 B, width] float32. */
export function featureInputs(pairs: FeaturePairs): RewardPairs<tf.Tensor2D> {
  const { width } = pairs;
  // Turned into float32 once, and not anew for the rows of every step.
  const sides = [new Float32Array(pairs.chosen), new Float32Array(pairs.rejected)];
  return {
    rows: pairs.rows,
    inputs(rows) {
      checkRowNumbers(pairs, rows);
      const values = new Float32Array(2 * rows.length * width);
      sides.forEach((side, s) => {
        for (let i = 0; i < rows.length; i++) {
          values.set(side.subarray(rows[i] * width, (rows[i] + 1) * width), (s * rows.length + i) * width);
        }
      });
      return tf.tensor2d(values, [2 * rows.length, width]);
    },
  };
}
