// The sampled methods on an enumerable world that lesson 10 compares.
import { expect } from "chai";
import { DomainError, key, normal, ShapeError } from "rlhf-lab";
import { differenceGradient, exactExpectation, exactKL, exactRegularisedOptimum } from "rlhf-lab/numerics";
import {
  dpoLossAndGradient,
  entryCounts,
  expertIterationRound,
  ktoLossAndGradient,
  ktoOnOutcomes,
  l2RegularisedDescent,
  onLogits,
  onOutcomes,
  sampledExpertIteration,
  simpoLossAndGradient,
  simpoOnOutcomes,
  treeRloo,
} from "rlhf-lab/policy";
import { lastTokenContexts, sequenceLogProbsOf, sequenceTree, tabularContexts } from "rlhf-lab/trees";
import { expectClose } from "./floors.js";

const tree = sequenceTree(3, 3);
const rows = tabularContexts(tree);
const start = { tree, contexts: rows, logits: normal(key(1), tree.prefixes.length * 3) };
const logRef = sequenceLogProbsOf(start);
const reward = normal(key(2), tree.sequences.length);

describe("methods on an enumerable world", () => {
  it("RLOO comes to the exact optimum of E[R] - beta KL, to 0.05 nats", () => {
    const beta = 0.5;
    const options = { reward, logRef, beta, group: 32, steps: 400, rate: 0.03, every: 100 };
    const points = treeRloo(key(3), start, options);
    expect(points.map(({ drawn }) => drawn)).to.deep.equal([3200, 6400, 9600, 12800]);
    const last = points[3].logProbs;
    const reached = exactExpectation(last, reward) - beta * exactKL(last, logRef);
    const best = exactRegularisedOptimum(logRef, reward, beta).value;
    const before = exactExpectation(logRef, reward);
    expect(best - reached).to.be.within(0, 0.05);
    expect(best - before).to.be.above(0.3);
    expect(() => treeRloo(key(3), start, { ...options, group: 1 })).to.throw(DomainError, "at least two replies");
    expect(() => treeRloo(key(3), start, { ...options, reward: [1] })).to.throw(ShapeError, "reward");
  });

  it("expert iteration from many samples is a round of it on infinitely many", () => {
    const options = { scores: reward, groups: 50_000, n: 4, rounds: 1, memory: 0 };
    const [{ drawn, logProbs }] = sampledExpertIteration(key(4), start, options);
    expect(drawn).to.equal(200_000);
    const limit = expertIterationRound(start, reward, { n: 4 });
    expect(exactKL(logProbs, sequenceLogProbsOf(limit))).to.be.below(1e-3);
    // What is remembered outweighs what is kept: nothing moves.
    const still = sampledExpertIteration(key(4), start, { ...options, groups: 1, memory: 1e9 })[0].logProbs;
    expect(exactKL(still, logRef)).to.be.below(1e-6);
    expect(() => sampledExpertIteration(key(4), start, { ...options, rounds: 0 })).to.throw(DomainError, "rounds");
    expect(() => sampledExpertIteration(key(4), start, { ...options, memory: -1 })).to.throw(DomainError, "memory");
  });

  it("an l2-regularised descent ends where loss and penalty balance, and a strong penalty lets nothing move", () => {
    const pairs = { chosen: Int32Array.of(0, 3, 5), rejected: Int32Array.of(1, 2, 4) };
    const lossAt = onLogits(
      tree,
      rows,
      onOutcomes(pairs, logRef, (...l) => dpoLossAndGradient(...l, { beta: 0.5 })),
    );
    const at = l2RegularisedDescent(start.logits, lossAt, { l2: 0.1 });
    const { gradient } = lossAt(at);
    expectClose(
      Array.from(at, (z, i) => gradient[i] + 0.1 * (z - start.logits[i])),
      new Float64Array(at.length),
      1e-4,
    );
    expect(lossAt(at).loss).to.be.below(lossAt(start.logits).loss - 0.05);
    expectClose(l2RegularisedDescent(start.logits, lossAt, { l2: 1e6 }), start.logits, 1e-5);
    expect(() => l2RegularisedDescent(start.logits, lossAt, { l2: 0 })).to.throw(DomainError, "l2");
  });

  it("SimPO and KTO on outcomes: the losses of what was drawn, and their slopes by differences", () => {
    const pairs = { chosen: Int32Array.of(0, 3, 5, 3), rejected: Int32Array.of(1, 2, 4, 0) };
    const logs = Array.from(logRef, (l, y) => l + 0.3 * reward[y]);
    const lengths = tree.sequences.map((sequence) => sequence.length);
    const of = (which: Int32Array, divide: boolean) => Array.from(which, (y) => logs[y] / (divide ? lengths[y] : 1));
    const simpo = simpoOnOutcomes(pairs, lengths, { beta: 2, margin: 0.5 });
    const { loss, gradient } = simpo(Float64Array.from(logs));
    const options = { beta: 2, margin: 0.5 };
    const [won, lost] = [of(pairs.chosen, true), of(pairs.rejected, true)];
    expect(loss).to.be.closeTo(simpoLossAndGradient(won, lost, options).loss, 1e-14);
    expectClose(
      gradient,
      differenceGradient((at: number[]) => simpo(Float64Array.from(at)).loss, logs),
      1e-8,
    );
    const kto = ktoOnOutcomes(pairs, logRef, { beta: 0.5 });
    const drawn = [...pairs.chosen, ...pairs.rejected];
    const z = exactKL(Float64Array.from(logs), logRef);
    const refs = drawn.map((y) => logRef[y]);
    const good = [1, 1, 1, 1, 0, 0, 0, 0];
    const byHand = (at: number[]) =>
      ktoLossAndGradient(
        drawn.map((y) => at[y]),
        refs,
        good,
        z,
        { beta: 0.5 },
      ).loss;
    expect(kto(Float64Array.from(logs)).loss).to.be.closeTo(byHand(logs), 1e-14);
    expectClose(kto(Float64Array.from(logs)).gradient, differenceGradient(byHand, logs), 1e-8); // z is held fixed
  });

  it("entry counts are what a table's logits multiply: one for each token, in its prefix's row", () => {
    for (const table of [rows, lastTokenContexts(tree)]) {
      const counts = entryCounts(tree, table);
      tree.sequences.forEach((sequence, y) => {
        expect(counts[y].reduce((a, b) => a + b)).to.equal(sequence.length);
        let prefix = 0;
        for (const token of sequence) {
          expect(counts[y][table[prefix] * 3 + token]).to.be.at.least(1);
          prefix = tree.next[prefix * 3 + token];
        }
      });
    }
  });
});
