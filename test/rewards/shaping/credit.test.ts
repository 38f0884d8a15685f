import { expect } from "chai";
import * as fc from "fast-check";
import { DomainError, ShapeError } from "../../../lib/src/core/index.js";
import { exactExpectation, exactKL, logSoftmax } from "../../../lib/src/numerics/index.js";
import { key, normal } from "../../../lib/src/random/index.js";
import { klShapedRewards, leaveOneOutCredit, shapleyCredit, valueCredit } from "../../../lib/src/rewards/index.js";
import {
  conditionalLogProbs,
  exactPolicyGradient,
  prefixesOf,
  sequenceIndex,
  sequenceTree,
  treePolicy,
} from "../../../lib/src/trees/index.js";
import { phraseTask, phraseUtility } from "../../../lib/src/worlds/index.js";

const sum = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0);

describe("credit of tokens", () => {
  const [GOOD, NOT, VERY, WHALE] = [1, 3, 4, 5];
  const utility = (tokens: readonly number[]) => phraseUtility(WHALE, tokens).total;

  it("by leaving out: what the reply loses", () => {
    // Utility is 1 (very good: 2, -1 for no end); without "very" 0, without "good" -1.
    expect([...leaveOneOutCredit([VERY, GOOD], utility)]).to.deep.equal([1, 2]);
    // Two words, each of which is enough.
    const either = (tokens: readonly string[]) => (tokens.length > 0 ? 1 : 0);
    expect([...leaveOneOutCredit(["a", "b"], either)]).to.deep.equal([0, 0]);
    expect([...shapleyCredit(["a", "b"], either)]).to.deep.equal([0.5, 0.5]);
  });

  it("by Shapley: over all orders, as counted one by one", () => {
    const tokens = [NOT, VERY, GOOD, WHALE];
    const orders = (rest: number[]): number[][] =>
      rest.length === 0 ? [[]] : rest.flatMap((t) => orders(rest.filter((x) => x !== t)).map((o) => [t, ...o]));
    const all = orders([0, 1, 2, 3]);
    const wanted = tokens.map((_, t) => {
      const gains = all.map((order) => {
        const before = order.slice(0, order.indexOf(t));
        const read = (chosen: number[]) => utility(tokens.filter((_, i) => chosen.includes(i)));
        return read([...before, t]) - read(before);
      });
      return sum(gains) / gains.length;
    });
    shapleyCredit(tokens, utility).forEach((credit, t) => {
      expect(credit).to.be.closeTo(wanted[t], 1e-12);
    });
  });

  it("by Shapley adds up, treats equals alike and gives nothing to who adds nothing", () => {
    const word = fc.constantFrom(1, 2, 3, 4, 5, 6);
    fc.assert(
      fc.property(fc.array(word, { maxLength: 7 }), (tokens) => {
        expect(sum(shapleyCredit(tokens, utility))).to.be.closeTo(utility(tokens) - utility([]), 1e-12);
        const counted = shapleyCredit(tokens, (list) => list.filter((t) => t === 1).length ** 2);
        tokens.forEach((token, t) => {
          expect(counted[t]).to.be.closeTo(token === 1 ? tokens.filter((x) => x === 1).length : 0, 1e-12);
        });
        // For a sum of words both are the word's own worth.
        const additive = (list: readonly number[]) => sum(list);
        [shapleyCredit(tokens, additive), leaveOneOutCredit(tokens, additive)].forEach((credit) => {
          credit.forEach((c, t) => {
            expect(c).to.be.closeTo(tokens[t], 1e-12);
          });
        });
      }),
      { numRuns: 40 },
    );
    expect(shapleyCredit([], utility)).to.have.length(0);
  });

  it("by values: advantages of the reference policy, adding up to R - V(empty)", () => {
    const task = phraseTask({ length: 4 });
    const { tree } = task;
    const logits = conditionalLogProbs(tree, task.reference[0]);
    const { V, Q } = exactPolicyGradient(treePolicy(tree, logits), task.utility[0]);
    for (const reply of [[NOT, GOOD, WHALE, 0], [GOOD, GOOD, GOOD, GOOD], [0]]) {
      const y = sequenceIndex(tree, reply);
      const credit = valueCredit(tree, V, y, task.utility[0][y]);
      expect(sum(credit)).to.be.closeTo(task.utility[0][y] - V[0], 1e-12);
      prefixesOf(tree, y).forEach((p, t) => {
        expect(credit[t]).to.be.closeTo(Q[p * 7 + reply[t]] - V[p], 1e-12);
      });
    }
  });

  it("refuses what it cannot credit", () => {
    expect(() => shapleyCredit(new Array(17).fill(1), sum)).to.throw(DomainError, "at most 16");
    expect(() => leaveOneOutCredit([1], () => Number.NaN)).to.throw(DomainError, "reward: expected a finite number");
    const tree = sequenceTree(2, 2);
    expect(() => valueCredit(tree, [1], 0, 1)).to.throw(ShapeError);
    expect(() => valueCredit(tree, [1, 1], 9, 1)).to.throw(DomainError, "sequence");
  });
});

describe("klShapedRewards", () => {
  it("puts the log-ratio on each token and the reward on the last", () => {
    const rewards = klShapedRewards([-1, -2, -3], [-1.5, -1, -3], 2, { beta: 0.5 });
    expect([...rewards]).to.deep.equal([-0.25, 0.5, 2]);
    expect([...klShapedRewards([-1, Number.NEGATIVE_INFINITY], [0, 0], 2, { beta: 0 })]).to.deep.equal([0, 2]);
  });

  it("averages to E[reward] - beta KL(new || ref), exactly", () => {
    const tree = sequenceTree(3, 3);
    const N = tree.sequences.length;
    const [logNew, logRef] = [key(1), key(2)].map((k) => Float64Array.from(logSoftmax(normal(k, N))));
    const reward = normal(key(3), N);
    const [perNew, perRef] = [logNew, logRef].map((log) => conditionalLogProbs(tree, log));
    const totals = tree.sequences.map((tokens, y) => {
      const places = prefixesOf(tree, y).map((p, t) => p * 3 + tokens[t]);
      const read = (conditionals: Float64Array) => places.map((place) => conditionals[place]);
      return sum(klShapedRewards(read(perNew), read(perRef), reward[y], { beta: 0.3 }));
    });
    const wanted = exactExpectation(logNew, reward) - 0.3 * exactKL(logNew, logRef);
    expect(exactExpectation(logNew, totals)).to.be.closeTo(wanted, 1e-12);
  });

  it("refuses bad input by name", () => {
    expect(() => klShapedRewards([], [], 1, { beta: 1 })).to.throw(DomainError, "empty completion");
    expect(() => klShapedRewards([-1], [-1, -2], 1, { beta: 1 })).to.throw(ShapeError, "logpRef: expected 1 numbers");
    expect(() => klShapedRewards([-1], [-1], 1, { beta: -1 })).to.throw(DomainError, "beta");
    expect(() => klShapedRewards([-1], [Number.NEGATIVE_INFINITY], 1, { beta: 1 })).to.throw(
      DomainError,
      "infinite KL",
    );
    expect(() => klShapedRewards([Number.NEGATIVE_INFINITY], [-1], 1, { beta: 1 })).to.throw(DomainError, "logpNew[0]");
    expect(() => klShapedRewards([-1], [-1], Number.NaN, { beta: 1 })).to.throw(DomainError, "reward");
  });
});
