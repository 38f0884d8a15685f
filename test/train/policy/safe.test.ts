// PPO-Lagrangian through the one trainer, on the phrase task, by enumeration.
import { expect } from "chai";
import { chargedOptimum, constraintMultiplier } from "../../../lib/src/constitution/index.js";
import { DomainError } from "../../../lib/src/core/index.js";
import { exactExpectation, mean } from "../../../lib/src/numerics/index.js";
import { key } from "../../../lib/src/random/index.js";
import { safePhraseStudy } from "../../../lib/src/studies/index.js";
import { adam, disposeTree, namedLeaves, type Tree } from "../../../lib/src/tensor/index.js";
import { algorithms, type RewardFunction, trainPolicy, trainSafePolicy } from "../../../lib/src/train/index.js";
import { phraseFlattery } from "../../../lib/src/worlds/index.js";
import { model, prompts, start, task, utility } from "./phraseWorld.js";

const bits = (tree: Tree) => namedLeaves(tree).map(([name, leaf]) => [name, [...leaf.dataSync()]]);
const length: RewardFunction = ({ written }) => written.map((tokens) => tokens.length);
const common = {
  model,
  start,
  optimizer: adam({ rate: 1e-2, maxNorm: 1 }),
  prompts,
  reward: utility,
  batch: 32,
  newTokens: 3,
  stop: 0,
  beta: 0.1,
  label: false as const,
};

describe("trainSafePolicy", () => {
  it("with a limit far away is PPO, bit for bit", async () => {
    const algorithm = algorithms.ppo();
    const plain = await trainPolicy(key(1), { ...common, iterations: 3, algorithm, costs: { cost: length } });
    const safe = await trainSafePolicy(key(1), { ...common, iterations: 3, algorithm, cost: length, limit: 100 });
    expect(bits(safe.params)).to.deep.equal(bits(plain.params));
    expect(safe.history.map(({ multiplier }) => multiplier)).to.deep.equal([0, 0, 0]);
    disposeTree([plain.params, safe.params]);
  });

  it("pays for cost by the multiplier of its batches, which it reports", async () => {
    const gains = { proportional: 0.3, integral: 0.1, derivative: 0.2 };
    const { history, params } = await trainSafePolicy(key(2), {
      ...common,
      iterations: 5,
      cost: length,
      limit: 2,
      gains,
    });
    let [integral, before] = [0, Number.NaN];
    for (const record of history) {
      const cost = record["cost.cost"] as number;
      integral = Math.max(0, integral + 0.1 * (cost - 2));
      const rise = Number.isNaN(before) ? 0 : Math.max(0, cost - before);
      expect(record.multiplier).to.be.closeTo(Math.max(0, 0.3 * (cost - 2) + integral + 0.2 * rise), 1e-5);
      before = cost;
    }
    expect(history.some(({ multiplier }) => (multiplier as number) > 0)).to.equal(true);
    disposeTree(params);
  });

  it("refuses gains below 0, a limit that is no number, and a cost that is not there", async () => {
    const base = algorithms.ppo();
    expect(() => algorithms.lagrangian(base, { cost: "c", limit: 1, gains: { integral: -1 } })).to.throw(
      DomainError,
      "integral",
    );
    expect(() => algorithms.lagrangian(base, { cost: "c", limit: Number.NaN })).to.throw(DomainError, "limit");
    expect(() => algorithms.lagrangian(base, { cost: "c", limit: 1, start: -1 })).to.throw(DomainError, "start");
    const missing = trainPolicy(key(1), {
      ...common,
      iterations: 1,
      algorithm: algorithms.lagrangian(base, { cost: "c", limit: 1 }),
    });
    const error = await missing.then(
      () => undefined,
      (thrown: Error) => thrown,
    );
    expect(error).to.be.instanceOf(DomainError);
    expect((error as Error).message).to.include('a cost named "c"');
  });

  it("comes near to the exact optimum under the limit", async () => {
    const study = safePhraseStudy(task, model, adam({ rate: 5e-3, maxNorm: 1 }));
    const { params, logProbs } = await study.imitate(key(3));
    const [reward, cost] = [task.utility[0], phraseFlattery(task)];
    const run = await study.run(key(4), params, { reward, cost, limit: 0.2, beta: 0.3, iterations: 120 });
    const problem = { logRef: logProbs, reward, cost, beta: 0.3, limit: 0.2 };
    const best = chargedOptimum(problem, constraintMultiplier(problem));
    expect(mean(run.batchCosts.slice(60))).to.be.closeTo(0.2, 0.1);
    const free = chargedOptimum(problem, 0);
    expect(free.cost).to.be.greaterThan(0.4);
    expect(exactExpectation(run.logProbs, cost)).to.be.below((0.2 + free.cost) / 2);
    expect(exactExpectation(run.logProbs, reward)).to.be.closeTo(exactExpectation(best.logProbs, reward), 0.4);
    disposeTree(params);
  });
});
