import { checkNonNegative } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import {
  type ActorCritic,
  type ActorCriticParams,
  actorCritic,
  generator,
  type TransformerOptions,
  type TransformerParams,
} from "../../models/index.js";
import { logSoftmax } from "../../numerics/index.js";
import { foldIn, type Key, split } from "../../random/index.js";
import { adam, capture, disposeTree, tf } from "../../tensor/index.js";
import { iterate, runStep } from "../../train/index.js";
import { sequenceRows, tokenIndicesOf } from "../../trees/index.js";
import type { PhraseTask } from "../../worlds/index.js";
import { type BackboneReading, type BackboneRecord, measureBackbone, penalisedReturns } from "./measure.js";
import { actorCriticStep, imitationStep } from "./steps.js";

// One body for policy and critic, or two? A small transformer on the phrase task, where everything that the question is
// about can be enumerated: what the critic says and should say, and how far its learning moves the policy.

export interface BackboneOptions {
  /** The size of the transformer; vocabulary and context follow from the task. */
  model: Omit<TransformerOptions, "vocabulary" | "context">;
  /** Adam's; 0.003 by default. */
  rate?: number;
  /** Replies per step, over the task's prompts in turn; 64 by default. */
  batch?: number;
  /** The penalty beta; 0.2 by default. */
  beta?: number;
}

export interface BackboneRun {
  /** One body for both. */
  shared: boolean;
  steps: number;
  /** Of the critic's loss, against the actor's 1; 0.5 by default. */
  valueWeight?: number;
  /** 0 trains the critic alone; 1 by default. */
  actorWeight?: number;
  /** Measure every so many steps, and before the first; 10 by default. */
  every?: number;
  /** What the progress bar says; false, the default, for none. */
  label?: string | false;
}

export interface BackboneLab {
  /** A policy that has learned people's replies: full-batch cross-entropy to the task's reference. */
  imitate(key: Key, options?: { steps?: number; label?: string | false }): Promise<TransformerParams>;
  /** Trains an actor-critic from that policy. The result's first record is of the policy as it came. */
  run(key: Key, start: TransformerParams, options: BackboneRun): Promise<BackboneRecord[]>;
}

/** Graphs are traced once for all runs of a lab. @throws DomainError for an odd batch or a beta below 0 */
export function backboneLab(task: PhraseTask, options: BackboneOptions): BackboneLab {
  const { rate = 3e-3, batch = 64, beta = 0.2 } = options;
  const { tree, prompts } = task;
  checkNonNegative("beta", beta);
  if (!(Number.isInteger(batch) && batch >= 1 && batch % prompts.length === 0)) {
    throw new DomainError(complaint("batch", `a multiple of ${prompts.length}, the prompts`, batch));
  }
  const size = { ...options.model, vocabulary: tree.vocabulary, context: tree.length + 1 };
  const models = { shared: actorCritic(size, { shared: true }), separate: actorCritic(size, { shared: false }) };
  const { policy } = models.shared;
  const optimizer = adam({ rate });
  const write = generator(policy, { newTokens: tree.length, stop: tree.end, pad: tree.end });
  const replies = prompts.map((prompt) => sequenceRows(tree, [prompt]));
  const { rows: N, width } = replies[0];
  const read = { shared: reader(task, replies, models.shared), separate: reader(task, replies, models.separate) };
  const steps = {
    shared: actorCriticStep(models.shared, optimizer),
    separate: actorCriticStep(models.separate, optimizer),
  };
  const imitation = imitationStep(policy, optimizer);

  return {
    async imitate(key, { steps = 300, label = false } = {}) {
      const params = policy.init(key);
      const tokens = everyReply(replies);
      const weights = replies.flatMap(({ mask }, x) =>
        Array.from(mask, (m, i) => (m * Math.exp(task.reference[x][Math.floor(i / width)])) / prompts.length),
      );
      const data = { tokens, weight: tf.tensor2d(weights, [N * prompts.length, width]) };
      const state = { params, optimizer: optimizer.init(params) };
      const fast = capture(imitation, [state, data]);
      const result = await iterate({ key, state, steps, label, advance: (now) => runStep(fast, now, data) });
      disposeTree(state);
      disposeTree(data);
      disposeTree(result.state.optimizer);
      return result.state.params;
    },

    async run(key, start, { shared, steps: count, valueWeight = 0.5, actorWeight = 1, every = 10, label = false }) {
      const which = shared ? "shared" : "separate";
      const [initKey, loopKey] = split(key);
      const params = models[which].init(initKey, start);
      const first = read[which](params).map(({ conditionals }) => conditionals);
      const state = { params, optimizer: optimizer.init(params) };
      const asked = Int32Array.from({ length: batch }, (_, b) => prompts[b % prompts.length]);
      const question = { tokens: tf.tensor2d(asked, [batch, 1], "int32") };
      const weights = tf.tensor1d([actorWeight, valueWeight]);
      const history: BackboneRecord[] = [{ step: 0, ...measureBackbone(task, beta, read[which](params), first) }];
      const result = await iterate({
        key: loopKey,
        state,
        steps: count,
        label,
        advance(now, stepKey) {
          const rollout = write(foldIn(stepKey, 0), now.params.policy, question);
          const [tokens, mask, logProbs] = [rollout.tokens, rollout.mask, rollout.logProbs].map((x) => x.dataSync());
          const returns = tf.tensor2d(penalisedReturns(task, beta, { tokens, mask, logProbs, width }, first), [
            batch,
            width,
          ]);
          const data = { tokens: rollout.tokens, mask: rollout.mask, returns, weights };
          const next = runStep(capture(steps[which], [now, data]), now, data);
          disposeTree(rollout);
          returns.dispose();
          return next;
        },
        evaluate: {
          every,
          run: ({ params: now }) => {
            const exact = measureBackbone(task, beta, read[which](now), first);
            history.push({ step: Math.min(every * history.length, count), ...exact });
            return exact;
          },
        },
      });
      disposeTree(result.state);
      disposeTree(question);
      weights.dispose();
      return history;
    },
  };
}

type Replies = readonly ReturnType<typeof sequenceRows>[];

/** Every reply to every prompt as rows of tokens, prompt by prompt. */
function everyReply(replies: Replies): tf.Tensor2D {
  const [{ rows, width }] = replies;
  return tf.tensor2d(
    Int32Array.from(replies.flatMap(({ tokens }) => [...tokens])),
    [rows * replies.length, width],
    "int32",
  );
}

/** What the model says of every prefix, [prompts]. */
function reader(
  { tree }: PhraseTask,
  replies: Replies,
  model: ActorCritic,
): (params: ActorCriticParams) => BackboneReading[] {
  const { vocabulary: V, length: T } = tree;
  const seenIn = new Int32Array(tree.prefixes.length); // a reply that passes by the prefix
  tree.sequences.forEach((_, n) => {
    for (const at of tokenIndicesOf(tree, n)) seenIn[Math.floor(at / V)] = n;
  });
  const look = (params: ActorCriticParams, tokens: tf.Tensor2D) => {
    const { logits, values } = model.forward(params, tokens.slice([0, 0], [tokens.shape[0], T]));
    return { logits, values };
  };
  return (params) => {
    const tokens = everyReply(replies);
    const out = capture(look, [params, tokens])(params, tokens);
    const [logits, values] = [out.logits.dataSync(), out.values.dataSync()];
    disposeTree([out, tokens]);
    return replies.map(({ rows }, x) => {
      const conditionals = new Float64Array(tree.prefixes.length * V);
      const said = new Float64Array(tree.prefixes.length);
      tree.prefixes.forEach((prefix, p) => {
        // The token before it, the prompt included, has been read.
        const at = (x * rows + seenIn[p]) * T + prefix.length;
        conditionals.set(logSoftmax(logits.subarray(at * V, (at + 1) * V)), p * V);
        said[p] = values[at];
      });
      return { conditionals, said };
    });
  };
}
