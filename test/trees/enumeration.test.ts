import { expect } from "chai";
import { DomainError, ShapeError } from "../../lib/src/core/index.js";
import {
  differenceGradient,
  exactEntropy,
  exactExpectation,
  exactKL,
  exactRegularisedObjective,
  exactRegularisedOptimum,
  logSoftmax,
} from "../../lib/src/numerics/index.js";
import { key, normal } from "../../lib/src/random/index.js";
import {
  type Contexts,
  conditionalLogProbs,
  drawSequences,
  exactPolicyGradient,
  lastTokenContexts,
  nextTokenLogProbs,
  sequenceLogProbs,
  sequenceLogProbsOf,
  sequenceTree,
  tabularContexts,
  tokenIndicesOf,
  treePolicy,
} from "../../lib/src/trees/index.js";
import { phraseTask } from "../../lib/src/worlds/index.js";

const tree = sequenceTree(3, 3);
const policy = (contexts: Contexts, logits: ArrayLike<number>) =>
  sequenceLogProbsOf(treePolicy(tree, logits, contexts));

describe("enumeration", () => {
  it("counts the sequences of a small tree", () => {
    expect(tree.prefixes).to.deep.equal([[], [1], [2], [1, 1], [1, 2], [2, 1], [2, 2]]);
    expect(tree.sequences).to.have.length(15); // 8 of length 3 cut off, 4 + 2 + 1 ended
  });

  it("is drawn token by token, with the frequencies, places and log-probabilities of whole sequences", () => {
    const drawn = treePolicy(tree, normal(key(31), tree.next.length));
    const exact = sequenceLogProbsOf(drawn);
    const n = 20_000;
    const { sequences, tokenIndices, logpOld } = drawSequences(key(32), drawn, n);
    const counts = new Float64Array(exact.length);
    for (const y of sequences) counts[y]++;
    // 15 frequencies, each within four standard errors.
    exact.forEach((logp, y) => {
      const p = Math.exp(logp);
      expect(counts[y] / n, `sequence ${y}`).to.be.closeTo(p, 4 * Math.sqrt((p * (1 - p)) / n));
    });
    for (let b = 0; b < 50; b++) {
      expect([...tokenIndices[b]]).to.deep.equal([...tokenIndicesOf(tree, sequences[b])]);
      expect(logpOld[b].reduce((a, c) => a + c)).to.be.closeTo(exact[sequences[b]], 1e-12);
    }
    expect(() => drawSequences(key(32), drawn, 0)).to.throw(DomainError, "n");
    const after = drawSequences(key(33), drawn, 500, { from: 2 }).sequences;
    expect([...after].every((y) => tree.sequences[y][0] === 2)).to.equal(true);
    expect(() => drawSequences(key(33), drawn, 5, { from: 99 })).to.throw(DomainError, "from");
  });

  it("turns conditionals into sequences and back", () => {
    const logProbs = Float64Array.from(logSoftmax(normal(key(1), 15)));
    const back = sequenceLogProbs(tree, conditionalLogProbs(tree, logProbs));
    back.forEach((value, y) => {
      expect(value).to.be.closeTo(logProbs[y], 1e-12);
    });
  });

  for (const [name, rowsOf] of [
    ["tabular", tabularContexts],
    ["last token", lastTokenContexts],
  ] as const) {
    it(`has the gradient that differences give (${name})`, () => {
      const contexts = rowsOf(tree);
      const logits = normal(key(2), (Math.max(...contexts) + 1) * 3);
      const reward = normal(key(3), 15);
      const { gradient, value } = exactPolicyGradient({ tree, contexts, logits }, reward);
      expect(value).to.be.closeTo(exactExpectation(policy(contexts, logits), reward), 1e-12);
      const wanted = differenceGradient((z) => exactExpectation(policy(contexts, z), reward), logits);
      gradient.forEach((g, i) => {
        expect(g).to.be.closeTo(wanted[i], 1e-9);
      });
    });

    it(`has the gradient of the KL-regularised objective with the penalty in the reward (${name})`, () => {
      const contexts = rowsOf(tree);
      const logits = normal(key(4), (Math.max(...contexts) + 1) * 3);
      const logRef = Float64Array.from(logSoftmax(normal(key(5), 15)));
      const utility = normal(key(6), 15);
      const beta = 0.3;
      const penalised = policy(contexts, logits).map((log, y) => utility[y] - beta * (log - logRef[y]));
      const { gradient } = exactPolicyGradient({ tree, contexts, logits }, penalised);
      const objective = (z: ArrayLike<number>) => exactRegularisedObjective(policy(contexts, z), logRef, utility, beta);
      const wanted = differenceGradient(objective, logits);
      gradient.forEach((g, i) => {
        expect(g).to.be.closeTo(wanted[i], 1e-9);
      });
    });
  }

  it("has the optimum: no other distribution scores higher, its value is beta log Z, its gradient vanishes", () => {
    const task = phraseTask({ length: 3 });
    for (const beta of [0.1, 0.5, 3]) {
      const { logProbs, value } = exactRegularisedOptimum(task.reference[0], task.utility[0], beta);
      expect(exactRegularisedObjective(logProbs, task.reference[0], task.utility[0], beta)).to.be.closeTo(value, 1e-10);
      for (let trial = 0; trial < 20; trial++) {
        const noise = normal(key(100 + trial), logProbs.length);
        const other = logSoftmax(logProbs.map((log, y) => log + 0.3 * noise[y]));
        expect(exactRegularisedObjective(other, task.reference[0], task.utility[0], beta)).to.be.below(value);
      }
      const penalised = logProbs.map((log, y) => task.utility[0][y] - beta * (log - task.reference[0][y]));
      const logits = conditionalLogProbs(task.tree, logProbs);
      const { gradient } = exactPolicyGradient(treePolicy(task.tree, logits), penalised);
      expect(Math.max(...gradient.map(Math.abs))).to.be.below(1e-10);
    }
  });

  it("climbs to the optimum by the exact gradient", () => {
    const task = phraseTask({ length: 2 });
    const rows = tabularContexts(task.tree);
    const beta = 0.5;
    const { value } = exactRegularisedOptimum(task.reference[0], task.utility[0], beta);
    let logits = conditionalLogProbs(task.tree, task.reference[0]);
    for (let step = 0; step < 3000; step++) {
      const logProbs = sequenceLogProbsOf(treePolicy(task.tree, logits, rows));
      const reward = logProbs.map((log, y) => task.utility[0][y] - beta * (log - task.reference[0][y]));
      const { gradient } = exactPolicyGradient(treePolicy(task.tree, logits, rows), reward);
      logits = logits.map((z, i) => z + 2 * gradient[i]);
    }
    const reached = sequenceLogProbsOf(treePolicy(task.tree, logits, rows));
    expect(value - exactRegularisedObjective(reached, task.reference[0], task.utility[0], beta)).to.be.within(
      -1e-12,
      1e-3,
    );
  });

  it("knows a KL and an entropy by hand", () => {
    const p = [Math.log(0.5), Math.log(0.5), Number.NEGATIVE_INFINITY];
    const q = [Math.log(0.25), Math.log(0.5), Math.log(0.25)];
    expect(exactKL(p, q)).to.be.closeTo(0.5 * Math.log(2), 1e-12);
    expect(exactKL(q, p)).to.equal(Number.POSITIVE_INFINITY);
    expect(exactEntropy(p)).to.be.closeTo(Math.log(2), 1e-12);
  });

  it("says what is wrong", () => {
    expect(() => exactKL([0], [0, 0])).to.throw(ShapeError, /logQ/);
    expect(() => exactRegularisedOptimum([0], [1], 0)).to.throw(DomainError, /beta/);
    expect(() => sequenceTree(10, 9)).to.throw(DomainError, /million/);
    expect(() => nextTokenLogProbs(treePolicy(tree, [1, 2]))).to.throw(ShapeError, /logits/);
  });
});
