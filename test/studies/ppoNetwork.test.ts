import { expect } from "chai";
import { DomainError, key, normal, ShapeError } from "rlhf-lab";
import { differenceGradient, exactExpectation, exactRegularisedOptimum } from "rlhf-lab/numerics";
import { twoHeadedNetwork } from "rlhf-lab/policy";
import { ppoNetwork } from "rlhf-lab/studies";
import { sequenceTree } from "rlhf-lab/trees";
import { phraseTask } from "rlhf-lab/worlds";
import { expectClose } from "../policy/floors.js";

describe("policy: a network with two heads on a tree", () => {
  const tree = sequenceTree(3, 3);
  const net = twoHeadedNetwork(tree, { prompts: 2, width: 4 });
  const params = normal(key(1), net.size);

  it("says what its formula says", () => {
    // Prefix [2, 1] after prompt 1, written out: inputs are prompts, then the two places with three tokens each.
    const p = tree.prefixes.findIndex((prefix) => prefix.join() === "2,1");
    const { logits, values } = net.forward(params, 1);
    const W = (input: number, i: number) => params[input * 4 + i];
    const h = [0, 1, 2, 3].map((i) => Math.tanh(params[8 * 4 + i] + W(1, i) + W(2 + 2, i) + W(5 + 1, i)));
    const head = 8 * 4 + 4;
    const logit = (v: number) => h.reduce((sum, x, i) => sum + x * params[head + i * 3 + v], params[head + 12 + v]);
    expectClose(logits.slice(3 * p, 3 * p + 3), [logit(0), logit(1), logit(2)], 1e-14);
    const critic = head + 15;
    expectClose([values[p]], [h.reduce((sum, x, i) => sum + x * params[critic + i], params[critic + 4])], 1e-14);
  });

  it("knows its gradient, in both heads and for both prompts", () => {
    const heads = net.forward(params, 0);
    const slopes = { logits: normal(key(2), heads.logits.length), values: normal(key(3), heads.values.length) };
    for (const x of [0, 1]) {
      const into = new Float64Array(net.size);
      net.backward(params, x, net.forward(params, x), slopes, into);
      const loss = (at: ArrayLike<number>) => {
        const { logits, values } = net.forward(Float64Array.from(at), x);
        return (
          logits.reduce((sum, z, i) => sum + z * slopes.logits[i], 0) +
          values.reduce((sum, v, i) => sum + v * slopes.values[i], 0)
        );
      };
      expectClose(into, differenceGradient(loss, params), 1e-6);
    }
  });

  it("begins with a policy that adds nothing, and a critic that says 0 unless asked otherwise", () => {
    const says = (options?: { valueDeviation?: number }) => net.forward(net.init(key(4), options), 0);
    expect(says().logits.every((z) => z === 0) && says().values.every((v) => v === 0)).to.equal(true);
    expect(says().hidden.some((h) => Math.abs(h) > 0.1)).to.equal(true);
    expect(says({ valueDeviation: 1 }).values.some((v) => Math.abs(v) > 0.1)).to.equal(true);
  });

  it("says what cannot be", () => {
    expect(() => twoHeadedNetwork(tree, { prompts: 2, width: 0 })).to.throw(DomainError, "width");
    expect(() => net.forward(params.slice(1), 0)).to.throw(ShapeError, "params");
    expect(() => net.forward(params, 2)).to.throw(DomainError, "prompt");
  });
});

describe("policy/ppo: PPO on that network", () => {
  const task = phraseTask({ length: 2 });
  const expected = (of: (x: number) => number) => (of(0) + of(1)) / 2;
  const before = expected(
    (x) =>
      exactRegularisedOptimum(task.reference[x], task.utility[x], 0.5).value -
      exactExpectation(task.reference[x], task.utility[x]),
  );
  const run = (options: Partial<Parameters<typeof ppoNetwork>[2]>) =>
    ppoNetwork(key(1), task, { rate: 0.02, iterations: 15, ...options });

  it("begins at the reference, whose gap is known, and closes most of it", () => {
    expectClose([run({ rate: 1e-12 }).gap], [before], 1e-6);
    // Without the score's normaliser, which moves the words that were not drawn, the three end at 0.08.
    const gaps = [1, 2, 3].map((k) => ppoNetwork(key(k), task, { rate: 0.02, iterations: 15 }).gap);
    expect(Math.min(...gaps)).to.be.above(0);
    expect(gaps.reduce((a, b) => a + b) / 3).to.be.below(0.06);
  });

  it("has the same optimum in another unit", () => {
    expect(run({ unit: 10, iterations: 30 }).gap).to.be.below(0.15 * before);
  });

  it("has a critic that learns what is to be expected, in any unit", () => {
    const best = expected((x) => exactRegularisedOptimum(task.reference[x], task.utility[x], 0.5).value);
    for (const options of [{}, { unit: 10 }]) {
      const { forecast, gap } = run({ iterations: 30, ...options });
      expect(forecast).to.be.closeTo(best - gap, 0.25);
    }
  });

  it("is the same for the same key, and another with each detail changed", () => {
    const gaps = [
      {},
      { whitening: false },
      { valueClip: 0.05 },
      { entropy: 0.1 },
      { unit: 10 },
      { valueDeviation: 1 },
    ].map((detail) => run(detail).gap);
    expect(run({}).gap).to.equal(gaps[0]);
    expect(new Set(gaps).size).to.equal(gaps.length);
  });

  it("with a large entropy bonus ends near uniform words", () => {
    // Of two uniform words out of seven one is <end> with 1 - (6/7)^2.
    const { finished } = run({ entropy: 20, iterations: 30 });
    expect(finished).to.be.closeTo(1 - (6 / 7) ** 2, 0.03);
  });

  it("earns what it is told to earn, and is measured in true utility", () => {
    const ends = task.tree.sequences.map((reply) => (reply.at(-1) === task.tree.end ? 5 : 0));
    const told = run({ reward: [ends, ends] });
    expect(told.finished)
      .to.be.above(run({}).finished + 0.05)
      .and.below(1);
    expect(told.gap).to.be.above(run({}).gap);
  });

  it("says what cannot be", () => {
    expect(() => run({ iterations: 0 })).to.throw(DomainError, "iterations");
    expect(() => run({ batch: 63 })).to.throw(DomainError, "batch");
    expect(() => run({ parts: 3 })).to.throw(DomainError, "batch");
  });
});
