import { complaint, DomainError } from "../../core/index.js";
import { type ActorCriticParams, actorCritic, type Transformer, type TransformerParams } from "../../models/index.js";
import { shouldStop } from "../../policy/index.js";
import { tokenValues } from "../../policy/tensor.js";
import { foldIn, type Key, permutation } from "../../random/index.js";
import { capture, disposeTree, memoize, type Tree, tf } from "../../tensor/index.js";
import { checkCounts } from "../checks.js";
import { runStep } from "../train.js";
import type { Advantages, PolicyAlgorithm } from "./algorithm.js";
import { approxKlOf } from "./approxKl.js";
import { checkFits } from "./credit.js";
import { type Experience, explained, takeRows } from "./experience.js";
import type { Learner, LearnerSetup, Written } from "./learner.js";
import { type PolicyBatch, type PolicyParams, type PolicyState, policyStep } from "./update.js";

/** What changes over a run of an on-policy algorithm. */
export type PolicyRunState<O extends Tree> = PolicyState<O> & { beta: tf.Scalar };

/**
 * The learner of every algorithm that is advantages and a loss: a few epochs of minibatches over
 * each experience, which is then discarded.
 * @throws DomainError if batch and minibatches do not fit
 */
export function onPolicyLearner<O extends Tree>(
  algorithm: PolicyAlgorithm,
  { model, start, optimizer, batch, beta, sharedCritic = true, onlyLast }: LearnerSetup<O>,
): Learner<PolicyRunState<O>> {
  checkSizes(algorithm, batch);
  const critic = algorithm.critic ? actorCritic(model.config, { shared: sharedCritic, policy: model }) : undefined;
  const step = memoize([model, algorithm, optimizer], `policy step, shared ${critic?.shared}, last ${onlyLast}`, () =>
    policyStep(model, critic, algorithm, optimizer, onlyLast),
  );
  type Values = (params: PolicyParams, beta: tf.Scalar, ref: TransformerParams, written: Written) => tf.Tensor2D;
  return {
    begin(key) {
      // A separate critic gets a copy of the policy's body.
      const params: PolicyParams = critic === undefined ? { policy: start } : critic.init(key, start);
      return { params, optimizer: optimizer.init(params), beta: tf.scalar(beta) };
    },
    ...(critic && {
      values: memoize<Values>([model], `values, shared ${critic.shared}`, () => (params, _, __, written) => {
        const { values } = critic.forward(params as ActorCriticParams, written.tokens, { starts: written.starts });
        return tokenValues(values, written.mask);
      }),
    }),
    learn(key, state, experience) {
      const made = algorithm.advantages(experience, algorithm.klIn === "reward" ? state.beta.dataSync()[0] : 0);
      checkFits({ advantages: made.advantages, returns: made.returns }, experience);
      const read = makeUpdates(model, step, algorithm, state, experience, made, key);
      const { values } = experience;
      return {
        state: { ...read.state, beta: state.beta },
        metrics: {
          ...(values && made.returns && { explainedVariance: explained(experience, made.returns) }),
          ...read.metrics,
        },
      };
    },
  };
}

/** All updates from one experience: epochs times minibatches, fewer after an early stop. */
function makeUpdates<O extends Tree>(
  model: Transformer,
  step: ReturnType<typeof policyStep<O>>,
  algorithm: PolicyAlgorithm,
  { beta, ...before }: PolicyRunState<O>,
  experience: Experience,
  made: Advantages,
  key: Key,
): { state: PolicyState<O>; metrics: Record<string, number> } {
  const { epochs, minibatches, targetKl } = algorithm;
  const size = experience.rows / minibatches;
  let state: PolicyState<O> = before;
  let metrics: Record<string, number> = { loss: 0, approxKl: 0, gradientNorm: 0 }; // of no update at all
  let count = 0;
  let order: Int32Array | undefined; // of the rows, drawn for each epoch
  for (let update = 0; update < epochs * minibatches; update++) {
    const [epoch, part] = [Math.floor(update / minibatches), update % minibatches];
    if (minibatches > 1 && part === 0) order = permutation(foldIn(key, epoch), experience.rows);
    const rows = order?.subarray(part * size, (part + 1) * size);
    // Nothing to learn from.
    if (rows?.every((row) => made.keep?.[row] === 0) ?? made.keep?.every((x) => x === 0)) continue;
    const moved =
      targetKl === undefined || count === 0 ? undefined : approxKlOf(model, state.params.policy, experience);
    if (moved !== undefined) metrics = { ...metrics, approxKl: moved };
    if (moved !== undefined && shouldStop(moved, { target: targetKl as number, slack: 1 })) break;
    const batch = batchOf(experience, made, beta, rows);
    const result = runStep(capture(step, [state, batch]), state, batch);
    const { beta: _, ...own } = batch;
    disposeTree(own);
    if (state !== before) disposeTree(state);
    state = result.state;
    count++;
    // Of several updates the first one's loss says how it began, the last one's drift how far it went.
    metrics = {
      ...result.metrics,
      ...(count > 1 && { loss: metrics.loss }),
      ...(moved !== undefined && { approxKl: moved }),
    };
    if (Object.values(metrics).some((value) => !Number.isFinite(value))) break;
  }
  return { state, metrics: { ...metrics, updates: count } };
}

/** Rows of an experience as tensors; all of them without `rows`. */
function batchOf(experience: Experience, made: Advantages, beta: tf.Scalar, rows?: Int32Array): PolicyBatch {
  const { columns, tokens, logpOld, logpRef, values, starts } = experience;
  const { keep } = made;
  // Rows that are not to be learned from count nowhere.
  const mask = keep === undefined ? experience.mask : experience.mask.map((x, i) => x * keep[Math.floor(i / columns)]);
  const count = rows?.length ?? experience.rows;
  const pick = <A extends Float32Array | Int32Array>(from: A, width = columns): A => takeRows(from, width, rows);
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

function checkSizes({ minibatches, epochs, targetKl }: PolicyAlgorithm, batch: number): void {
  checkCounts({ minibatches, epochs });
  if (targetKl !== undefined && !(targetKl > 0)) {
    throw new DomainError(complaint("targetKl", "a positive number, in nats per token", targetKl));
  }
  if (batch % minibatches !== 0) {
    throw new DomainError(complaint("batch", `a multiple of the minibatches, ${minibatches}`, batch));
  }
}
