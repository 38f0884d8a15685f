import { expect } from "chai";
import * as fc from "fast-check";
import { DomainError, ShapeError } from "../../../lib/src/core/index.js";
import {
  actionValue,
  optimalPolicy,
  policyReturn,
  policyValue,
  randomMdp,
  uniformPolicy,
} from "../../../lib/src/mdp/index.js";
import { exactRegularisedOptimum } from "../../../lib/src/numerics/index.js";
import { key, normal } from "../../../lib/src/random/index.js";
import {
  denseRewards,
  potentialShaping,
  shapedRewards,
  sparseRewards,
  withPotential,
  withTransitionReward,
} from "../../../lib/src/rewards/index.js";
import {
  conditionalLogProbs,
  exactPolicyGradient,
  potentialTokenRewards,
  prefixesOf,
  sequenceTree,
  sumOfTokenRewards,
  tabularContexts,
  terminalRewards,
  treePolicy,
} from "../../../lib/src/trees/index.js";
import { harbour, phraseTask } from "../../../lib/src/worlds/index.js";

const tree = sequenceTree(3, 3);
const numbers = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 2, maxLength: 8 });

describe("potential-based shaping", () => {
  it("telescopes to discount^T Phi(end) - Phi(start)", () => {
    fc.assert(
      fc.property(numbers, fc.constantFrom(0, 0.5, 0.9, 1), (potentials, discount) => {
        const shaping = potentialShaping(potentials, { discount });
        const sum = shaping.reduce((total, extra, t) => total + discount ** t * extra, 0);
        expect(sum).to.be.closeTo(discount ** shaping.length * potentials.at(-1)! - potentials[0], 1e-12);
      }),
    );
    expect([...potentialShaping([1, 2, 0], { discount: 0.5 })]).to.deep.equal([0, -2]);
    expect([...shapedRewards([0, 3], [1, 2, 0], { discount: 0.5 })]).to.deep.equal([0, 1]);
  });

  it("keeps every optimal policy of a random world, and takes Phi from every value", () => {
    for (let seed = 0; seed < 12; seed++) {
      const mdp = randomMdp(key(seed), { states: 7, actions: 3, discount: 0.9 });
      const potential = normal(key(100 + seed), 7).map((x) => 10 * x);
      const shaped = withPotential(mdp, potential);
      const [before, after] = [optimalPolicy(mdp), optimalPolicy(shaped)];
      expect([...after.choice]).to.deep.equal([...before.choice]);
      const uniform = uniformPolicy(mdp);
      const [plain, moved] = [policyValue(mdp, uniform), policyValue(shaped, uniform)];
      plain.forEach((value, s) => {
        expect(moved[s]).to.be.closeTo(value - potential[s], 1e-9);
      });
      const Q = actionValue(shaped, moved);
      actionValue(mdp, plain).forEach((value, pair) => {
        expect(Q[pair]).to.be.closeTo(value - potential[Math.floor(pair / 3)], 1e-9);
      });
    }
  });

  it("with Phi = V* makes the best action the best at once", () => {
    const mdp = randomMdp(key(3), { states: 6, actions: 3, discount: 0.9 });
    const { value, choice } = optimalPolicy(mdp);
    const { rewards } = withPotential(mdp, value);
    for (let s = 0; s < 6; s++) {
      const row = [...rewards.subarray(3 * s, 3 * s + 3)];
      expect(row.indexOf(Math.max(...row))).to.equal(choice[s]);
      expect(Math.max(...row)).to.be.closeTo(0, 1e-9);
    }
  });

  it("with another discount than the world's changes what is best", () => {
    let changed = 0;
    for (let seed = 0; seed < 12; seed++) {
      const mdp = randomMdp(key(seed), { states: 7, actions: 3, discount: 0.9 });
      const potential = normal(key(100 + seed), 7).map((x) => 10 * x);
      const forgot = withTransitionReward(mdp, (s, _, next) => potential[next] - potential[s]);
      if (optimalPolicy(forgot).choice.join() !== optimalPolicy(mdp).choice.join()) changed++;
    }
    expect(changed).to.be.above(6); // of twelve worlds
  });

  it("on the phrase tree leaves the KL-regularised optimum where it is, whatever the potential", () => {
    const task = phraseTask({ length: 4 });
    const potential = normal(key(1), task.tree.prefixes.length);
    const extra = sumOfTokenRewards(task.tree, potentialTokenRewards(task.tree, potential));
    for (const sum of extra) expect(sum).to.be.closeTo(-potential[0], 1e-12);
    const shaped = task.utility[0].map((u, y) => u + extra[y]);
    const [before, after] = [task.utility[0], shaped].map((r) => exactRegularisedOptimum(task.reference[0], r, 0.5));
    after.logProbs.forEach((log, y) => {
      expect(log).to.be.closeTo(before.logProbs[y], 1e-9);
    });
    // The exact policy gradient does not feel it either.
    const rows = tabularContexts(task.tree);
    const logits = conditionalLogProbs(task.tree, task.reference[0]);
    const gradients = [task.utility[0], shaped].map(
      (r) => exactPolicyGradient(treePolicy(task.tree, logits, rows), r).gradient,
    );
    gradients[1].forEach((slope, i) => {
      expect(slope).to.be.closeTo(gradients[0][i], 1e-12);
    });
  });

  it("with a potential at the ends is a reward of its own", () => {
    const potential = normal(key(4), tree.prefixes.length);
    const ends = normal(key(5), tree.sequences.length);
    for (const discount of [1, 0.8]) {
      const sums = sumOfTokenRewards(tree, potentialTokenRewards(tree, potential, { discount, ends }), { discount });
      tree.sequences.forEach(({ length }, y) => {
        expect(sums[y]).to.be.closeTo(discount ** length * ends[y] - potential[0], 1e-12);
      });
    }
  });

  it("refuses potentials that do not fit", () => {
    expect(() => potentialShaping([1], { discount: 1 })).to.throw(DomainError, "at least one more");
    expect(() => potentialShaping([1, Number.NaN], { discount: 1 })).to.throw(DomainError, "potentials[1]");
    expect(() => potentialShaping([1, 2], { discount: 1.1 })).to.throw(DomainError, "discount");
    expect(() => shapedRewards([1], [1], { discount: 1 })).to.throw(ShapeError, "2 numbers");
    expect(() => withPotential(randomMdp(key(1), { states: 3, actions: 2, discount: 0.5 }), [1])).to.throw(ShapeError);
    expect(() => potentialTokenRewards(tree, [1])).to.throw(ShapeError, "potential: expected 7 numbers");
    expect(() =>
      potentialTokenRewards(
        tree,
        tree.prefixes.map(() => Number.NaN),
      ),
    ).to.throw(DomainError, "finite");
    expect(() => sumOfTokenRewards(tree, [1])).to.throw(ShapeError);
    expect(() => terminalRewards(tree, [1])).to.throw(ShapeError, "rewards");
  });
});

describe("sparse and dense forms", () => {
  it("hold the same reward", () => {
    expect([...sparseRewards(2.5, 3)]).to.deep.equal([0, 0, 2.5]);
    expect([...denseRewards([1, 3, 2])]).to.deep.equal([2, -1]);
    fc.assert(
      fc.property(numbers, (scores) => {
        const total = denseRewards(scores).reduce((a, b) => a + b, 0);
        expect(total).to.be.closeTo(scores.at(-1)! - scores[0], 1e-12);
        // Dense is sparse and shaping with the score as potential, 0 at the end.
        const sparse = sparseRewards(scores.at(-1)!, scores.length - 1);
        const shaped = shapedRewards(sparse, [...scores.slice(0, -1), 0], { discount: 1 });
        shaped.forEach((reward, t) => {
          expect(reward).to.be.closeTo(denseRewards(scores)[t], 1e-12);
        });
      }),
    );
    const rewards = normal(key(2), tree.sequences.length);
    expect([...sumOfTokenRewards(tree, terminalRewards(tree, rewards))]).to.deep.equal([...rewards]);
  });

  it("refuse an empty reply", () => {
    expect(() => sparseRewards(1, 0)).to.throw(DomainError, "no token to carry the reward");
    expect(() => denseRewards([1])).to.throw(DomainError);
    expect(() => sparseRewards(Number.NaN, 2)).to.throw(DomainError);
  });

  it("know the prefixes of a sequence", () => {
    tree.sequences.forEach((tokens, y) => {
      const passed = prefixesOf(tree, y).map((p) => tree.prefixes[p].join());
      expect(passed).to.deep.equal(tokens.map((_, t) => tokens.slice(0, t).join()));
    });
  });
});

describe("the harbour", () => {
  const { mdp, start, distance, harbour: goal } = harbour();

  it("is worth discount^(steps - 1)", () => {
    const { value } = optimalPolicy(mdp);
    for (let s = 0; s < mdp.states; s++) {
      if (s !== goal && Number.isFinite(distance[s])) expect(value[s]).to.be.closeTo(0.95 ** (distance[s] - 1), 1e-12);
    }
    expect(policyReturn(mdp, optimalPolicy(mdp).policy)).to.be.closeTo(0.95 ** (distance[start] - 1), 1e-12);
  });

  it("with a reward for coming closer is sailed in circles; with the distance as potential it is not", () => {
    const closer = withTransitionReward(mdp, (s, _, next) => (distance[next] < distance[s] ? 0.2 : 0));
    expect(policyReturn(mdp, optimalPolicy(closer).policy)).to.be.closeTo(0, 1e-12);
    const potential = distance.map((steps) => (Number.isFinite(steps) ? -steps / 5 : 0));
    expect(policyReturn(mdp, optimalPolicy(withPotential(mdp, potential)).policy)).to.be.closeTo(
      0.95 ** (distance[start] - 1),
      1e-12,
    );
  });

  it("refuses a chart without a way", () => {
    expect(() => harbour({ map: ["S#H"] })).to.throw(DomainError, "a way from S to H");
    expect(() => harbour({ map: ["SS.", "..H"] })).to.throw(DomainError, "one S and one H");
    expect(() => harbour({ map: ["S.", "..H"] })).to.throw(DomainError);
  });
});
