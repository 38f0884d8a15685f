// Discrete soft actor-critic on a transformer, against the exact optimum and against its float64 oracle.
import { expect } from "chai";
import { DomainError } from "../../../lib/src/core/index.js";
import { actionValueModel, type TransformerParams } from "../../../lib/src/models/index.js";
import { exactExpectation, exactKL, exactRegularisedOptimum } from "../../../lib/src/numerics/index.js";
import { softTargets, softValue } from "../../../lib/src/policy/index.js";
import { key } from "../../../lib/src/random/index.js";
import {
  adam,
  capture,
  cosineSchedule,
  disposeTree,
  namedLeaves,
  type Tree,
  tf,
} from "../../../lib/src/tensor/index.js";
import { algorithms, type Experience, type LearnerAlgorithm, trainPolicy } from "../../../lib/src/train/index.js";
import { emptyReplay, remembered } from "../../../lib/src/train/policy/replay.js";
import { softActorCriticStep, softTokenValues } from "../../../lib/src/train/policy/softActorCritic.js";
import { logProbsOf, model, prompts, start, task, utility } from "./phraseWorld.js";

const bits = (tree: Tree) => namedLeaves(tree).map(([name, leaf]) => [name, [...leaf.dataSync()]]);
const options = (algorithm: LearnerAlgorithm, iterations: number) => ({
  ...{ model, start, algorithm, prompts, reward: utility, iterations, newTokens: 3, stop: 0 },
  // Four gradient steps an iteration.
  optimizer: adam({ rate: cosineSchedule(1e-2, 4 * iterations), maxNorm: 1 }),
  ...{ batch: 128, beta: 0.5, label: false as const },
});
/** By how many nats a policy misses the optimum, for each prompt. */
const gaps = (params: TransformerParams, beta: number) => {
  const [now, ref] = [logProbsOf(params), logProbsOf(start)];
  return task.utility.map((utility, i) => {
    const reached = exactExpectation(now[i], utility) - beta * exactKL(now[i], ref[i]);
    return exactRegularisedOptimum(ref[i], utility, beta).value - reached;
  });
};

describe("soft actor-critic on a transformer", () => {
  it("reaches the exact optimum ref exp(utility / beta) / Z to 0.05 nats in 100 iterations, and its critic knows what comes", async () => {
    expect(Math.min(...gaps(start, 0.5))).to.be.above(0.9);
    const { params, critic, history } = await trainPolicy(key(5), options(algorithms.sac(), 100));
    expect(Math.max(...gaps(params, 0.5))).to.be.below(0.05);
    // The soft value before the first word is what the policy will earn, less the cost of its KL: exactly known.
    const own = { policy: params, critic: critic as ReturnType<ReturnType<typeof actionValueModel>["init"]> };
    const [now, ref] = [logProbsOf(params), logProbsOf(start)];
    const tokens = tf.tensor2d(
      task.prompts.map((prompt) => [prompt, 0]),
      undefined,
      "int32",
    );
    const mask = tf.tensor2d([
      [0, 1],
      [0, 1],
    ]);
    const said = softTokenValues(model, actionValueModel(model.config))(own, tf.scalar(0.5), start, { tokens, mask });
    task.utility.forEach((utility, i) => {
      const earned = exactExpectation(now[i], utility) - 0.5 * exactKL(now[i], ref[i]);
      expect(said.dataSync()[2 * i + 1]).to.be.closeTo(earned, 0.2);
    });
    const explained = history.slice(-20).map((record) => record.explainedVariance);
    expect(explained.reduce((a, b) => a + b) / 20).to.be.above(0.8);
    for (const { beta, approxKl } of history) {
      expect(beta).to.equal(0.5);
      expect(approxKl).to.be.at.least(0);
    }
    expect(Math.max(...history.map(({ approxKl }) => approxKl))).to.be.above(1e-4);
    disposeTree([params, own.critic]);
  });

  it("steers its entropy to the one asked for, by a temperature that it finds itself: captured, in the gradient step", async () => {
    // Measured over five keys: entropy 1.06 to 1.14 in the last iterations, temperature 0.52 to 0.53, gaps below 0.07.
    const algorithm = algorithms.sac({ targetEntropy: 1.2, temperatureRate: 0.02 });
    const { params, critic, history } = await trainPolicy(key(6), { ...options(algorithm, 80), beta: 1 });
    const late = history.slice(-20);
    const mean = (name: string) => late.reduce((sum, record) => sum + record[name], 0) / late.length;
    expect(mean("entropy")).to.be.closeTo(1.2, 0.15);
    expect(mean("beta")).to.be.within(0.4, 0.6);
    // Where it is, it is near the optimum of the temperature that it found.
    expect(Math.max(...gaps(params, history[79].beta))).to.be.below(0.12);
    disposeTree([params, critic as Tree]);
  });

  it("steered by the trainer to a reference KL, its temperature rises where it goes too far, as the others' coefficient does", async () => {
    const { params, critic, history } = await trainPolicy(key(7), {
      ...options(algorithms.sac(), 30),
      ...{ beta: 0.1, targetKl: 0.5 },
    });
    expect(history[29].referenceKl).to.be.above(0.5);
    expect(history[29].beta).to.be.above(1.2 * history[0].beta);
    disposeTree([params, critic as Tree]);
  });

  it("while it warms up the critic learns alone: the policy is the same to the bit, and the next iteration moves it", async () => {
    const run = (iterations: number) =>
      trainPolicy(key(8), { ...options(algorithms.sac({ warmup: 300 }), iterations), optimizer: adam({ rate: 1e-2 }) });
    const [still, moved] = [await run(2), await run(3)]; // 128 completions each
    expect(bits(still.params)).to.deep.equal(bits(start));
    expect(still.history[1].gradientNorm).to.be.above(0);
    expect(bits(moved.params)).to.not.deep.equal(bits(start));
    disposeTree([still, moved].flatMap(({ params, critic }) => [params, critic as Tree]));
  });

  it("does not grow: no tensor is left over after an iteration, whoever steers the temperature", async () => {
    for (const [algorithm, targetKl] of [
      [algorithms.sac({ capacity: 300 }), undefined],
      [algorithms.sac({ capacity: 300 }), 0.5],
      [algorithms.sac({ capacity: 300, targetEntropy: 1 }), undefined],
    ] as const) {
      const counts: number[] = [];
      const before = tf.memory().numTensors;
      const { params, critic } = await trainPolicy(key(3), {
        ...options(algorithm, 6),
        targetKl,
        onRecord: () => void counts.push(tf.memory().numTensors),
      });
      expect(new Set(counts.slice(1)).size).to.equal(1);
      disposeTree([params, critic as Tree]);
      expect(tf.memory().numTensors).to.equal(before);
    }
  });

  it("a gradient step is the same eagerly and as a graph, and leaves the reference, the target's pace and the temperature right", () => {
    const critic = actionValueModel(model.config);
    const optimizer = adam({ rate: 1e-2 });
    const params = { policy: start, critic: critic.init(key(1), start) };
    const target = critic.init(key(2));
    const state = { params, optimizer: optimizer.init(params), target, beta: tf.scalar(0.3) };
    const replay = {
      tokens: tf.tensor2d(
        [
          [5, 1, 2, 0],
          [6, 3, 0, 0],
          [5, 4, 4, 4],
        ],
        undefined,
        "int32",
      ),
      mask: tf.tensor2d([
        [0, 1, 1, 1],
        [0, 1, 1, 0],
        [0, 1, 1, 1],
      ]),
      reward: tf.tensor1d([1, -2, 0.5]),
    };
    const batch = {
      replay,
      rows: tf.tensor1d([0, 1, 2, 1], "int32"),
      reference: model.init(key(4)),
      actor: tf.scalar(1),
    };
    for (const targetEntropy of [undefined, 0.4]) {
      const step = softActorCriticStep(model, critic, optimizer, {
        targetRate: 0.25,
        targetEntropy,
        temperatureRate: 0.1,
      });
      const eager = step(state, batch);
      expect(bits(capture(step, [state, batch])(state, batch) as Tree)).to.deep.equal(bits(eager as Tree));
      namedLeaves(eager.state.target).forEach(([name, leaf], i) => {
        const [from, to] = [target, eager.state.params.critic].map((tree) => namedLeaves(tree)[i][1].dataSync());
        leaf.dataSync().forEach((x, j) => void expect(x, name).to.be.closeTo(from[j] + 0.25 * (to[j] - from[j]), 1e-6));
      });
      if (targetEntropy === undefined) expect(eager.state.beta.dataSync()[0]).to.equal(state.beta.dataSync()[0]);
      // More random than asked for, so that being random is paid less.
      else expect(eager.state.beta.dataSync()[0]).to.be.below(0.3);
    }
  });

  it("its losses are those of the oracle, token by token", () => {
    const critic = actionValueModel(model.config);
    const policy = start;
    const reference = model.init(key(4));
    const [own, target] = [critic.init(key(1), start), critic.init(key(2))];
    const optimizer = adam({ rate: 1e-2 });
    const state = {
      params: { policy, critic: own },
      optimizer: optimizer.init({ policy, critic: own }),
      target,
      beta: tf.scalar(0.3),
    };
    const rows = [
      [5, 1, 2, 0],
      [6, 3, 0, 0],
    ];
    const mask = [
      [0, 1, 1, 1],
      [0, 1, 1, 0],
    ];
    const reward = [1, -2];
    const replay = {
      tokens: tf.tensor2d(rows, undefined, "int32"),
      mask: tf.tensor2d(mask),
      reward: tf.tensor1d(reward),
    };
    const { metrics } = softActorCriticStep(model, critic, optimizer, { targetRate: 0.05, temperatureRate: 0.1 })(
      state,
      {
        ...{ replay, rows: tf.tensor1d([0, 1], "int32"), reference, actor: tf.scalar(1) },
      },
    );
    // The same numbers from plain arrays: state t has read tokens 0 .. t.
    const logp = (params: TransformerParams) =>
      tf.logSoftmax(model.logits(params, replay.tokens)).arraySync() as number[][][];
    const [pi, ref] = [logp(policy), logp(reference)];
    const values = (params: typeof own) => critic.values(params, replay.tokens).map((q) => q.arraySync());
    const least = (heads: number[][][][], b: number, t: number) =>
      heads[0][b][t].map((q, v) => Math.min(q, heads[1][b][t][v]));
    const [heads, later] = [values(own), values(target)];
    let [actor, critics, count] = [0, 0, 0];
    rows.forEach((tokens, b) => {
      for (let t = 0; t < 3; t++) {
        if (mask[b][t + 1] === 0) continue;
        const ends = mask[b][t + 2] !== 1;
        const next = ends ? 0 : softValue(least(later, b, t + 1), pi[b][t + 1], 0.3, ref[b][t + 1]);
        const [wanted] = softTargets([ends ? reward[b] : 0], [next], [ends ? 1 : 0], 1);
        for (const q of heads) critics += 0.5 * (q[b][t][tokens[t + 1]] - wanted) ** 2;
        actor -= softValue(least(heads, b, t), pi[b][t], 0.3, ref[b][t]);
        count++;
      }
    });
    expect(metrics.valueLoss.dataSync()[0]).to.be.closeTo(critics / count, 1e-5);
    expect(metrics.policyLoss.dataSync()[0]).to.be.closeTo(actor / count, 1e-5);
    expect(metrics.loss.dataSync()[0]).to.be.closeTo((actor + critics) / count, 1e-5);
  });

  it("the replay keeps the newest completions, without the padding of their prompts", () => {
    const experience = (first: number): Experience => ({
      ...{ rows: 2, columns: 4, group: 1, starts: Int32Array.from([0, 1]) },
      tokens: Int32Array.from([5, 6, first, 0, 0, 5, first + 1, 0]),
      mask: Float32Array.from([0, 0, 1, 1, 0, 0, 1, 0]),
      ...{ logpOld: new Float32Array(8), logpRef: new Float32Array(8), reward: Float64Array.from([first, first + 1]) },
    });
    const [empty, one] = [emptyReplay(3, 4), remembered(emptyReplay(3, 4), experience(1))];
    expect([empty.filled.dataSync()[0], one.filled.dataSync()[0]]).to.deep.equal([0, 2]);
    const two = remembered(one, experience(3));
    expect(two.filled.dataSync()[0]).to.equal(3);
    expect(two.tokens.arraySync()).to.deep.equal([
      [5, 2, 0, 0],
      [5, 6, 3, 0],
      [5, 4, 0, 0],
    ]);
    expect(two.mask.arraySync()).to.deep.equal([
      [0, 1, 0, 0],
      [0, 0, 1, 1],
      [0, 1, 0, 0],
    ]);
    expect([...two.reward.dataSync()]).to.deep.equal([2, 3, 4]);
    expect(() => remembered(emptyReplay(3, 3), experience(1))).to.throw(DomainError, "length");
    expect(() => remembered(emptyReplay(1, 4), experience(1))).to.throw(DomainError, "at least a batch, 2");
  });

  it("refuses what cannot be", async () => {
    for (const [wrong, name] of [
      [{ updates: 0 }, "updates"],
      [{ rows: 1.5 }, "rows"],
      [{ capacity: 0 }, "capacity"],
      [{ capacity: 100, warmup: 101 }, "warmup"],
      [{ warmup: -1 }, "warmup"],
      [{ targetRate: 0 }, "targetRate"],
      [{ targetRate: 2 }, "targetRate"],
      [{ temperatureRate: Number.NaN }, "temperatureRate"],
      [{ targetEntropy: -1 }, "targetEntropy"],
    ] as const) {
      expect(() => algorithms.sac(wrong), name).to.throw(DomainError, name);
    }
    const refusal = (algorithm: LearnerAlgorithm, changes: object = {}) =>
      trainPolicy(key(1), { ...options(algorithm, 1), ...changes }).then(
        () => undefined,
        (error) => error,
      );
    for (const [error, name] of [
      [await refusal(algorithms.sac({ capacity: 100 })), "at least a batch, 128"],
      [await refusal(algorithms.sac({ length: 5 })), "length"],
      [await refusal(algorithms.sac({ length: 3 })), "length"],
      [await refusal(algorithms.sac(), { sharedCritic: true }), "sharedCritic"],
      [await refusal(algorithms.sac({ targetEntropy: 1 }), { targetKl: 1 }), "targetKl"],
      [await refusal(algorithms.sac({ targetEntropy: 1 }), { beta: 0 }), "beta"],
      [await refusal(algorithms.expertIteration(), { targetKl: 1 }), "targetKl"],
    ] as const) {
      expect(error, name).to.be.instanceOf(DomainError);
      expect(error.message).to.contain(name);
    }
    // Without a price on leaving the reference it is plain Q-learning's policy, and allowed.
    const { params, critic } = await trainPolicy(key(1), { ...options(algorithms.sac(), 1), beta: 0 });
    disposeTree([params, critic as Tree]);
  });
});
