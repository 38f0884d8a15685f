import { expect } from "chai";
import fc from "fast-check";
import { DomainError, ShapeError } from "../../../lib/src/core/index.js";
import { samplingLogits } from "../../../lib/src/models/sampling.js";
import { exactEntropy, exactExpectation, exactRegularisedOptimum, logSumExp } from "../../../lib/src/numerics/index.js";
import { reinforce } from "../../../lib/src/policy/index.js";
import { key, normal32 } from "../../../lib/src/random/index.js";
import { tf } from "../../../lib/src/tensor/index.js";
import { conditionalLogProbs, sequenceLogProbs } from "../../../lib/src/trees/index.js";
import { phraseTask } from "../../../lib/src/worlds/index.js";
import { close } from "../../preferences/close.js";

const task = phraseTask({ length: 3 });
const conditionals = conditionalLogProbs(task.tree, task.reference[0]);
const measure = (c: ArrayLike<number>) => reinforce.measurePolicy(task.tree, c, task.utility[0], task.reference[0]);

describe("policy/reinforce, exploration", () => {
  it("temperature and nucleus are those of the generator", () => {
    const logits = normal32(key(1), 35);
    const z = tf.tensor2d(logits, [5, 7]);
    for (const options of [
      { temperature: 0.5 },
      { topP: 0.7 },
      { topP: 0.3 },
      { temperature: 2, topP: 0.9 },
      { topP: 1 },
    ]) {
      const want = tf.softmax(samplingLogits(z, options)).dataSync();
      const logp = tf.logSoftmax(z).dataSync();
      const warm = reinforce.temper(logp, 7, options.temperature ?? 1);
      close(reinforce.nucleus(warm, 7, options.topP ?? 1).map(Math.exp), want, 1e-5);
    }
  });

  it("keeps rows distributions, temperature 1 and p = 1 the policy, a small p the likeliest token", () => {
    const rows = (c: Float64Array) => Array.from({ length: c.length / 7 }, (_, r) => c.slice(7 * r, 7 * r + 7));
    fc.assert(
      fc.property(
        fc.double({ min: 0.05, max: 8, noNaN: true }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (t, p) => {
          const explored = reinforce.nucleus(reinforce.temper(conditionals, 7, t), 7, p);
          for (const row of rows(explored)) expect(logSumExp(row)).to.be.closeTo(0, 1e-9);
        },
      ),
      { numRuns: 20 },
    );
    close(reinforce.temper(conditionals, 7, 1), conditionals, 1e-12);
    expect([...reinforce.nucleus(conditionals, 7, 1)]).to.deep.equal([...conditionals]);
    for (const row of rows(reinforce.nucleus([-1, -2, -0.5], 3, 0.01)))
      expect([...row]).to.deep.equal([-Infinity, -Infinity, 0]);
    expect(measure(reinforce.temper(conditionals, 7, 1e-3)).entropy).to.be.below(3); // only ties are left
    for (const tiny of [1e-39, 1e-300, Number.MIN_VALUE]) {
      const entropy = measure(reinforce.temper(conditionals, 7, tiny)).entropy;
      expect(entropy, "the ties again, and no NaN").to.be.within(0, 3);
    }
  });

  it("measures the reference as far from itself by 0, and a cut reply as costing what its mass says", () => {
    const { reward, entropy, kl } = measure(conditionals);
    expect(kl).to.be.closeTo(0, 1e-12);
    expect(reward).to.be.closeTo(exactExpectation(task.reference[0], task.utility[0]), 1e-12);
    expect(entropy).to.be.closeTo(exactEntropy(task.reference[0]), 1e-12);
    const cut = measure(reinforce.nucleus(conditionals, 7, 0.8));
    expect(cut.entropy).to.be.below(entropy);
    expect(cut.kl).to.be.within(0.01, Math.log(1 / 0.8) * 3); // at most log(1/p) for each of three tokens
  });

  it("no way to explore earns more than the entropy optimum of the same entropy", () => {
    const best = exactRegularisedOptimum(task.reference[0], task.utility[0], 0.3).logProbs;
    const start = conditionalLogProbs(task.tree, best);
    for (const explored of [
      ...[0.5, 1, 2].map((t) => reinforce.temper(start, 7, t)),
      ...[0.5, 0.9].map((p) => reinforce.nucleus(start, 7, p)),
    ]) {
      const logProbs = sequenceLogProbs(task.tree, explored);
      const { reward, entropy } = measure(explored);
      // The coefficient whose optimum has this entropy, by bisection.
      let [low, high] = [1e-2, 1e3];
      for (let k = 0; k < 60; k++) {
        const middle = Math.sqrt(low * high);
        if (exactEntropy(reinforce.entropyOptimum(task.utility[0], middle)) < entropy) low = middle;
        else high = middle;
      }
      const optimum = reinforce.entropyOptimum(task.utility[0], high);
      // The optima's entropies end at the logarithm of how many best replies there are; those earn the most there is.
      expect(exactEntropy(optimum)).to.be.at.least(entropy - 1e-6);
      expect(exactExpectation(optimum, task.utility[0])).to.be.above(reward - 1e-6);
      expect(logSumExp(logProbs)).to.be.closeTo(0, 1e-9);
    }
  });

  it("says what is wrong", () => {
    expect(() => reinforce.temper(conditionals, 7, 0)).to.throw(DomainError, /temperature/);
    expect(() => reinforce.temper(conditionals, 6, 1)).to.throw(ShapeError, /multiple/);
    expect(() => reinforce.nucleus(conditionals, 7, 0)).to.throw(DomainError, /p:/);
    expect(() => reinforce.nucleus(conditionals, 7, 1.1)).to.throw(DomainError, /p:/);
    expect(() => reinforce.entropyOptimum(task.utility[0], 0)).to.throw(DomainError, /beta/);
    expect(() => reinforce.measureReplies([0], [1, 2], [0])).to.throw(ShapeError);
  });
});
