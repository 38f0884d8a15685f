import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { DivergenceError, DomainError, type MetricsRecord } from "../../../lib/src/core/index.js";
import { type TransformerParams, tempered } from "../../../lib/src/models/index.js";
import { exactExpectation, exactKL, exactRegularisedOptimum } from "../../../lib/src/numerics/index.js";
import { valueLoss } from "../../../lib/src/policy/tensor.js";
import { key } from "../../../lib/src/random/index.js";
import { phraseTrial } from "../../../lib/src/studies/index.js";
import { adam, cosineSchedule, disposeTree, namedLeaves, sgd, type Tree, tf } from "../../../lib/src/tensor/index.js";
import { algorithms, type PolicyAlgorithm, trainPolicy } from "../../../lib/src/train/index.js";
import { sequenceRows } from "../../../lib/src/trees/index.js";
import { exactly, logProbsOf, model, prompts, start, task, utility } from "./phraseWorld.js";

const bits = (tree: Tree) => namedLeaves(tree).map(([name, leaf]) => [name, [...leaf.dataSync()]]);
const numbers = (history: MetricsRecord[]) => history.map(({ seconds, ...rest }) => rest);

const options = (algorithm: PolicyAlgorithm, iterations: number) => ({
  model,
  start,
  algorithm,
  optimizer: adam({ rate: 1e-2, maxNorm: 1 }),
  prompts,
  reward: utility,
  trueReward: utility,
  batch: 64,
  iterations,
  newTokens: 3,
  stop: 0,
  beta: 0.1,
  label: false as const,
});

describe("trainPolicy", () => {
  const before = exactly(start);
  const toTheOptimum = (algorithm: PolicyAlgorithm, beta: number) => ({
    ...options(algorithm, 150),
    optimizer: adam({ rate: cosineSchedule(1e-2, 150), maxNorm: 1 }),
    batch: 128,
    beta,
  });
  /** By how many nats a policy misses the optimum, for each prompt. */
  const gaps = (params: TransformerParams, beta: number) => {
    const [now, ref] = [logProbsOf(params), logProbsOf(start)];
    return task.utility.map((utility, i) => {
      const reached = exactExpectation(now[i], utility) - beta * exactKL(now[i], ref[i]);
      return (beta > 0 ? exactRegularisedOptimum(ref[i], utility, beta).value : Math.max(...utility)) - reached;
    });
  };

  describe("reaches the exact optimum of E[utility] - beta KL, beta 0.5, to 0.1 nats in 150 iterations", () => {
    const every: PolicyAlgorithm[] = [
      algorithms.reinforce(),
      algorithms.a2c(),
      algorithms.ppo({ epochs: 2, minibatches: 2, valueClip: 0.5, targetKl: 0.1 }),
      algorithms.rloo(),
    ];
    for (const algorithm of every) {
      it(algorithm.name, async () => {
        const { params, history } = await trainPolicy(key(5), toTheOptimum(algorithm, 0.5));
        expect(Math.max(...gaps(params, 0.5))).to.be.below(0.1);
        const last = history[149];
        expect(last.step).to.equal(150);
        for (const name of ["reward", "trueReward", "referenceKl", "entropy", "length", "beta", "gradientNorm"]) {
          expect(last[name], name).to.be.a("number");
        }
        disposeTree(params);
      });
    }
  });

  // With beta 0 the optimum is the best reply. (GRPO and GSPO divide each completion's gradient by its own length,
  // which bends their way but not its end: see test/policy/ownOptima.test.ts. They need shorter steps here: at a rate
  // of 1e-2, also with exact gradients, they run onto the plateau of "good whale good", cut off and half a nat worse,
  // where the gradient is all but 0, and stay. Their optima with a KL in the loss: ownOptimum.test.ts.)
  describe("without the KL the best reply of all is found, to 0.05 nats, by", () => {
    const every: [PolicyAlgorithm, rate: number, iterations: number][] = [
      [algorithms.drGrpo({ length: 3 }), 1e-2, 80],
      [algorithms.dapo(), 1e-2, 80],
      [algorithms.grpo(), 3e-3, 300],
      [algorithms.gspo({ clipLow: 0.2, clipHigh: 0.2 }), 3e-3, 300],
    ];
    for (const [algorithm, rate, iterations] of every) {
      it(algorithm.name, async () => {
        const optimizer = adam({ rate: cosineSchedule(rate, iterations), maxNorm: 1 });
        const { params } = await trainPolicy(key(5), { ...toTheOptimum(algorithm, 0), iterations, optimizer });
        expect(Math.max(...gaps(params, 0))).to.be.below(0.05);
        disposeTree(params);
      });
    }
  });

  it("a critic on a body of its own learns to foresee what a policy that stands still will earn", async () => {
    // (While the policy moves, and its replies become alike, how much a critic explains is a matter of luck.)
    const algorithm: PolicyAlgorithm = {
      ...algorithms.a2c(),
      loss: ({ values, returns, mask }) => ({ loss: valueLoss(values as tf.Tensor, returns as tf.Tensor, mask) }),
    };
    const { params, history } = await trainPolicy(key(5), { ...options(algorithm, 40), sharedCritic: false });
    const explained = history.slice(-10).map((record) => record.explainedVariance);
    expect(explained.reduce((a, b) => a + b) / 10).to.be.above(0.1); // 0.17 to 0.22 with five keys
    expect(bits(params)).to.deep.equal(bits(start));
    disposeTree(params);
  });

  it("a KL in the loss, GRPO's way, holds the policy nearer to the reference", async () => {
    const run = (beta: number) => trainPolicy(key(5), { ...options(algorithms.grpo(), 60), beta });
    const [free, held] = [await run(0), await run(1)];
    expect(exactly(held.params).kl).to.be.below(exactly(free.params).kl / 2);
    expect(exactly(held.params).utility).to.be.above(before.utility + 0.5);
    disposeTree([free.params, held.params]);
  });

  it("measures what it says: reward and KL of the sample are near the exact ones of the policy that wrote it", async () => {
    // No step at all: a rate of 0 leaves the policy where it was, so 20 iterations are 20 samples of one policy.
    const still = { ...options(algorithms.rloo(), 20), optimizer: sgd({ rate: 0 }), reference: model.init(key(12)) };
    const { params, history } = await trainPolicy(key(1), still);
    const average = (name: string) => history.reduce((sum, record) => sum + record[name], 0) / history.length;
    expect(bits(params)).to.deep.equal(bits(start));
    // 1,280 replies: four standard errors of a utility with deviation below 2.2 are 0.25.
    expect(average("trueReward")).to.be.closeTo(before.utility, 0.25);
    expect(average("approxKl")).to.be.closeTo(0, 1e-6);
    expect(average("referenceKl")).to.be.above(0);
    disposeTree([params, still.reference]);
  });

  it("is the same run again, and the same after an interruption, bit for bit", async () => {
    const folder = mkdtempSync(join(tmpdir(), "rlhf-lab-policy-"));
    const algorithm = algorithms.ppo({ minibatches: 2, epochs: 2 });
    const run = (iterations: number, resume: boolean, where?: string) =>
      trainPolicy(key(3), {
        ...options(algorithm, iterations),
        targetKl: 0.5,
        folder: where,
        checkpointEvery: 2,
        resume,
      });
    const whole = await run(6, false);
    const again = await run(6, false);
    expect(bits(again.params)).to.deep.equal(bits(whole.params));
    await run(3, false, folder);
    const resumed = await run(6, true, folder);
    expect(bits(resumed.params)).to.deep.equal(bits(whole.params));
    expect(numbers(resumed.history)).to.deep.equal(numbers(whole.history));
    expect(new Set(whole.history.map(({ beta }) => beta)).size, "the coefficient adapts").to.be.above(2);
    rmSync(folder, { recursive: true });
  });

  it("does not grow: no tensor is left over after an iteration", async () => {
    const counts: number[] = [];
    const algorithm = algorithms.ppo({ minibatches: 2, epochs: 2 });
    const { params, critic } = await trainPolicy(key(3), {
      ...options(algorithm, 12),
      targetKl: 0.5,
      sharedCritic: false,
      onRecord: () => void counts.push(tf.memory().numTensors),
    });
    expect(new Set(counts.slice(2)).size).to.equal(1);
    disposeTree([params, critic as Tree]);
  });

  describe("the step-KL limit is asked before the step, of the whole experience", () => {
    it("a step that went too far is the last one", async () => {
      // The first step of this rate goes more than a nat per token away; a second one would have to be asked for.
      const far = algorithms.ppo({ epochs: 8, targetKl: 1e-2 });
      const { history, params } = await trainPolicy(key(3), { ...options(far, 3), optimizer: adam({ rate: 0.1 }) });
      expect(history[0].updates).to.equal(1);
      expect(history[0].approxKl, "and the record says how far it went").to.be.above(1);
      for (const { updates, approxKl } of history) if (updates < 8) expect(approxKl).to.be.above(1e-2);
      disposeTree(params);
    });

    it("no step is missed: with minibatches too, it goes on exactly as long as the whole batch allows", async () => {
      const run = async (targetKl?: number) => {
        const algorithm = algorithms.ppo({ epochs: 4, minibatches: 4, targetKl });
        const { history, params } = await trainPolicy(key(3), options(algorithm, 1));
        disposeTree(params);
        return history[0];
      };
      const whole = await run();
      expect(whole.updates).to.equal(16);
      const free = await run(1e9);
      expect(free.updates).to.equal(16);
      expect(free.loss).to.equal(whole.loss);
      // Whatever the whole batch had moved before the last step: a limit just above lets it be made,
      // one just below does not.
      expect((await run(free.approxKl * 1.0001)).updates).to.equal(16);
      const stopped = await run(free.approxKl * 0.9999);
      expect(stopped.updates).to.be.below(16);
      expect(stopped.approxKl).to.be.above(free.approxKl * 0.9999);
    });
  });

  describe("optimises the policy it samples from: at any temperature the optimum of that policy is reached", () => {
    // The policy is softmax(logits / T), and so is the reference; what it misses is measured exactly, by enumeration.
    for (const [temperature, algorithm] of [
      [0.5, algorithms.rloo()],
      [2, algorithms.rloo()],
      [0.5, algorithms.a2c()],
      [0.5, algorithms.ppo({ epochs: 2, minibatches: 2 })],
    ] as const) {
      it(`${algorithm.name}, temperature ${temperature}`, async () => {
        const own = tempered(model, temperature);
        const { gap } = phraseTrial(task, own, { reference: start, beta: 0.5 });
        // A step of half the length where logits are doubled. (With 1e-2 some keys overshoot at 0.5, and
        // end 0.05 to 0.12 below.)
        const optimizer = adam({ rate: cosineSchedule(1e-2 * Math.min(1, temperature), 150), maxNorm: 1 });
        const given = { ...toTheOptimum(algorithm, 0.5), optimizer, temperature };
        const { params, history } = await trainPolicy(key(5), given);
        expect(gap(start)).to.be.above(0.3);
        expect(gap(params)).to.be.below(0.1);
        expect(history[0].referenceKl, "a policy begins at its reference").to.be.closeTo(0, 1e-4);
        disposeTree(params);
      });
    }

    it("what it reports is of that policy: at the first reading new is old, and the entropy is the exact one", async () => {
      const temperature = 0.5;
      const still = { ...options(algorithms.grpo(), 20), optimizer: sgd({ rate: 0 }), temperature };
      const { params, history } = await trainPolicy(key(1), still);
      const average = (name: string) => history.reduce((sum, record) => sum + record[name], 0) / history.length;
      expect(average("approxKl")).to.be.closeTo(0, 1e-6);
      const exact = task.prompts.map((prompt) => {
        const { tokens, mask, rows, width } = sequenceRows(task.tree, [prompt]);
        const { sum } = tempered(model, temperature).logProbs(
          start,
          tf.tensor2d(tokens, [rows, width], "int32"),
          tf.tensor2d(mask, [rows, width]),
        );
        const logp = sum.dataSync() as Float32Array;
        expect(logp.reduce((total, l) => total + Math.exp(l), 0)).to.be.closeTo(1, 1e-4);
        return {
          surprise: exactExpectation(
            logp,
            logp.map((l) => -l),
          ),
          utility: exactExpectation(logp, task.utility[task.prompts.indexOf(prompt)]),
        };
      });
      // 1,280 replies of one to three tokens; five standard errors.
      const surprise = (exact[0].surprise + exact[1].surprise) / 2;
      expect(average("entropy") * average("length")).to.be.closeTo(surprise, 0.15);
      expect(average("trueReward")).to.be.closeTo((exact[0].utility + exact[1].utility) / 2, 0.3);
      disposeTree(params);
    });
  });

  it("does not learn from groups that are all alike (DAPO)", async () => {
    const flat = { ...options(algorithms.dapo(), 2), reward: () => new Float64Array(64).fill(1) };
    const { params, history } = await trainPolicy(key(3), flat);
    expect(bits(params)).to.deep.equal(bits(start));
    for (const { updates, loss, approxKl, gradientNorm } of history) {
      expect([updates, loss, approxKl, gradientNorm]).to.deep.equal([0, 0, 0, 0]);
    }
    disposeTree(params);
  });

  it("rewards of 1e300: a group's advantages are as ever; what float32 cannot hold is named", async () => {
    const huge = (algorithm: PolicyAlgorithm) =>
      trainPolicy(key(3), {
        ...options(algorithm, 2),
        reward: (c) => Float64Array.from(utility(c), (u) => 1e300 * u),
      });
    const plain = await trainPolicy(key(3), options(algorithms.grpo(), 2));
    const scaled = await huge(algorithms.grpo());
    expect(bits(scaled.params)).to.deep.equal(bits(plain.params));
    expect(scaled.history[0].gradientNorm).to.be.above(0);
    disposeTree([plain.params, scaled.params]);
    for (const algorithm of [
      algorithms.rloo(),
      algorithms.ppo(),
      algorithms.drGrpo(),
      algorithms.reinforce(),
      algorithms.sac(),
    ]) {
      const error = await huge(algorithm as PolicyAlgorithm).catch((e) => e);
      expect(error, algorithm.name).to.be.instanceOf(DomainError);
      expect(error.message, algorithm.name).to.match(/rewards as large as -?\d.*e\+300/);
    }
  });

  it("refuses sizes that do not fit, and rewards that are no numbers", async () => {
    const run = (changes: object) => trainPolicy(key(1), { ...options(algorithms.rloo(), 2), ...changes });
    const refusal = async (changes: object) => {
      try {
        await run(changes);
      } catch (error) {
        return error as Error;
      }
      throw new Error("nothing was refused");
    };
    expect(await refusal({ batch: 6 }))
      .to.be.instanceOf(DomainError)
      .with.property("message")
      .that.contains("group");
    expect(await refusal({ beta: -1 })).to.be.instanceOf(DomainError);
    expect(await refusal({ algorithm: algorithms.ppo({ minibatches: 3 }) })).to.be.instanceOf(DomainError);
    const broken = await refusal({ reward: () => new Float64Array(64).fill(Number.NaN) });
    expect(broken).to.be.instanceOf(DomainError).with.property("message").that.contains("reward of completion 0");
    const short = await refusal({ reward: () => [1] });
    expect(short.message).to.contain("64 numbers, one per completion");
    const wild = await refusal({ optimizer: sgd({ rate: 1e30 }), iterations: 20 });
    expect(wild).to.be.instanceOf(DivergenceError);
    expect(task.words).to.have.length(7);
    const blind = await refusal({ algorithm: { ...algorithms.ppo(), critic: false } });
    expect(blind).to.be.instanceOf(DomainError).with.property("message").that.contains("critic: true");
  });
});
