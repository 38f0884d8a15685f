import { complain, DomainError } from "../../core/index.js";
import {
  type ActorCriticParams,
  actorCritic,
  generator,
  leftPad,
  type SamplingOptions,
  type Transformer,
  type TransformerParams,
} from "../../models/index.js";
import { mean } from "../../numerics/index.js";
import { adaptKl, explainedVariance, tokenValues } from "../../policy/index.js";
import { foldIn, type Key, permutation, split } from "../../random/index.js";
import { capture, disposeTree, mapTree, type Optimizer, remember, type Tree, tf } from "../../tensor/index.js";
import { freeUnused, iterate, type LoopOptions, type MetricsRecord } from "../loop.js";
import { runStep } from "../train.js";
import type { Advantages, PolicyAlgorithm } from "./algorithm.js";
import { type Experience, experienceOf, sampledKl } from "./experience.js";
import { completionsOf, type RewardFunction } from "./reward.js";
import { type PolicyBatch, type PolicyParams, type PolicyState, policyStep } from "./update.js";

/** What changes over a run. `beta` is the coefficient of the reference KL: it may adapt. */
export type PolicyRunState<O extends Tree> = PolicyState<O> & { beta: tf.Scalar };

export interface PolicyOptions<O extends Tree>
  extends Pick<
    LoopOptions<PolicyRunState<O>>,
    "folder" | "checkpointEvery" | "resume" | "label" | "onRecord" | "until"
  > {
  /** The policy, what it begins with, and what it must stay close to (by default where it began). */
  model: Transformer;
  start: TransformerParams;
  reference?: TransformerParams;
  algorithm: PolicyAlgorithm;
  optimizer: Optimizer<O>;
  /** Draws `count` prompts, as token rows. */
  prompts(key: Key, count: number): readonly ArrayLike<number>[];
  /** What the policy is trained on, and what people really want (measured, never learned from). */
  reward: RewardFunction;
  trueReward?: RewardFunction;
  /** Completions per iteration (32): a multiple of the algorithm's group. */
  batch?: number;
  iterations: number;
  /** N: tokens of a completion at most, and how they end. */
  newTokens: number;
  stop?: number;
  pad?: number;
  temperature?: SamplingOptions["temperature"];
  /** Coefficient of KL(policy || reference), reward per nat; 0.05 by default. With a target it adapts. */
  beta?: number;
  /** The reference KL to steer to, nats per completion (Ziegler et al. 2019, section 2.2). */
  targetKl?: number;
  /** Policy and critic on one body (true, the default) or on two. */
  sharedCritic?: boolean;
}

export interface PolicyResult {
  /** The trained policy; the caller disposes of it. */
  params: TransformerParams;
  critic?: ActorCriticParams["critic"];
  /**
   * Per iteration: reward and trueReward (means over completions), referenceKl (nats per completion), stepKl (nats per token),
   * entropy (nats per token, from the sample), length (tokens), beta, and what the algorithm reports: loss, clipFraction,
   * explainedVariance, gradientNorm.
   */
  history: MetricsRecord[];
}

/**
 * Trains a policy by any of the algorithms: write completions, judge them, compute advantages, take gradient steps; again. The key
 * decides everything, so a run that was killed resumes to the same bits.
 * @throws DomainError if batch, group and minibatches do not fit; DivergenceError if a loss or a gradient is not finite
 */
export async function trainPolicy<O extends Tree>(key: Key, options: PolicyOptions<O>): Promise<PolicyResult> {
  const { model, start, algorithm, optimizer, reference = start, batch = 32, beta = 0.05, targetKl } = options;
  checkSizes(algorithm, batch, beta);
  const [criticKey, runKey] = split(key);
  const critic = algorithm.critic ? actorCritic(model.config, { shared: options.sharedCritic ?? true }) : undefined;
  // A separate critic gets a copy of the policy's body; what is new here is ours to free.
  const params: PolicyParams = critic === undefined ? { policy: start } : critic.init(criticKey, start);
  const state: PolicyRunState<O> = { params, optimizer: optimizer.init(params), beta: tf.scalar(beta) };
  const step = remember([model, algorithm, optimizer], `policy step, shared ${critic?.shared}`, () =>
    policyStep(model, critic, algorithm, optimizer),
  );
  const explore = explorer(options, reference, critic);
  const result = await iterate<PolicyRunState<O>>({
    ...options,
    key: runKey,
    state,
    steps: options.iterations,
    label: options.label ?? algorithm.name,
    advance(before, stepKey) {
      const [exploreKey, orderKey] = split(stepKey);
      const coefficient = before.beta.dataSync()[0];
      const experience = explore(exploreKey, before.params);
      const made = algorithm.advantages(experience, algorithm.klIn === "reward" ? coefficient : 0);
      const read = learn(step, algorithm, before, experience, made, orderKey);
      const referenceKl = mean(sampledKl(experience));
      const adapted = targetKl && tf.scalar(adaptKl(coefficient, Math.max(referenceKl, 0), { target: targetKl }));
      return {
        state: { ...read.state, beta: adapted || before.beta },
        metrics: { ...report(experience, made), referenceKl, beta: coefficient, ...read.metrics },
      };
    },
  });
  const kept = mapTree(result.state.params, (leaf) => leaf.clone());
  for (const own of [result.state, state]) freeUnused([start], own);
  return {
    params: kept.policy,
    ...("critic" in kept && { critic: kept.critic as ActorCriticParams["critic"] }),
    history: result.history,
  };
}

/** Writes completions to fresh prompts and has them judged. */
function explorer<O extends Tree>(
  options: PolicyOptions<O>,
  reference: TransformerParams,
  critic: ReturnType<typeof actorCritic> | undefined,
): (key: Key, params: PolicyParams) => Experience {
  const { model, algorithm, batch = 32, newTokens, stop, pad = 0, temperature } = options;
  const generate = generator(model, { newTokens, stop, pad, temperature });
  type Judge = (params: PolicyParams, ref: TransformerParams, x: JudgeInput) => Judged;
  const judge = remember<Judge>([model], `judge, shared ${critic?.shared}`, () => (params, ref, x) => {
    const { perToken } = model.logProbs(ref, x.tokens, x.mask, { starts: x.starts });
    if (critic === undefined) return { logpRef: perToken };
    const { values } = critic.forward(params as ActorCriticParams, x.tokens, { starts: x.starts });
    return { logpRef: perToken, values: tokenValues(values, x.mask) };
  });
  return (key, params) => {
    const [promptKey, writeKey] = split(key);
    const asked = options.prompts(promptKey, batch / algorithm.group);
    const rows = asked.flatMap((prompt) => new Array<ArrayLike<number>>(algorithm.group).fill(prompt));
    const prompts = leftPad(rows, { pad });
    const rollout = generate(writeKey, params.policy, prompts);
    const completions = completionsOf(rollout, rows);
    const input: JudgeInput = {
      tokens: rollout.tokens,
      mask: rollout.mask,
      ...(prompts.starts && { starts: prompts.starts }),
    };
    const judged = capture(judge, [params, reference, input])(params, reference, input);
    const experience = experienceOf(rollout, prompts, algorithm.group, {
      logpRef: judged.logpRef.dataSync() as Float32Array,
      ...(judged.values && { values: judged.values.dataSync() as Float32Array }),
      reward: options.reward(completions),
      ...(options.trueReward && { trueReward: options.trueReward(completions) }),
    });
    disposeTree([rollout, judged, prompts]);
    return experience;
  };
}

type Judged = { logpRef: tf.Tensor2D; values?: tf.Tensor2D };
type JudgeInput = { tokens: tf.Tensor2D; mask: tf.Tensor2D; starts?: tf.Tensor1D };

/** All readings of one experience. */
function learn<O extends Tree>(
  step: ReturnType<typeof policyStep<O>>,
  algorithm: PolicyAlgorithm,
  { beta, ...before }: PolicyRunState<O>,
  experience: Experience,
  made: Advantages,
  key: Key,
): { state: PolicyState<O>; metrics: Record<string, number> } {
  const { epochs, minibatches, stepKlLimit = Number.POSITIVE_INFINITY } = algorithm;
  const size = experience.rows / minibatches;
  let state: PolicyState<O> = before;
  let metrics: Record<string, number> = {};
  let readings = 0;
  let order: Int32Array | undefined; // of the rows, drawn for each epoch
  for (let reading = 0; reading < epochs * minibatches; reading++) {
    const [epoch, part] = [Math.floor(reading / minibatches), reading % minibatches];
    if (minibatches > 1 && part === 0) order = permutation(foldIn(key, epoch), experience.rows);
    const rows = order?.subarray(part * size, (part + 1) * size);
    if (rows?.every((row) => made.keep?.[row] === 0) ?? made.keep?.every((x) => x === 0)) continue; // nothing to learn from
    const batch = batchOf(experience, made, beta, rows);
    const result = runStep(capture(step, [state, batch]), state, batch);
    const { beta: _, ...own } = batch;
    disposeTree(own);
    if (state !== before) disposeTree(state);
    state = result.state;
    readings++;
    // Of several readings the first one's loss says how it began, the last one's drift how far it went.
    metrics = { ...result.metrics, ...(readings > 1 && { loss: metrics.loss }) };
    const wrong = Object.values(metrics).some((value) => !Number.isFinite(value));
    if (wrong || metrics.stepKl > stepKlLimit) break;
  }
  return { state, metrics: { ...metrics, readings } };
}

/** Rows of an experience as tensors; all of them without `rows`. */
function batchOf(experience: Experience, made: Advantages, beta: tf.Scalar, rows?: Int32Array): PolicyBatch {
  const { columns, tokens, logpOld, logpRef, values, starts } = experience;
  const { keep } = made;
  // Rows that are not to be learned from count nowhere.
  const mask = keep === undefined ? experience.mask : experience.mask.map((x, i) => x * keep[Math.floor(i / columns)]);
  const count = rows?.length ?? experience.rows;
  const pick = <A extends Float32Array | Int32Array>(from: A, width = columns): A => {
    if (rows === undefined) return from;
    const out = from.slice(0, count * width) as A;
    rows.forEach((row, i) => {
      out.set(from.subarray(row * width, (row + 1) * width), i * width);
    });
    return out;
  };
  const floats = (from: Float32Array) => tf.tensor2d(pick(from), [count, columns]);
  const perRow = made.advantages.length === experience.rows;
  return {
    beta,
    tokens: tf.tensor2d(pick(tokens), [count, columns], "int32"),
    mask: floats(mask),
    logpOld: floats(logpOld),
    logpRef: floats(logpRef),
    advantages: perRow ? tf.tensor1d(pick(made.advantages, 1)) : floats(made.advantages),
    ...(starts && { starts: tf.tensor1d(pick(starts, 1), "int32") }),
    ...(values && { oldValues: floats(values) }),
    ...(made.returns && { returns: floats(made.returns) }),
  };
}

/** The metrics that need no gradient. */
function report(experience: Experience, made: Advantages): Record<string, number> {
  const { rows, columns, mask, logpOld, values, reward, trueReward } = experience;
  let drawn = 0;
  let surprise = 0;
  const said: number[] = [];
  const should: number[] = [];
  for (let i = 0; i < rows * columns; i++) {
    if (mask[i] === 0) continue;
    drawn++;
    surprise -= logpOld[i];
    if (values && made.returns) {
      said.push(values[i]);
      should.push(made.returns[i]);
    }
  }
  return {
    reward: mean(reward),
    ...(trueReward && { trueReward: mean(trueReward) }),
    entropy: surprise / drawn,
    length: drawn / rows,
    ...(said.length > 0 && { explainedVariance: explainedVariance(said, should) }),
  };
}

function checkSizes({ group, minibatches, epochs }: PolicyAlgorithm, batch: number, beta: number): void {
  for (const [name, count] of Object.entries({ group, minibatches, epochs, batch })) {
    if (!Number.isInteger(count) || count < 1) throw new DomainError(complain(name, "an integer of at least 1", count));
  }
  if (batch % group !== 0) throw new DomainError(complain("batch", `a multiple of the group, ${group}`, batch));
  if (batch % minibatches !== 0) {
    throw new DomainError(complain("batch", `a multiple of the minibatches, ${minibatches}`, batch));
  }
  if (!(beta >= 0 && Number.isFinite(beta))) {
    throw new DomainError(complain("beta", "a number of at least 0", beta, "0 lets the policy go where it likes"));
  }
}
