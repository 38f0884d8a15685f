import { expect } from "chai";
import fc from "fast-check";
import { DivergenceError, DomainError, key, normal, ShapeError } from "rlhf-lab";
import {
  banditActorCritic,
  compatibleFeatures,
  linearCriticGradient,
  offPolicyCritic,
  powerSchedule,
} from "rlhf-lab/policy";
import {
  exactPolicyGradient,
  expectedScore,
  lastTokenContexts,
  sequenceTree,
  tabularContexts,
  treePolicy,
} from "rlhf-lab/trees";
import { phraseTask } from "rlhf-lab/worlds";
import { close } from "../../preferences/close.js";

const task = phraseTask({ length: 3 });
const { tree } = task;
const V = tree.vocabulary;

describe("compatible features", () => {
  it("give the exact gradient at any policy, whether it has a row for each prefix or one for each last token", () => {
    const small = sequenceTree(3, 3);
    const reward = normal(key(1), small.sequences.length);
    for (const rows of [tabularContexts(small), lastTokenContexts(small)]) {
      const size = (Math.max(...rows) + 1) * 3;
      fc.assert(
        fc.property(
          fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: size, maxLength: size }),
          (logits) => {
            const features = compatibleFeatures(treePolicy(small, logits, rows));
            const { gradient, exact } = linearCriticGradient(treePolicy(small, logits, rows), reward, features);
            close(gradient, exact, 1e-8);
            close(exact, exactPolicyGradient(treePolicy(small, logits, rows), reward).gradient, 0);
          },
        ),
        { numRuns: 20 },
      );
    }
  });

  it("are the score: differences of log-probabilities; and add up to nothing under the policy", () => {
    const rows = lastTokenContexts(tree);
    const logits = Array.from(normal(key(2), 8 * V));
    const features = compatibleFeatures(treePolicy(tree, logits, rows));
    const p = 3;
    const logProb = (x: number[], v: number) => {
      const row = x.slice(rows[p] * V, (rows[p] + 1) * V);
      return row[v] - Math.log(row.reduce((sum, z) => sum + Math.exp(z), 0));
    };
    const h = 1e-5;
    for (const v of [0, 4]) {
      const slope = logits.map((_, i) => {
        const at = (d: number) => logits.map((x, j) => (j === i ? x + d : x));
        return (logProb(at(h), v) - logProb(at(-h), v)) / (2 * h);
      });
      close(features[p * V + v], slope, 1e-8);
    }
  });

  it("others give a wrong one, though they fit better", () => {
    const contexts = lastTokenContexts(tree);
    const logits = new Float64Array(8 * V);
    const fit = (features: ArrayLike<number>[]) =>
      linearCriticGradient({ tree, contexts, logits }, task.utility[0], features);
    const P = tree.prefixes.length;
    const stateAndToken = Array.from({ length: P * V }, (_, pair) => {
      const f = new Float64Array(P + V);
      f[Math.floor(pair / V)] = 1;
      f[P + (pair % V)] = 1;
      return f;
    });
    const compatible = fit(compatibleFeatures(treePolicy(tree, logits, contexts)));
    const other = fit(stateAndToken);
    expect(compatible.cosine).to.be.closeTo(1, 1e-9);
    expect(compatible.explained).to.be.below(0.2);
    expect(other.explained).to.be.above(0.7);
    expect(other.cosine).to.be.below(0.95);
  });

  it("the true action values in their place give the exact gradient; a baseline on the state changes nothing", () => {
    const contexts = lastTokenContexts(tree);
    const logits = normal(key(4), 8 * V);
    const { Q, gradient } = exactPolicyGradient({ tree, contexts, logits }, task.utility[0]);
    close(expectedScore({ tree, contexts, logits }, Q), gradient, 1e-12);
    const shifted = Q.map((q, pair) => q + Math.floor(pair / V));
    close(expectedScore({ tree, contexts, logits }, shifted), gradient, 1e-10);
  });

  it("refuse other shapes", () => {
    const rows = lastTokenContexts(tree);
    expect(() => linearCriticGradient(treePolicy(tree, new Float64Array(56), rows), task.utility[0], [[1]])).to.throw(
      ShapeError,
      "features",
    );
  });
});

describe("two time scales", () => {
  const bandit = { reward: [1, 0], believed: [-1, 0], steps: 20_000, every: 100 };
  const slow = { scale: 2, power: 0.95 };
  const fast = { scale: 2, power: 0.55 };

  it("critic faster: the best action wins, and the critic is right", () => {
    const end = banditActorCritic({ ...bandit, actor: slow, critic: { ...fast, scale: 0.3 } }).at(-1)!;
    expect(end.probability[0]).to.be.above(0.85);
    expect(end.believed[0]).to.be.closeTo(1, 1e-6);
  });

  it("actor faster, with the very same steps exchanged: both are stuck with what was believed at first", () => {
    const run = banditActorCritic({ ...bandit, actor: fast, critic: { ...slow, scale: 0.3 } });
    const end = run.at(-1)!;
    expect(end.probability[0]).to.be.below(0.01);
    expect(end.believed[0]).to.be.below(-0.35);
    // It is a limit, not a delay: a hundred times longer it moves less than before.
    const long = banditActorCritic({
      ...bandit,
      steps: 200_000,
      every: 20_000,
      actor: fast,
      critic: { ...slow, scale: 0.3 },
    });
    expect(long.at(-1)!.probability[0]).to.be.below(end.probability[0]);
    expect(long.at(-1)!.believed[0] - end.believed[0]).to.be.below(0.01);
  });

  it("with a penalty the policy keeps trying, and even the fast actor comes to the regularised optimum", () => {
    const penalised = { ...bandit, beta: 0.5, actor: fast, critic: { ...slow, scale: 0.3 }, steps: 100_000 };
    const optimum = Math.exp(2) / (Math.exp(2) + 1);
    expect(banditActorCritic(penalised).at(-1)!.probability[0]).to.be.closeTo(optimum, 0.04);
  });

  it("one step by hand", () => {
    const [start, next] = banditActorCritic({
      reward: [1, 0],
      believed: [0.5, 0],
      actor: { scale: 1, power: 1 },
      critic: { scale: 0.2, power: 1 },
      steps: 1,
    });
    expect(start).to.deep.equal({ step: 0, probability: [0.5, 0.5], believed: [0.5, 0] });
    close(next.believed, [0.5 + 0.2 * 0.5 * 0.5, 0], 1e-12);
    const theta = 0.5 * (0.5 - 0.25);
    expect(next.probability[0]).to.be.closeTo(1 / (1 + Math.exp(-2 * theta)), 1e-12);
  });

  it("step sizes", () => {
    expect(powerSchedule({ scale: 3, power: 0.5 })(0)).to.equal(3);
    expect(powerSchedule({ scale: 3, power: 1, horizon: 10 })(10)).to.equal(1.5);
    expect(() => powerSchedule({ scale: 0, power: 1 })).to.throw(DomainError, "step size");
    expect(() => banditActorCritic({ ...bandit, believed: [1], actor: fast, critic: slow })).to.throw(
      ShapeError,
      "believed",
    );
  });

  it("an off-policy critic runs away exactly as computed, an on-policy one comes home", () => {
    const away = offPolicyCritic({ share: 1, discount: 0.9, rate: 0.1, steps: 50 });
    expect(away[50]).to.be.closeTo(1.08 ** 50, 1e-9);
    const home = offPolicyCritic({ share: 0.1, discount: 0.9, rate: 0.1, steps: 500 });
    expect(Math.abs(home[500])).to.be.below(1e-6);
    expect(Math.abs(offPolicyCritic({ share: 1, discount: 0.4, rate: 0.1, steps: 500 })[500])).to.be.below(1e-3);
    expect(() => offPolicyCritic({ share: 1, discount: 1, rate: 1e9, steps: 50 })).to.throw(DivergenceError, "step");
    expect(() => offPolicyCritic({ share: 2, discount: 1, rate: 1, steps: 5 })).to.throw(DomainError, "share");
  });
});
