import { expect } from "chai";
import {
  DivergenceError,
  DomainError,
  InterruptError,
  key,
  mean,
  ShapeError,
  setNotebookHost,
  split,
  standardError,
} from "rlhf-lab";
import { exactRegularisedOptimum } from "rlhf-lab/numerics";
import { trainTabularA2c, trainTabularPpo, trainTabularReinforce, trainTabularSac } from "rlhf-lab/policy";
import { conditionalLogProbs, sequenceLogProbsOf, sequenceTree, treePolicy } from "rlhf-lab/trees";
import { phraseTask } from "rlhf-lab/worlds";
import { close } from "../../preferences/close.js";

const task = phraseTask({ length: 3 });
const start = treePolicy(task.tree, conditionalLogProbs(task.tree, task.reference[0]));
const world = {
  reference: task.reference[0],
  reward: task.utility[0],
  beta: 0.5,
};
const algorithms = { A2C: trainTabularA2c, PPO: trainTabularPpo, SAC: trainTabularSac };

describe("actor-critics on a table", () => {
  for (const [name, train] of Object.entries(algorithms)) {
    it(`${name} reaches the exact optimum: a gap of 1.43 nats falls below 0.02 for each of four seeds, their mean below 0.015 with 95 % confidence`, () => {
      const gaps = split(key(11), 4).map((k) => {
        const { history, policy, optimum } = train(k, start, { ...world, steps: 400, every: 400 });
        expect(history[0].gap).to.be.closeTo(1.4276, 1e-4);
        const last = history.at(-1)!;
        expect(last.value, "what the critic says of the beginning").to.be.closeTo(last.objective, 0.1);
        const logProbs = sequenceLogProbsOf(policy);
        const best = exactRegularisedOptimum(world.reference, world.reward, world.beta);
        expect(optimum).to.equal(best.value);
        // The gap is beta KL(pi || pi*), so the policy is near too.
        const kl = logProbs.reduce((sum, log, y) => sum + Math.exp(log) * (log - best.logProbs[y]), 0);
        expect(last.gap).to.be.closeTo(world.beta * kl, 1e-9);
        return last.gap;
      });
      expect(Math.max(...gaps)).to.be.below(0.02);
      expect(mean(gaps) + 2.35 * standardError(gaps)).to.be.below(0.015);
    });

    it(`${name} on six replies comes as near as one likes`, () => {
      const tree = sequenceTree(3, 2);
      const blank = treePolicy(tree, new Float64Array(tree.next.length));
      const reward = Array.from(tree.sequences, (y) => (y[0] === 1 ? 1 : 0) + (y[1] === 2 ? 0.5 : 0));
      const options = { reward, beta: 0.5, steps: 600, batch: 64, every: 600 };
      expect(train(key(2), blank, name === "PPO" ? { ...options, rate: 2 } : options).history.at(-1)!.gap).to.be.below(
        1e-4,
      );
    });

    it(`${name}: the key decides everything, and what came in is not changed`, () => {
      const before = Float64Array.from(start.logits);
      const options = { ...world, steps: 5, every: 2, batch: 8 };
      const [one, two] = [train(key(1), start, options), train(key(1), start, options)];
      expect(one).to.deep.equal(two);
      expect(one.history.map(({ step, replies }) => [step, replies])).to.deep.equal([
        [0, 0],
        [2, 16],
        [4, 32],
        [5, 40],
      ]);
      close(start.logits, before, 0);
      expect(train(key(2), start, options).policy.logits).to.not.deep.equal(one.policy.logits);
    });

    it(`${name} refuses what cannot be, and names the step at which it runs away`, () => {
      expect(() => train(key(1), start, { ...world, steps: 0 })).to.throw(DomainError, "steps");
      expect(() => train(key(1), start, { ...world, steps: 1, beta: 0 })).to.throw(DomainError, "beta");
      expect(() => train(key(1), start, { ...world, steps: 1, reward: [1] })).to.throw(ShapeError, "reward");
      expect(() => train(key(1), start, { ...world, steps: 1, rate: -1 })).to.throw(DomainError, "rate");
      expect(() =>
        train(key(1), start, { ...world, steps: 9, rate: 1e300, reward: world.reward.map((r) => 1e10 * r) }),
      ).to.throw(DivergenceError, "step");
    });
  }

  it("all of them are watched as the tensor trainers are: every record as it comes, an early end, an interrupt", () => {
    for (const train of [...Object.values(algorithms), trainTabularReinforce] as (typeof trainTabularA2c)[]) {
      const options = { ...world, steps: 20, every: 2, batch: 8 };
      const seen: number[] = [];
      const { history } = train(key(1), start, {
        ...options,
        onRecord: ({ step }) => void seen.push(step),
        until: ({ step }, all) => step >= 6 && all.length === 4,
      });
      expect(seen).to.deep.equal([0, 2, 4, 6]);
      expect(history.map(({ step }) => step)).to.deep.equal(seen);
      expect(history).to.deep.equal(train(key(1), start, options).history.slice(0, 4));
      for (const name of ["reward", "referenceKl", "sequenceEntropy"] as const)
        expect(history[3][name], name).to.be.a("number");

      const controller = new AbortController();
      const restore = setNotebookHost({ display: () => {}, interrupt: controller.signal, prompt: async () => "" });
      const interrupted = () =>
        train(key(1), start, { ...options, onRecord: ({ step }) => void (step === 4 && controller.abort()) });
      try {
        expect(interrupted).to.throw(InterruptError, "step 4");
      } finally {
        restore();
      }
    }
  });

  it("PPO with one epoch and no clipping in play is A2C, bit for bit but rounding", () => {
    const options = { ...world, steps: 6, every: 1, batch: 16 };
    const a = trainTabularA2c(key(4), start, options);
    const p = trainTabularPpo(key(4), start, { ...options, epochs: 1 });
    close(p.policy.logits, a.policy.logits, 1e-10);
  });

  it("A2C with n-step returns: one step is lambda 0, three steps (as long as a reply) lambda 1; two get there too", () => {
    const options = { ...world, steps: 5, every: 1, batch: 16 };
    for (const [n, lambda] of [
      [1, 0],
      [3, 1],
    ]) {
      const [a, b] = [
        trainTabularA2c(key(4), start, { ...options, n }),
        trainTabularA2c(key(4), start, { ...options, lambda }),
      ];
      close(a.policy.logits, b.policy.logits, 1e-10);
    }
    expect(trainTabularA2c(key(4), start, { ...world, steps: 300, every: 300, n: 2 }).history.at(-1)!.gap).to.be.below(
      0.03,
    );
  });

  it("SAC steers its entropy: with one state, to the entropy asked for, at the temperature whose softmax has it", () => {
    const tree = sequenceTree(4, 1);
    const reward = [0, 1, 2, 3];
    const options = { reward, beta: 1, steps: 1500, every: 1500 };
    // Against a uniform reference -KL is entropy minus ln 4.
    const { history } = trainTabularSac(key(5), treePolicy(tree, new Float64Array(4)), {
      ...options,
      targetEntropy: 0.7 - Math.log(4),
      temperatureRate: 0.05,
    });
    const { sequenceEntropy: entropy, beta: temperature, reward: earned } = history.at(-1)!;
    expect(entropy).to.be.closeTo(0.7, 0.01);
    const weights = reward.map((r) => Math.exp(r / temperature));
    const total = weights.reduce((a, b) => a + b);
    expect(-weights.reduce((sum, w) => sum + (w / total) * Math.log(w / total), 0)).to.be.closeTo(0.7, 0.02);
    expect(earned).to.be.closeTo(
      weights.reduce((sum, w, a) => sum + (w / total) * reward[a], 0),
      0.02,
    );
  });
});
