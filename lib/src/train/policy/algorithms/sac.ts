import { checkCount, checkPositive } from "../../../core/checks.js";
import { complaint, DomainError } from "../../../core/index.js";
import { actionValueModel } from "../../../models/index.js";
import { nStepAdvantages } from "../../../policy/index.js";
import { foldIn, randint } from "../../../random/index.js";
import { capture, mapTree, memoize, type Tree, tf } from "../../../tensor/index.js";
import { freeUnused } from "../../loop.js";
import { runStep } from "../../train.js";
import { approxKlOf } from "../approxKl.js";
import { criticAdvantages } from "../credit.js";
import { type Experience, explained } from "../experience.js";
import type { Learner, LearnerAlgorithm, LearnerSetup } from "../learner.js";
import { emptyReplay, type Replay, remembered } from "../replay.js";
import {
  type SoftActorCriticNumbers,
  type SoftActorCriticState,
  softActorCriticStep,
  softTokenValues,
} from "../softActorCritic.js";

export interface SacOptions {
  /** Completions remembered, the newest ones (2048). */
  capacity?: number;
  /** Gradient steps per iteration (4), each on so many remembered completions, drawn with replacement (64). */
  updates?: number;
  rows?: number;
  /** Columns of a remembered prompt with its completion; the model's context by default. */
  length?: number;
  /**
   * Until so many completions are remembered, the critic learns alone (512, or the capacity if that is less). A policy
   * that believes an ignorant critic may leave, for a long time, what it never learned about: without it two of eight
   * runs on the phrase task ended 0.12 and 0.16 nats below the optimum, with it all eight within 0.034.
   */
  warmup?: number;
  /** The share of the way that the target values go towards the critic's in each step (0.05). */
  targetRate?: number;
  /**
   * Left out, the temperature is the trainer's beta, constant or steered to `targetKl`. Otherwise it is learned, and
   * begins at beta: the policy's entropy in the replayed states is steered to this, nats per token.
   */
  targetEntropy?: number;
  /** Of the temperature's logarithm, per gradient step (0.01). */
  temperatureRate?: number;
}

/**
 * Discrete soft actor-critic (Haarnoja et al. 2018, arXiv:1801.01290; for discrete actions Christodoulou 2019,
 * arXiv:1910.07207). Off-policy: it learns from remembered completions, token by token:
 *
 *   Q(s, a) <- reward if a ends the completion, otherwise V(s a);
 *   V(s) = sum_a pi(a) (min Q(s, a) - beta log(pi(a) / ref(a)));   pi descends -V.
 *
 * Entropy is measured against the reference, so that the optimum is that of every other algorithm here, ref
 * exp(reward / beta) / Z: the temperature is the coefficient of the reference KL. Two Q of which the smaller one is
 * believed, and target values that follow slowly, as in the papers. A departure: the two Q are two heads on one body.
 * That body is not the policy's: so the critic's loss does not move the policy, and there is no weight between the two
 * losses to be tuned (with two keys on the phrase task, and no warm-up, a shared body ended 0.018 nats below the
 * optimum instead of 0.015, and 0.24 once the critic's loss weighed a tenth, which a separate one does not notice).
 * Reported besides: policyLoss, valueLoss (both heads), and approxKl after the iteration's steps.
 * @throws DomainError for a number that cannot be; with a target entropy, for a beta of 0 and for a targetKl
 */
export function sac(options: SacOptions = {}): LearnerAlgorithm {
  const { capacity = 2048, updates = 4, rows = 64, length, warmup = Math.min(512, capacity) } = options;
  const { targetRate = 0.05, targetEntropy, temperatureRate = 0.01 } = options;
  for (const [name, count] of Object.entries({ capacity, updates, rows })) {
    checkCount(name, count);
  }
  for (const [name, rate] of Object.entries({ targetRate, temperatureRate })) {
    checkPositive(name, rate);
  }
  if (!(warmup >= 0 && warmup <= capacity)) {
    throw new DomainError(complaint("warmup", `a number of completions from 0 to the capacity, ${capacity}`, warmup));
  }
  if (targetRate > 1) throw new DomainError(complaint("targetRate", "a number in (0, 1]", targetRate));
  if (targetEntropy !== undefined && !(targetEntropy >= 0 && Number.isFinite(targetEntropy))) {
    throw new DomainError(complaint("targetEntropy", "a number of at least 0, in nats per token", targetEntropy));
  }
  const numbers = { capacity, updates, rows, warmup, length, targetRate, targetEntropy, temperatureRate };
  const algorithm: LearnerAlgorithm = {
    name: "SAC",
    group: 1,
    learner: (setup) => softActorCriticLearner(algorithm, numbers, setup),
  };
  return algorithm;
}

/** What changes over a run. */
type SacState<O extends Tree> = SoftActorCriticState<O> & { replay: Replay };

function softActorCriticLearner<O extends Tree>(
  algorithm: LearnerAlgorithm,
  numbers: SoftActorCriticNumbers & Required<Pick<SacOptions, "capacity" | "updates" | "rows" | "warmup">> & SacOptions,
  setup: LearnerSetup<O>,
): Learner<SacState<O>> {
  const { model, start, reference, optimizer, beta } = setup;
  const { capacity, updates, rows, warmup, length = model.config.context } = numbers;
  checkSetup(numbers, setup);
  const critic = memoize([model], "action values", () => actionValueModel(model.config));
  const step = memoize([model, algorithm, optimizer], "soft actor-critic step", () =>
    softActorCriticStep(model, critic, optimizer, numbers),
  );
  return {
    begin(key) {
      const params = { policy: start, critic: critic.init(key, start) };
      const target = mapTree(params.critic, (leaf) => leaf.clone());
      const replay = emptyReplay(capacity, length);
      return { params, optimizer: optimizer.init(params), target, beta: tf.scalar(beta), replay };
    },
    values: memoize([model, critic], "soft values", () => softTokenValues(model, critic)),
    learn(key, before, experience) {
      const replay = remembered(before.replay, experience);
      const filled = replay.filled.dataSync()[0];
      const actor = tf.scalar(filled < warmup ? 0 : 1);
      const { replay: _, ...begun } = before;
      let state: SoftActorCriticState<O> = begun;
      let metrics: Record<string, number> = {};
      for (let update = 0; update < updates; update++) {
        const drawn = randint(foldIn(key, update), rows, capacity - filled, capacity);
        const { tokens, mask, reward } = replay;
        const part = { replay: { tokens, mask, reward }, rows: tf.tensor1d(drawn, "int32"), reference, actor };
        const result = runStep(capture(step, [state, part]), state, part);
        part.rows.dispose();
        freeUnused([begun, result.state], state);
        ({ state, metrics } = result);
        if (Object.values(metrics).some((number) => !Number.isFinite(number))) break;
      }
      actor.dispose();
      const explainedVariance = explained(experience, softReturns(experience, before.beta.dataSync()[0]));
      return {
        state: { ...state, replay },
        metrics: { ...metrics, approxKl: approxKlOf(model, state.params.policy, experience), explainedVariance },
      };
    },
  };
}

/**
 * What came after each token, less beta times the reference KL from there on: what the soft values forecast, [B, T].
 */
function softReturns(experience: Experience, beta: number): Float32Array {
  return criticAdvantages(experience, beta, (rewards, values) =>
    nStepAdvantages(rewards, values, { n: Number.POSITIVE_INFINITY, discount: 1 }),
  ).returns;
}

function checkSetup<O extends Tree>(
  { capacity, length, targetEntropy }: Pick<SacOptions, "capacity" | "length" | "targetEntropy">,
  { model, batch, beta, targetKl, sharedCritic }: LearnerSetup<O>,
): void {
  if (sharedCritic) throw new DomainError(complaint("sharedCritic", "none: the critic of SAC has its own body", true));
  if (capacity !== undefined && capacity < batch) {
    throw new DomainError(complaint("capacity", `at least a batch, ${batch} completions`, capacity));
  }
  const { context } = model.config;
  if (length !== undefined && !(Number.isInteger(length) && length >= 2 && length <= context)) {
    throw new DomainError(complaint("length", `a whole number from 2 to the context, ${context}`, length));
  }
  if (targetEntropy === undefined) return;
  if (targetKl !== undefined) {
    throw new DomainError(complaint("targetKl", "none: the target entropy steers the temperature already", targetKl));
  }
  if (beta === 0) throw new DomainError(complaint("beta", "a positive number: the temperature begins there", beta));
}
