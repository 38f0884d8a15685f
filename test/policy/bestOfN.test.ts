import { readFileSync } from "node:fs";
import { expect } from "chai";
import fc from "fast-check";
import { DomainError, foldIn, key, logSoftmax, logSumExp, mean, normal, ShapeError, standardError } from "rlhf-lab";
import { exactExpectation, exactKL, exactRegularisedOptimum } from "rlhf-lab/numerics";
import {
  acceptanceLogProbs,
  bestOfNEstimate,
  bestOfNKL,
  bestOfNKLBound,
  bestOfNLogProbs,
  bestOfNWeights,
  bestWorstPairs,
  expertIterationRound,
  filteredLogProbs,
  maximumLikelihoodLogits,
  rejectionSample,
  topKRows,
} from "rlhf-lab/policy";
import { categorical } from "rlhf-lab/random";
import { lastTokenContexts, sequenceLogProbsOf, sequenceTree, tabularContexts, treePolicy } from "rlhf-lab/trees";
import { phraseTask } from "rlhf-lab/worlds";
import { expectClose } from "./twins.js";

const uniformOver = (K: number) => new Array<number>(K).fill(-Math.log(K));
const places = (K: number) => Array.from({ length: K }, (_, y) => y);

/** Distributions of 2 to 5 outcomes with scores of which some are equal. */
const world = fc.integer({ min: 2, max: 5 }).chain((K) =>
  fc.record({
    logProbs: fc
      .array(fc.double({ min: -4, max: 2, noNaN: true }), { minLength: K, maxLength: K })
      .map((z) => logSoftmax(z)),
    scores: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: K, maxLength: K }),
  }),
);

describe("best of n", () => {
  it("is what all draws of n say, ties shared by chance", () => {
    fc.assert(
      fc.property(world, fc.integer({ min: 1, max: 4 }), ({ logProbs, scores }, n) => {
        const K = logProbs.length;
        const want = new Float64Array(K);
        for (let draw = 0; draw < K ** n; draw++) {
          const ys = Array.from({ length: n }, (_, i) => Math.floor(draw / K ** i) % K);
          const most = Math.max(...ys.map((y) => scores[y]));
          const winners = ys.filter((y) => scores[y] === most);
          const probability = Math.exp(ys.reduce((sum, y) => sum + logProbs[y], 0));
          for (const y of winners) want[y] += probability / winners.length;
        }
        const got = bestOfNLogProbs(logProbs, scores, n);
        expectClose(got.map(Math.exp), want, 1e-12);
        expect(bestOfNKL(logProbs, scores, n)).closeTo(exactKL(got, logProbs), 1e-12);
      }),
      { numRuns: 60 },
    );
  });

  it("published values, and the bound above the exact KL always", () => {
    const [golden] = JSON.parse(readFileSync(new URL("../golden/best-of-n.json", import.meta.url), "utf8"));
    expect(bestOfNKLBound(golden.n)).closeTo(golden.bound, 5e-8);
    for (const [K, want] of Object.entries(golden.exact) as [string, number][]) {
      expect(bestOfNKL(uniformOver(+K), places(+K), golden.n)).closeTo(want, 5e-8);
    }
    fc.assert(
      fc.property(world, fc.integer({ min: 1, max: 1000 }), ({ logProbs, scores }, n) => {
        const kl = bestOfNKL(logProbs, scores, n);
        expect(kl).most(bestOfNKLBound(n) + 1e-12);
        // It can never exceed what the best level alone costs.
        const most = Math.max(...scores);
        expect(kl).most(-logSumExp(logProbs.filter((_, y) => scores[y] === most)) + 1e-9);
      }),
    );
  });

  it("n = 1 is p; best of n of best of m is best of nm; a constant score changes nothing", () => {
    fc.assert(
      fc.property(
        world,
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 9 }),
        ({ logProbs, scores }, n, m) => {
          expectClose(bestOfNLogProbs(logProbs, scores, 1), logProbs, 1e-12);
          expect(bestOfNKL(logProbs, scores, 1)).below(1e-15);
          const twice = bestOfNLogProbs(bestOfNLogProbs(logProbs, scores, m), scores, n).map(Math.exp);
          expectClose(twice, bestOfNLogProbs(logProbs, scores, n * m).map(Math.exp), 1e-12);
          expectClose(
            bestOfNLogProbs(
              logProbs,
              scores.map(() => 7),
              n,
            ),
            logProbs,
            1e-12,
          );
        },
      ),
    );
  });

  it("keeps its digits: outcomes of 1e-30, n of a million, impossible outcomes", () => {
    const logProbs = [Math.log1p(-1e-30), Math.log(1e-30)];
    const rare = bestOfNLogProbs(logProbs, [0, 1], 1000);
    expect(rare[1]).closeTo(Math.log(1e-27), 1e-9);
    const patient = bestOfNLogProbs([0.3, 0.7, 1e-12].map(Math.log), [0, 1, 2], 1e12);
    expect(patient[1]).closeTo(1e12 * Math.log1p(-1e-12), 1e-9);
    expect(bestOfNLogProbs(logProbs, [1, 0], 2)[1]).closeTo(2 * Math.log(1e-30), 1e-9);
    expect(bestOfNKL(uniformOver(10), places(10), 1e6)).closeTo(Math.log(10), 1e-12);
    const never = bestOfNLogProbs([0, -Infinity], [0, 5], 8);
    expect([...never]).deep.equal([0, -Infinity]);
  });

  it("refuses what cannot be", () => {
    expect(() => bestOfNLogProbs([0], [0, 1], 2)).throw(ShapeError, "scores");
    for (const n of [0, 0.5, NaN, Infinity]) expect(() => bestOfNKL([0], [0], n)).throw(DomainError, "n:");
    expect(() => bestOfNKLBound(0)).throw(DomainError);
    expect(() => bestOfNKL([0], [NaN], 2)).throw(DomainError, "scores[0]");
    expect(() => bestOfNKL([NaN], [1], 2)).throw(DomainError, "logProbs[0]");
    expect(() => bestOfNKL([-Infinity], [1], 2)).throw(DomainError, "possible");
  });
});

describe("best of n from samples", () => {
  it("by hand: best of 2 of four", () => {
    expectClose(bestOfNWeights([30, 10, 20, 40], 2), [2 / 6, 0, 1 / 6, 3 / 6], 1e-15);
    expect(bestOfNEstimate([1, 2, 4], 2)).closeTo((2 + 4 + 4) / 3, 1e-15);
    expect(bestOfNEstimate([1, 2, 4], 2, [10, 0, 20])).closeTo((0 + 20 + 20) / 3, 1e-14);
    // pass@k: 1 - C(m - c, k) / C(m, k), m = 5, c = 2, k = 3
    expect(bestOfNEstimate([0, 1, 0, 1, 0], 3)).closeTo(1 - 1 / 10, 1e-15);
  });

  it("weights add up to 1, n = 1 is the mean, n = m the largest, and every draw without replacement agrees", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 8 }), (scores) => {
        const m = scores.length;
        expect(bestOfNEstimate(scores, 1)).closeTo(mean(scores), 1e-12);
        expect(bestOfNEstimate(scores, m)).closeTo(Math.max(...scores), 1e-12);
        for (let n = 1; n <= m; n++) {
          const weights = new Float64Array(m);
          let draws = 0;
          for (let set = 0; set < 2 ** m; set++) {
            const ys = places(m).filter((y) => (set >> y) & 1);
            if (ys.length !== n) continue;
            draws++;
            const most = Math.max(...ys.map((y) => scores[y]));
            const winners = ys.filter((y) => scores[y] === most);
            for (const y of winners) weights[y] += 1 / winners.length;
          }
          const got = bestOfNWeights(scores, n);
          expect(got.reduce((a, b) => a + b)).closeTo(1, 1e-12);
          // Ties are shared over the draws as a whole, so compare what a level gets.
          for (const level of new Set(scores)) {
            const sum = (w: Float64Array) => w.reduce((s, x, y) => s + (scores[y] === level ? x : 0), 0);
            expect(sum(got)).closeTo(sum(weights) / draws, 1e-12);
          }
        }
      }),
      { numRuns: 40 },
    );
    expectClose(bestOfNWeights([1, 1, 1, 0], 2), [1 / 3, 1 / 3, 1 / 3, 0], 1e-15);
  });

  it("is unbiased: within four standard errors of the exact value, for the score and for another utility", () => {
    const logProbs = logSoftmax(normal(key(1), 30));
    const [scores, utility] = [normal(key(2), 30).map((z) => Math.round(2 * z)), normal(key(3), 30)];
    const exact = bestOfNLogProbs(logProbs, scores, 4);
    const runs = Array.from({ length: 2000 }, (_, r) => Array.from(categorical(foldIn(key(4), r), logProbs, 6)));
    for (const values of [scores, utility]) {
      const estimates = runs.map((ys) => {
        const of = (list: Float64Array) => ys.map((y) => list[y]);
        return bestOfNEstimate(of(scores), 4, of(values));
      });
      const gap = Math.abs(mean(estimates) - exactExpectation(exact, values));
      expect(gap).most(4 * standardError(estimates));
    }
  });

  it("refuses what cannot be", () => {
    expect(() => bestOfNEstimate([1, 2], 3)).throw(DomainError, "unbiased");
    expect(() => bestOfNEstimate([1, 2], 0)).throw(DomainError);
    expect(() => bestOfNEstimate([], 1)).throw(DomainError);
    expect(() => bestOfNEstimate([1, 2], 1, [1])).throw(ShapeError, "values");
    expect(() => bestOfNWeights([1, NaN], 1)).throw(DomainError, "scores[1]");
  });
});

describe("what is kept of samples", () => {
  it("topKRows and bestWorstPairs by hand", () => {
    const scores = [1, 3, 2, /**/ 5, 5, 4, /**/ 0, 0, 0];
    expect([...topKRows(scores, { group: 3 })]).deep.equal([1, 3, 6]);
    expect([...topKRows(scores, { group: 3, keep: 2 })]).deep.equal([1, 2, 3, 4, 6, 7]);
    expect([...topKRows(scores, { group: 3, keep: 3, atLeast: 3 })]).deep.equal([1, 3, 4, 5]);
    const { chosen, rejected } = bestWorstPairs(scores, { group: 3 });
    expect([[...chosen], [...rejected]]).deep.equal([
      [1, 3],
      [0, 5],
    ]);
    expect([...topKRows([2, 1], { group: 1 })]).deep.equal([0, 1]);
    expect(bestWorstPairs([2, 1], { group: 1 }).chosen.length).equal(0);
    expect(() => topKRows(scores, { group: 2 })).throw(ShapeError, "multiple");
    expect(() => topKRows(scores, { group: 3, keep: 4 })).throw(DomainError, "keep");
    expect(() => topKRows(scores, { group: 0 })).throw(DomainError, "group");
    expect(() => topKRows([NaN], { group: 1 })).throw(DomainError, "scores[0]");
  });

  it("rejection sampling: what is kept has the law of the regularised optimum", () => {
    const ref = logSoftmax(normal(key(5), 6));
    const rewards = normal(key(6), 6);
    const beta = 0.7;
    const bound = Math.max(...rewards);
    const accept = acceptanceLogProbs(rewards, { beta, bound });
    const kept = ref.map((l, y) => l + accept[y]);
    const optimum = exactRegularisedOptimum(ref, rewards, beta);
    expectClose(logSoftmax(kept), optimum.logProbs, 1e-12);
    // The share that is kept is Z exp(-bound / beta).
    const share = Math.exp(optimum.logPartition - bound / beta);
    expect(Math.exp(logSumExp(kept))).closeTo(share, 1e-12);
    const draws = categorical(key(7), ref, 40_000);
    const rows = rejectionSample(
      key(8),
      Array.from(draws, (y) => rewards[y]),
      { beta, bound },
    );
    const z = (p: number, count: number, n: number) => Math.abs(count / n - p) / Math.sqrt((p * (1 - p)) / n);
    expect(z(share, rows.length, draws.length)).below(4);
    for (let y = 0; y < 6; y++) {
      const count = rows.reduce((sum, row) => sum + (draws[row] === y ? 1 : 0), 0);
      expect(z(Math.exp(optimum.logProbs[y]), count, rows.length)).below(4);
    }
    expect(() => acceptanceLogProbs([1], { beta: 0, bound: 1 })).throw(DomainError, "beta");
    expect(() => acceptanceLogProbs([2], { beta: 1, bound: 1 })).throw(DomainError, "true bound");
  });

  it("the fit of maximum likelihood: a tabular policy has it all, one that forgets has the nearest", () => {
    const tree = sequenceTree(3, 3);
    const target = logSoftmax(normal(key(9), tree.sequences.length));
    const write = (rows: Int32Array, logits: ArrayLike<number>) => sequenceLogProbsOf(treePolicy(tree, logits, rows));
    const all = tabularContexts(tree);
    expectClose(write(all, maximumLikelihoodLogits(tree, all, target.map(Math.exp))), target, 1e-12);
    // No small change of the forgetful policy's logits comes nearer.
    const few = lastTokenContexts(tree);
    const best = maximumLikelihoodLogits(tree, few, target.map(Math.exp));
    const distance = (logits: ArrayLike<number>) => exactKL(target, write(few, logits));
    for (let r = 0; r < 20; r++) {
      const noise = normal(foldIn(key(10), r), best.length);
      expect(distance(best.map((z, i) => z + 0.05 * noise[i]))).above(distance(best));
    }
    // Counts with smoothing; a row that is never read is uniform.
    const counts = new Float64Array(tree.sequences.length);
    counts[0] = 3;
    const logits = maximumLikelihoodLogits(tree, all, counts, { smoothing: 1 });
    expectClose(logits.slice(0, 3).map(Math.exp), [4 / 6, 1 / 6, 1 / 6], 1e-12);
    expectClose(maximumLikelihoodLogits(tree, all, counts).slice(3, 6).map(Math.exp), [1 / 3, 1 / 3, 1 / 3], 1e-12);
    expect(() => maximumLikelihoodLogits(tree, all, [1])).throw(ShapeError, "weights");
  });

  it("expert iteration on the phrase task: k rounds are best of n^k, and the end is the best reply alone", () => {
    const task = phraseTask({ length: 3 });
    const rows = tabularContexts(task.tree);
    const [ref, utility] = [task.reference[0], task.utility[0]];
    let policy = treePolicy(task.tree, maximumLikelihoodLogits(task.tree, rows, ref.map(Math.exp)));
    for (let round = 1; round <= 3; round++) {
      policy = expertIterationRound(policy, utility, { n: 4 });
      expectClose(
        sequenceLogProbsOf(policy).map(Math.exp),
        bestOfNLogProbs(ref, utility, 4 ** round).map(Math.exp),
        1e-9,
      );
    }
    for (let round = 0; round < 6; round++) policy = expertIterationRound(policy, utility, { n: 64 });
    const most = Math.max(...utility);
    expect(exactExpectation(sequenceLogProbsOf(policy), utility)).closeTo(most, 1e-9);
    // ... where another round changes nothing: the fixed point is ref on the best replies.
    const fixed = filteredLogProbs(ref, utility, { atLeast: most });
    expectClose(sequenceLogProbsOf(policy).map(Math.exp), fixed.map(Math.exp), 1e-9);
  });

  it("a threshold filters once", () => {
    const p = logSoftmax([0, 1, 2]);
    const once = filteredLogProbs(p, [0, 1, 1], { atLeast: 1 });
    expect(once[0]).equal(-Infinity);
    expect(once[2] - once[1]).closeTo(1, 1e-12);
    expect(logSumExp(once)).closeTo(0, 1e-12);
    expectClose(filteredLogProbs(once, [0, 1, 1], { atLeast: 1 }).slice(1), once.slice(1), 1e-12);
    expect(() => filteredLogProbs(p, [0, 1, 1], { atLeast: 2 })).throw(DomainError, "atLeast");
  });
});
