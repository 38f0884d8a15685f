// The small worlds meet the losses: sampling comparisons, walking back from outcomes to logits, Adam in float64.
import { expect } from "chai";
import { DomainError, key, logSoftmax, normal, ShapeError } from "rlhf-lab";
import { differenceGradient } from "rlhf-lab/numerics";
import {
  adamDescent,
  bradleyTerryPreference,
  dpoLossAndGradient,
  onLogits,
  onOutcomes,
  samplePairs,
} from "rlhf-lab/policy";
import {
  lastTokenContexts,
  sequenceLogitGradient,
  sequenceLogProbsOf,
  sequenceTree,
  tabularContexts,
  tokenIndicesOf,
  tokenLogitGradient,
  treePolicy,
  windowContexts,
} from "rlhf-lab/trees";
import { expectClose } from "./twins.js";

const tree = sequenceTree(3, 3);
const N = tree.sequences.length;
const ref = logSoftmax(normal(key(1), N));

describe("comparisons of outcomes", () => {
  it("are drawn from what is shown, never an outcome against itself, answered in proportion; a share is turned round", () => {
    const shown = logSoftmax([0, 1, 2]);
    const prefer = bradleyTerryPreference([0, 1, -0.5]);
    for (const flip of [0, 0.3]) {
      const n = 20_000;
      const { chosen, rejected } = samplePairs(key(2), shown, prefer, n, { flip });
      expect(chosen.every((y, k) => y !== rejected[k])).equal(true);
      const p = shown.map(Math.exp);
      const differ = 1 - p.reduce((s, x) => s + x * x, 0);
      for (const [i, j] of [
        [0, 1],
        [1, 2],
        [2, 0],
      ]) {
        const wins = chosen.reduce((s, y, k) => s + (y === i && rejected[k] === j ? 1 : 0), 0);
        const answer = (1 - flip) * prefer(i, j) + flip * prefer(j, i);
        const probability = (2 * p[i] * p[j] * answer) / differ;
        expect(Math.abs(wins / n - probability)).most(4 * Math.sqrt(probability / n));
      }
    }
    expect(() => samplePairs(key(1), [0], prefer, 3)).throw(DomainError, "more than one");
    expect(() => samplePairs(key(1), shown, prefer, 3, { flip: 2 })).throw(DomainError, "flip");
  });

  it("a loss on pairs, as one of all outcomes' log-probabilities, and back to logits: the gradient of differences", () => {
    const pairs = samplePairs(key(3), ref, bradleyTerryPreference(normal(key(4), N)), 40);
    const loss = onOutcomes(pairs, ref, (...logps) => dpoLossAndGradient(...logps, { beta: 0.7 }));
    for (const rows of [tabularContexts(tree), lastTokenContexts(tree), windowContexts(tree, 2)]) {
      const f = onLogits(tree, rows, loss);
      const at = normal(key(5), (Math.max(...rows) + 1) * tree.vocabulary);
      const differences = differenceGradient((x) => f(Float64Array.from(x)).loss, at);
      expectClose(f(at).gradient, differences, 1e-8);
    }
    expect(() => onOutcomes({ chosen: Int32Array.of(1), rejected: Int32Array.of() }, ref, dpoLossAndGradient)).throw(
      ShapeError,
      "rejected",
    );
  });

  it("the walk from outcomes agrees with the walk from tokens", () => {
    const contexts = windowContexts(tree, 1);
    const policy = { tree, contexts, logits: normal(key(6), 9) };
    const slopes = normal(key(7), N);
    const places = tree.sequences.map((_, n) => tokenIndicesOf(tree, n));
    const perToken = tree.sequences.map((tokens, n) => tokens.map(() => slopes[n]));
    const want = tokenLogitGradient(policy, places, perToken);
    expectClose(sequenceLogitGradient(policy, slopes), want, 1e-12);
    expect(() => sequenceLogitGradient(policy, [1])).throw(ShapeError, "slopes");
    expect(() => sequenceLogitGradient({ tree, contexts, logits: new Float64Array(1) }, slopes)).throw(
      ShapeError,
      "logits",
    );
  });

  it("rows by the last k tokens", () => {
    const rows = windowContexts(tree, 1);
    const last = lastTokenContexts(tree);
    for (let p = 0; p < rows.length; p++) {
      for (let q = 0; q < p; q++) expect(rows[p] === rows[q]).equal(last[p] === last[q]);
    }
    expect([...windowContexts(tree, 9)]).deep.equal([...tabularContexts(tree)]);
    expect(() => windowContexts(tree, 0)).throw(DomainError, "k:");
    const z = normal(key(8), 60);
    expect(sequenceLogProbsOf(treePolicy(tree, z, rows)).length).equal(N);
  });

  it("Adam in float64 walks its first step by the rate, ends at a minimum, and shows where it is", () => {
    const seen: number[] = [];
    const end = adamDescent([3, -2], (at) => ({ gradient: [2 * (at[0] - 1), 20 * at[1]] }), {
      steps: 2000,
      rate: 0.02,
      watch: (at, step) => {
        if (step < 2) seen.push(at[0], at[1]);
      },
    });
    expectClose(seen, [3, -2, 2.98, -1.98], 1e-7);
    expectClose(end, [1, 0], 1e-4);
  });
});
