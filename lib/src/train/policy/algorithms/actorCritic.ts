import { complaint, DomainError } from "../../../core/index.js";
import { generalizedAdvantages, nStepAdvantages, whiten } from "../../../policy/index.js";
import { clipFraction, clippedValueLoss, ppoLoss, reinforceLoss, valueLoss } from "../../../policy/tensor.js";
import { maskedMean, tf } from "../../../tensor/index.js";
import type { LossInputs, PolicyAlgorithm } from "../algorithm.js";
import { criticAdvantages, withoutCritic } from "../credit.js";

export interface A2cOptions {
  /** Tokens after which the critic's word is taken for the rest; the whole completion by default (no bootstrapping). */
  n?: number;
  /** Weight of the critic's loss, and of the entropy that is added to what is maximised. */
  value?: number;
  entropy?: number;
}

/**
 * Advantage actor-critic with n-step returns: the losses of A3C (Mnih et al. 2016, arXiv:1602.01783), synchronous,
 * which is OpenAI's A2C (2017). One update from each experience.
 */
export function a2c({ n = Number.POSITIVE_INFINITY, value = 0.5, entropy = 0 }: A2cOptions = {}): PolicyAlgorithm {
  return {
    name: "A2C",
    critic: true,
    group: 1,
    epochs: 1,
    minibatches: 1,
    klIn: "reward",
    advantages: (experience, beta) =>
      criticAdvantages(experience, beta, (rewards, values) => nStepAdvantages(rewards, values, { n, discount: 1 })),
    loss(inputs) {
      const { logpNew, advantages, mask } = inputs;
      const { values, returns } = withCritic(inputs);
      const critic = valueLoss(values, returns, mask);
      const actor = reinforceLoss(logpNew, advantages, mask);
      return { loss: plusEntropy(tf.add(actor, tf.mul(value, critic)), entropy, inputs), valueLoss: critic };
    },
  };
}

export interface PpoOptions {
  /** How far a ratio may move, and a value; no value clipping by default. */
  clip?: number;
  valueClip?: number;
  epochs?: number;
  minibatches?: number;
  /** No further step on an experience once KL(old || new) exceeds it, nats per token; see `PolicyAlgorithm`. */
  targetKl?: number;
  discount?: number;
  lambda?: number;
  value?: number;
  entropy?: number;
  /** Advantages with mean 0 and variance 1 over the batch's tokens (true). */
  whitenAdvantages?: boolean;
}

/**
 * Proximal policy optimisation, token by token (Schulman et al. 2017, arXiv:1707.06347), as used for language models:
 * the reference KL is a part of every token's reward (Ziegler et al. 2019, arXiv:1909.08593), undiscounted by default.
 */
export function ppo(options: PpoOptions = {}): PolicyAlgorithm {
  const { clip = 0.2, valueClip, epochs = 2, minibatches = 1, targetKl, discount = 1, lambda = 0.95 } = options;
  const { value = 0.5, entropy = 0, whitenAdvantages = true } = options;
  return {
    name: "PPO",
    critic: true,
    group: 1,
    epochs,
    minibatches,
    targetKl,
    klIn: "reward",
    advantages(experience, beta) {
      const made = criticAdvantages(experience, beta, (rewards, values) =>
        generalizedAdvantages(rewards, values, { discount, lambda }),
      );
      if (!whitenAdvantages) return made;
      return { ...made, advantages: Float32Array.from(whiten(made.advantages, { mask: experience.mask })) };
    },
    loss(inputs) {
      const { logpNew, logpOld, advantages, mask } = inputs;
      const { values, oldValues, returns } = withCritic(inputs);
      const critic =
        valueClip === undefined
          ? valueLoss(values, returns, mask)
          : clippedValueLoss(values, oldValues, returns, mask, { clip: valueClip });
      const actor = ppoLoss(logpNew, logpOld, advantages, mask, { clip });
      return {
        loss: plusEntropy(tf.add(actor, tf.mul(value, critic)), entropy, inputs),
        valueLoss: critic,
        clipFraction: clipFraction(logpNew, logpOld, advantages, mask, { clip }),
      };
    },
  };
}

/** What a critic's loss needs, which is there whenever an algorithm asked for a critic. */
function withCritic({ values, oldValues, returns }: LossInputs) {
  if (!values || !oldValues || !returns) {
    throw new DomainError(complaint("values", "those of a critic", values, withoutCritic));
  }
  return { values, oldValues, returns };
}

function plusEntropy(loss: tf.Tensor, coefficient: number, { entropy, mask }: LossInputs): tf.Scalar {
  if (coefficient === 0) return loss as tf.Scalar;
  return tf.sub(loss, tf.mul(coefficient, maskedMean(entropy(), mask))) as tf.Scalar;
}
