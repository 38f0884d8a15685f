// Fine-tuning, direct methods and expert iteration, on the phrase task where everything can be enumerated.
import { expect } from "chai";
import { type Comparison, DomainError } from "../../../lib/src/core/index.js";
import { bestOfNLogProbs } from "../../../lib/src/policy/index.js";
import { categorical, foldIn, key } from "../../../lib/src/random/index.js";
import { labelPairs } from "../../../lib/src/rewards/index.js";
import { completionBatch } from "../../../lib/src/rewards/tensor.js";
import { adam, disposeTree, tf } from "../../../lib/src/tensor/index.js";
import {
  algorithms,
  bestOfEach,
  completionLogProbs,
  completionLoss,
  type DirectMethod,
  directMethods,
  sampleCompletions,
  supervisedLoss,
  trainDirect,
  trainPolicy,
  trainSupervised,
} from "../../../lib/src/train/index.js";
import { phraseDemonstrations } from "../../../lib/src/worlds/index.js";
import { exactly, logProbsOf, model, prompts, start, task, utility } from "./phraseWorld.js";

const quiet = { label: false as const };
const replyRows = (prompt: number, replies: ArrayLike<number>) =>
  Array.from(replies, (n) => ({ prompt: [prompt], completion: task.tree.sequences[n] }));

describe("learning from given completions", () => {
  it("log-probabilities of completions are those of the enumeration, whatever the batch", () => {
    const rows = replyRows(task.prompts[1], [0, 7, 100, 258]);
    const exact = logProbsOf(start)[1];
    const got = completionLogProbs(model, start, rows, { batch: 3 });
    [0, 7, 100, 258].forEach((n, i) => void expect(got[i]).to.be.closeTo(exact[n], 1e-5));
    const tokens = rows.reduce((sum, { completion }) => sum + completion.length, 0);
    expect(supervisedLoss(model, start, rows)).to.be.closeTo(-got.reduce((a, b) => a + b) / tokens, 1e-5);
  });

  it("the loss does not see the prompt: its gradient ignores what stands there, and padding", () => {
    const rows = [
      { prompt: [5, 1], completion: [2] },
      { prompt: [6], completion: [3, 0] },
    ];
    const { tokens, mask } = completionBatch(rows, 4);
    expect(tokens.arraySync()).to.deep.equal([
      [5, 1, 2, 0],
      [6, 3, 0, 0],
    ]);
    expect(mask.arraySync()).to.deep.equal([
      [0, 0, 1, 0],
      [0, 1, 1, 0],
    ]);
    const all = completionLoss(model, start, { tokens, mask }).dataSync()[0];
    const sums = model.logProbs(start, tokens, mask).sum.dataSync();
    expect(all).to.be.closeTo(-(sums[0] + sums[1]) / 3, 1e-6);
    expect(() => completionBatch([{ prompt: [1], completion: [] }], 4)).to.throw(DomainError, "completion of row 0");
    expect(() => completionBatch([{ prompt: [1], completion: [1, 2, 3, 4] }], 4)).to.throw(DomainError, "at most 4");
  });

  it("fine-tuning comes near the demonstrators: the exact KL(demonstrators || policy) falls below 0.2 nats", async () => {
    const demonstrations = phraseDemonstrations(key(1), task, 4000).map(({ prompt, reply }) => ({
      prompt: [prompt],
      completion: task.tree.sequences[reply],
    }));
    const { state, history } = await trainSupervised(key(2), {
      ...quiet,
      model,
      start,
      optimizer: adam({ rate: 1e-2 }),
      demonstrations,
      validation: demonstrations.slice(0, 100),
      batch: 64,
      steps: 150,
    });
    const learned = logProbsOf(state.params);
    const kl = task.reference.map((reference, i) =>
      reference.reduce((sum, logp, n) => sum + Math.exp(logp) * (logp - learned[i][n]), 0),
    );
    expect(Math.max(...kl)).to.be.below(0.2);
    expect(history[99].validationLoss).to.be.a("number");
    disposeTree(state);
  });

  describe("direct methods raise the exact utility from noisy comparisons of the policy's own replies", () => {
    const before = exactly(start);
    const comparisons: Comparison<readonly number[]>[] = task.prompts.flatMap((prompt, i) => {
      const logProbs = logProbsOf(start)[i];
      const [first, second] = [0, 1].map((which) => categorical(foldIn(key(20 + i), which), logProbs, 1000));
      const of = (replies: Int32Array) => Float64Array.from(replies, (n) => task.utility[i][n]);
      const labels = labelPairs(key(30 + i), of(first), of(second));
      return Array.from(labels, (label, k) => {
        const [chosen, rejected] = label === 1 ? [first[k], second[k]] : [second[k], first[k]];
        return { prompt: [prompt], chosen: task.tree.sequences[chosen], rejected: task.tree.sequences[rejected] };
      });
    });
    const methods: DirectMethod[] = [
      directMethods.dpo({ beta: 0.5 }),
      directMethods.ipo({ beta: 0.2 }),
      directMethods.kto({ beta: 0.5 }),
      directMethods.conservativeDpo({ beta: 0.5, noise: 0.1 }),
      directMethods.robustDpo({ beta: 0.5, noise: 0.1 }),
      directMethods.simpo({ beta: 2, margin: 0.5 }),
      directMethods.orpo({ weight: 1 }),
    ];
    for (const method of methods) {
      it(method.name, async () => {
        const options = { ...quiet, model, start, method, optimizer: adam({ rate: 3e-3 }), comparisons, steps: 80 };
        const { state, history } = await trainDirect(key(3), options);
        expect(exactly(state.params).utility).to.be.above(before.utility + 0.5);
        const mean = (name: string, from: number) =>
          history.slice(from, from + 10).reduce((sum, record) => sum + record[name], 0) / 10;
        expect(mean("accuracy", 70)).to.be.above(0.6);
        if (method.reference) expect(mean("margin", 70)).to.be.above(mean("margin", 0));
        disposeTree(state);
      });
    }

    it("DPO begins at ln 2, with margins of 0", async () => {
      const method = directMethods.dpo();
      const options = { ...quiet, model, start, method, optimizer: adam({ rate: 3e-3 }), comparisons, steps: 1 };
      const { state, history } = await trainDirect(key(3), options);
      expect(history[0].loss).to.be.closeTo(Math.LN2, 1e-5);
      expect(history[0].margin).to.be.closeTo(0, 1e-5);
      disposeTree(state);
    });

    it("refuses to learn from nothing", async () => {
      const options = { model, start, optimizer: adam({ rate: 1 }), steps: 1 };
      for (const run of [
        () => trainDirect(key(1), { ...options, method: directMethods.dpo(), comparisons: [] }),
        () => trainSupervised(key(1), { ...options, demonstrations: [] }),
      ]) {
        let error: unknown;
        await run().catch((e: unknown) => {
          error = e;
        });
        expect(error).to.be.instanceOf(DomainError);
      }
    });
  });

  describe("expert iteration", () => {
    const run = (iterations: number, { batch = 256, rate = 1e-2, steps = 20 } = {}) =>
      trainPolicy(key(4), {
        ...{ ...quiet, model, start, prompts, iterations, batch, optimizer: adam({ rate }) },
        algorithm: algorithms.expertIteration({ group: 4, steps, rows: 64 }),
        ...{ reward: utility, trueReward: utility, newTokens: 3, stop: 0 },
      });

    it("raises the exact utility round by round, and reports what every policy's trainer reports", async () => {
      const { params, history } = await run(3);
      expect(history).to.have.length(3);
      for (const { best, reward, trueReward, beta, approxKl } of history) {
        expect(best).to.be.above(reward);
        expect(trueReward).to.equal(reward);
        expect(beta).to.equal(0);
        expect(approxKl).to.be.above(0);
      }
      expect(history[2].reward).to.be.above(history[0].reward + 0.5);
      expect(history[0].referenceKl).to.be.closeTo(0, 1e-5);
      expect(history[2].referenceKl).to.be.above(0.2);
      expect(history[2].entropy).to.be.below(history[0].entropy);
      expect(exactly(params).utility).to.be.above(exactly(start).utility + 1);
      disposeTree(params);
    });

    it("in its first round is rejection sampling: it comes nearer to the exact best of four than the start is", async () => {
      const { params } = await run(1, { batch: 4096, rate: 4e-3, steps: 80 });
      const [now, before] = [logProbsOf(params), logProbsOf(start)];
      task.utility.forEach((utility, i) => {
        const best = bestOfNLogProbs(before[i], utility, 4);
        const klTo = (logProbs: ArrayLike<number>) =>
          best.reduce((sum, logp, y) => sum + (logp > -50 ? Math.exp(logp) * (logp - logProbs[y]) : 0), 0);
        expect(klTo(now[i])).to.be.below(0.6 * klTo(before[i]));
      });
      disposeTree(params);
    });

    it("refuses a group of nobody", () => {
      for (const wrong of [{ group: 0 }, { steps: 0 }, { rows: -1 }]) {
        expect(() => algorithms.expertIteration(wrong)).to.throw(DomainError, Object.keys(wrong)[0]);
      }
    });
  });

  it("samples as many as asked, neighbours by prompt, and picks the best of each n", () => {
    const tensors = tf.memory().numTensors;
    const asked = [[5], [6], [5]];
    const options = { model, params: start, prompts: asked, n: 3, newTokens: 3, stop: 0, reward: utility, batch: 4 };
    const samples = sampleCompletions(key(9), options);
    expect(samples.map(({ prompt }) => prompt[0])).to.deep.equal([5, 5, 5, 6, 6, 6, 5, 5, 5]);
    // Who writes knows how likely it was.
    const read = completionLogProbs(model, start, samples);
    samples.forEach(({ logp }, i) => void expect(logp).to.be.closeTo(read[i], 1e-5));
    expect(tf.memory().numTensors).to.equal(tensors);
    const best = bestOfEach(samples, 3);
    expect(best.map(({ reward }) => reward)).to.deep.equal(
      [0, 3, 6].map((i) => Math.max(...samples.slice(i, i + 3).map(({ reward }) => reward))),
    );
    expect(() => bestOfEach(samples, 2)).to.throw(DomainError, "a divisor of 9");
  });
});
