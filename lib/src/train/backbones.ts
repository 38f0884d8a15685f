import { complain, DomainError } from "../core/index.js";
import {
  exactKL,
  exactPolicyGradient,
  type PhraseTask,
  sequenceLogProbs,
  sequenceRows,
  tabularRows,
} from "../envs/index.js";
import {
  type ActorCriticParams,
  actorCritic,
  generator,
  type TransformerOptions,
  type TransformerParams,
} from "../models/index.js";
import { logSoftmax } from "../numerics/index.js";
import { a2cLoss, discountedReturns, tokenValues, valueLoss } from "../policy/index.js";
import { foldIn, type Key, split } from "../random/index.js";
import { adam, capture, disposeTree, type Tree, tf, tokenLogProbs, valueAndGradients } from "../tensor/index.js";
import { iterate } from "./loop.js";
import { runStep, type TrainStep } from "./train.js";

// One body for policy and critic, or two? A small transformer on the phrase task, where everything that the question is about can be
// enumerated: what the critic says and should say, and how far its learning moves the policy.

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

/** Exact figures, by enumerating every reply to every prompt. */
export interface BackboneRecord {
  step: number;
  /** Explained variance of the critic against the returns, over tokens as the policy writes them. */
  explained: number;
  /** That of the true values: what no critic can exceed, since the return depends on words still to come. */
  ceiling: number;
  /** E[utility], mean over prompts. */
  reward: number;
  /** KL(pi || the policy at the start), mean over prompts, in nats. */
  kl: number;
  /** KL(the policy at the start || pi): how much of what it could say it has forgotten. */
  forgotten: number;
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
  if (!(beta >= 0)) throw new DomainError(complain("beta", "a number of at least 0", beta));
  if (!(Number.isInteger(batch) && batch >= 1 && batch % prompts.length === 0)) {
    throw new DomainError(complain("batch", `a multiple of ${prompts.length}, the prompts`, batch));
  }
  const V = tree.vocabulary;
  const T = tree.length;
  const size = { ...options.model, vocabulary: V, context: T + 1 };
  const models = { shared: actorCritic(size, { shared: true }), separate: actorCritic(size, { shared: false }) };
  const { policy } = models.shared;
  const optimizer = adam({ rate });
  const write = generator(policy, { newTokens: T, stop: tree.end, pad: tree.end });
  const rows = tabularRows(tree);

  // Every reply to every prompt, and where each prefix's next token can be read: row and column of the model's output.
  const all = prompts.map((prompt) => sequenceRows(tree, [prompt]));
  const { rows: N, width } = all[0];
  const everything = () =>
    tf.tensor2d(Int32Array.from(all.flatMap(({ tokens }) => [...tokens])), [N * all.length, width], "int32");
  const seenIn = new Int32Array(tree.prefixes.length).fill(-1); // a reply that passes by the prefix
  const path = tree.sequences.map((reply, n) => {
    let node = 0;
    return reply.map((token) => {
      const here = node;
      seenIn[here] = n;
      node = tree.next[here * V + token];
      return here;
    });
  });

  const look = (which: "shared" | "separate") => (params: ActorCriticParams, tokens: tf.Tensor) =>
    models[which].forward(params, tokens.slice([0, 0], [tokens.shape[0], T])) as unknown as Tree;
  const looks = { shared: look("shared"), separate: look("separate") };

  /** Per prompt: log pi(v | prefix) [P, V] and what the critic says of the prefix [P]. */
  const read = (which: "shared" | "separate", params: ActorCriticParams) => {
    const tokens = everything();
    const out = capture(looks[which], [params, tokens])(params, tokens) as unknown as {
      logits: tf.Tensor;
      values: tf.Tensor;
    };
    const [logits, values] = [out.logits.dataSync(), out.values.dataSync()];
    disposeTree(out as unknown as Tree);
    tokens.dispose();
    return prompts.map((_, x) => {
      const conditionals = new Float64Array(tree.prefixes.length * V);
      const said = new Float64Array(tree.prefixes.length);
      tree.prefixes.forEach((prefix, p) => {
        const at = (x * N + seenIn[p]) * T + prefix.length; // the token before it, the prompt included, has been read
        conditionals.set(logSoftmax(logits.subarray(at * V, (at + 1) * V)), p * V);
        said[p] = values[at];
      });
      return { conditionals, said };
    });
  };

  const measure = (which: "shared" | "separate", params: ActorCriticParams, first: Float64Array[]) => {
    const sums = { reward: 0, kl: 0, forgotten: 0 };
    const moments = { weight: 0, g: 0, gg: 0, e: 0, ee: 0, b: 0, bb: 0 };
    read(which, params).forEach(({ conditionals, said }, x) => {
      const logProbs = sequenceLogProbs(tree, conditionals);
      const before = sequenceLogProbs(tree, first[x]);
      const total = Float64Array.from(task.utility[x], (u, n) => u - beta * (logProbs[n] - before[n]));
      const truth = exactPolicyGradient(tree, rows, conditionals, total);
      sums.reward += exactPolicyGradient(tree, rows, conditionals, task.utility[x]).value / prompts.length;
      sums.kl += exactKL(logProbs, before) / prompts.length;
      sums.forgotten += exactKL(before, logProbs) / prompts.length;
      tree.sequences.forEach((reply, n) => {
        const weight = Math.exp(logProbs[n]);
        let paid = 0; // the penalty of the tokens before this one is no part of its return
        reply.forEach((token, t) => {
          const p = path[n][t];
          const g = total[n] + paid;
          const error = g - said[p];
          const best = total[n] - truth.V[p];
          moments.weight += weight;
          moments.g += weight * g;
          moments.gg += weight * g * g;
          moments.e += weight * error;
          moments.ee += weight * error * error;
          moments.b += weight * best;
          moments.bb += weight * best * best;
          paid += beta * (conditionals[p * V + token] - first[x][p * V + token]);
        });
      });
    });
    const variance = (sum: number, squares: number) => squares / moments.weight - (sum / moments.weight) ** 2;
    const spread = variance(moments.g, moments.gg);
    return {
      explained: 1 - variance(moments.e, moments.ee) / spread,
      ceiling: 1 - variance(moments.b, moments.bb) / spread,
      ...sums,
    };
  };

  type State = { params: ActorCriticParams; optimizer: Tree };
  type Batch = { tokens: tf.Tensor2D; mask: tf.Tensor2D; returns: tf.Tensor2D; weights: tf.Tensor1D };
  const learn =
    (which: "shared" | "separate"): TrainStep<State, Batch> =>
    (state, { tokens, mask, returns, weights }) => {
      const { loss, gradients } = valueAndGradients(state.params, (params) => {
        const B = tokens.shape[0];
        const { logits, values } = models[which].forward(params, tokens.slice([0, 0], [B, T]));
        const logp = tokenLogProbs(logits, tokens.slice([0, 1], [B, T]));
        const aligned = (x: tf.Tensor) => tf.concat([tf.zeros([B, 1]), x], 1) as tf.Tensor2D;
        const critic = tokenValues(tf.concat([values, tf.zeros([B, 1])], 1), mask);
        const [actorWeight, valueWeight] = tf.unstack(weights);
        // The advantages hold the critic; a2cLoss lets no gradient through them.
        const actor = a2cLoss(aligned(logp), tf.sub(returns, critic), mask);
        return tf.add(tf.mul(actorWeight, actor), tf.mul(valueWeight, valueLoss(critic, returns, mask))) as tf.Scalar;
      });
      const next = optimizer.update(gradients, state.optimizer as never, state.params);
      return { state: { params: next.params, optimizer: next.state as Tree }, metrics: { loss } };
    };
  const steps = { shared: learn("shared"), separate: learn("separate") };

  const imitation: TrainStep<
    { params: TransformerParams; optimizer: Tree },
    { tokens: tf.Tensor2D; weight: tf.Tensor2D }
  > = (state, { tokens, weight }) => {
    const { loss, gradients } = valueAndGradients(state.params, (params) => {
      const B = tokens.shape[0];
      const logits = policy.logits(params, tokens.slice([0, 0], [B, T]));
      const logp = tokenLogProbs(logits, tokens.slice([0, 1], [B, T]));
      return tf.neg(tf.sum(tf.mul(logp, weight.slice([0, 1], [B, T])))) as tf.Scalar;
    });
    const next = optimizer.update(gradients, state.optimizer as never, state.params);
    return { state: { params: next.params, optimizer: next.state as Tree }, metrics: { loss } };
  };

  return {
    async imitate(key, { steps = 300, label = false } = {}) {
      const params = policy.init(key);
      const tokens = everything() as tf.Tensor2D;
      const weights = all.flatMap(({ mask }, x) =>
        Array.from(mask, (m, i) => (m * Math.exp(task.reference[x][Math.floor(i / width)])) / prompts.length),
      );
      const data = { tokens, weight: tf.tensor2d(weights, [N * prompts.length, width]) };
      const state = { params, optimizer: optimizer.init(params) as Tree };
      const fast = capture(imitation, [state, data]);
      const result = await iterate({ key, state, steps, label, advance: (now) => runStep(fast, now, data) });
      disposeTree(state as Tree);
      disposeTree(data);
      disposeTree(result.state.optimizer);
      return result.state.params;
    },

    async run(key, start, { shared, steps: count, valueWeight = 0.5, actorWeight = 1, every = 10, label = false }) {
      const which = shared ? "shared" : "separate";
      const [initKey, loopKey] = split(key);
      const params = models[which].init(initKey, start);
      const first = read(which, params).map(({ conditionals }) => conditionals);
      const state: State = { params, optimizer: optimizer.init(params) as Tree };
      const asked = Int32Array.from({ length: batch }, (_, b) => prompts[b % prompts.length]);
      const question = { tokens: tf.tensor2d(asked, [batch, 1], "int32") };
      const weights = tf.tensor1d([actorWeight, valueWeight]);
      const history: BackboneRecord[] = [{ step: 0, ...measure(which, params, first) }];
      const result = await iterate<State>({
        key: loopKey,
        state,
        steps: count,
        label,
        advance(now, stepKey) {
          const rollout = write(foldIn(stepKey, 0), now.params.policy, question);
          const returns = returnsOf(
            rollout.tokens.dataSync(),
            rollout.mask.dataSync(),
            rollout.logProbs.dataSync(),
            first,
          );
          const data: Batch = {
            tokens: rollout.tokens,
            mask: rollout.mask,
            returns: tf.tensor2d(returns, [batch, width]),
            weights,
          };
          const next = runStep(capture(steps[which], [now, data]), now, data);
          disposeTree(rollout);
          data.returns.dispose();
          return next;
        },
        evaluate: {
          every,
          run: ({ params: now }) => {
            const exact = measure(which, now, first);
            history.push({ step: Math.min(every * history.length, count), ...exact });
            return exact;
          },
        },
      });
      disposeTree(result.state as Tree);
      disposeTree(question);
      weights.dispose();
      return history;
    },
  };

  /** Monte Carlo returns of every drawn token, penalty included, [batch, width]. */
  function returnsOf(
    tokens: ArrayLike<number>,
    mask: ArrayLike<number>,
    logProbs: ArrayLike<number>,
    first: Float64Array[],
  ): Float32Array {
    const out = new Float32Array(batch * width);
    for (let b = 0; b < batch; b++) {
      const x = b % prompts.length;
      const rewards: number[] = [];
      let node = 0;
      for (let i = b * width + 1; i < (b + 1) * width && mask[i] === 1; i++) {
        rewards.push(-beta * (logProbs[i] - first[x][node * V + tokens[i]]));
        node = tree.next[node * V + tokens[i]];
      }
      rewards[rewards.length - 1] += task.utility[x][-1 - node];
      out.set(discountedReturns(rewards, 1), b * width + 1);
    }
    return out;
  }
}
