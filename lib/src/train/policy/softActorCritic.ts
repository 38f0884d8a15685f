import type { ActionValueModel, ActionValueParams, Transformer, TransformerParams } from "../../models/index.js";
import {
  softPolicyLoss,
  softSequenceTargets,
  softValues,
  stopGradient,
  temperatureLoss,
  valueLoss,
} from "../../policy/tensor.js";
import {
  categoricalEntropy,
  globalNorm,
  mapTree,
  namedLeaves,
  type Optimizer,
  type Tree,
  tf,
  valueAndGradients,
} from "../../tensor/index.js";
import type { TrainStep } from "../train.js";
import type { Written } from "./learner.js";
import type { Replay } from "./replay.js";

export type SoftParams = { policy: TransformerParams; critic: ActionValueParams };

/** What a gradient step of soft actor-critic changes. `target` follows the critic slowly; `beta` is the temperature. */
export type SoftActorCriticState<O extends Tree> = {
  params: SoftParams;
  optimizer: O;
  target: ActionValueParams;
  beta: tf.Scalar;
};

/** What it reads: the replay, which of its rows, [R] int32, the reference policy, and whether the policy learns yet. */
export type SoftActorCriticBatch = {
  replay: Omit<Replay, "filled">;
  rows: tf.Tensor1D;
  reference: TransformerParams;
  /** Weight of the policy's loss: 0 while the critic learns alone, then 1. */
  actor: tf.Scalar;
};

export interface SoftActorCriticNumbers {
  /** The share of the way that the target goes towards the critic in each step. */
  targetRate: number;
  /** Steers the temperature: entropy of the policy, nats per token, mean over replayed states. */
  targetEntropy?: number;
  /** Of the temperature's logarithm. */
  temperatureRate: number;
}

/** Soft values of the states in which tokens were written, [B, T], 0 where the mask is 0; to be captured. */
export function softTokenValues(
  model: Transformer,
  critic: ActionValueModel,
): (params: SoftParams, beta: tf.Scalar, reference: TransformerParams, written: Written) => tf.Tensor2D {
  return (params, alpha, reference, { tokens, mask, starts }) => {
    const [B, T] = tokens.shape;
    const read = tokens.slice([0, 0], [B, T - 1]);
    const logpRef = tf.logSoftmax(model.logits(reference, read, { starts }));
    const q = smallest(critic.values(params.critic, read, { starts }));
    const values = softValues(model.logits(params.policy, read, { starts }), q, { alpha, logpRef });
    return tf.mul(tf.concat([tf.zeros([B, 1]), values], 1), mask) as tf.Tensor2D;
  };
}

/** One gradient step of policy and critic on replayed completions, to be captured; see `sac`. */
export function softActorCriticStep<O extends Tree>(
  model: Transformer,
  critic: ActionValueModel,
  optimizer: Optimizer<O>,
  { targetRate, targetEntropy, temperatureRate }: SoftActorCriticNumbers,
): TrainStep<SoftActorCriticState<O>, SoftActorCriticBatch> {
  return (state, { replay, rows, reference, actor: weight }) => {
    const { params, target, beta } = state;
    const tokens = tf.gather(replay.tokens, rows);
    const reward = tf.gather(replay.reward, rows);
    const [R, W] = tokens.shape as [number, number];
    // The state in column t has read tokens 0 .. t, and the token that was written in it is the next one.
    const read = tokens.slice([0, 0], [R, W - 1]);
    const written = tokens.slice([0, 1], [R, W - 1]) as tf.Tensor2D;
    const mask = tf.gather(replay.mask, rows).slice([0, 1], [R, W - 1]);
    const logpRef = tf.logSoftmax(model.logits(reference, read));
    const later = smallest(critic.values(target, read));
    const { loss, metrics, gradients } = valueAndGradients(params, ({ policy, critic: own }) => {
      const logits = model.logits(policy, read);
      const targets = softSequenceTargets(
        stopGradient(softValues(logits, later, { alpha: beta, logpRef })),
        reward,
        mask,
      );
      const heads = critic.values(own, read);
      const valueLosses = heads.map((q) => valueLoss(ofToken(q, written), targets, mask));
      const critics = tf.addN(valueLosses) as tf.Scalar;
      const actor = softPolicyLoss(logits, smallest(heads), { alpha: beta, logpRef, mask });
      return {
        loss: tf.add(tf.mul(weight, actor), critics) as tf.Scalar,
        policyLoss: actor,
        valueLoss: critics,
        entropies: categoricalEntropy(logits),
      };
    });
    const { entropies, ...reported } = metrics;
    const next = optimizer.update(gradients, state.optimizer, params);
    return {
      state: {
        params: next.params,
        optimizer: next.state,
        target: towards(target, next.params.critic, targetRate),
        beta: targetEntropy === undefined ? beta : steered(beta, entropies, mask, targetEntropy, temperatureRate),
      },
      metrics: { loss, ...(reported as { [name: string]: tf.Scalar }), gradientNorm: globalNorm(gradients) },
    };
  };
}

/** The temperature after one descent of its loss in its logarithm. */
function steered(beta: tf.Scalar, entropies: tf.Tensor, mask: tf.Tensor, target: number, rate: number): tf.Scalar {
  const { gradients } = valueAndGradients({ logAlpha: tf.log(beta) }, ({ logAlpha }) =>
    temperatureLoss(logAlpha, entropies, target, mask),
  );
  return tf.mul(beta, tf.exp(tf.mul(-rate, gradients.logAlpha))) as tf.Scalar;
}

/**
 * The smaller of the heads' values, or the smallest: where a critic errs upwards, a policy that trusts it goes there.
 */
function smallest(heads: tf.Tensor3D[]): tf.Tensor3D {
  return heads.reduce((least, q) => tf.minimum(least, q) as tf.Tensor3D);
}

/** Q of the tokens themselves: [R, T, V] and [R, T] int32 -> [R, T]. */
function ofToken(q: tf.Tensor3D, tokens: tf.Tensor2D): tf.Tensor {
  return tf.sum(tf.mul(q, tf.oneHot(tokens, q.shape[2]).toFloat()), -1);
}

/** from + rate * (to - from), leaf by leaf. */
function towards<T extends Tree>(from: T, to: T, rate: number): T {
  const goals = new Map(namedLeaves(to));
  return mapTree(from, (leaf, path) => tf.add(leaf, tf.mul(rate, tf.sub(goals.get(path) as tf.Tensor, leaf))));
}
