// Every stochastic gradient of lib/src/policy against its exact expectation: the mean of some thousand drawn estimates
// lies within 4.5 standard errors in every coordinate (all comparisons of this file together fail by chance once in a
// few hundred choices of keys; the keys are fixed). An estimator that is biased agrees with an expectation computed in
// another way, and its distance from the policy gradient is stated.
import { expect } from "chai";
import { foldIn, key, logSoftmax, mean, normal, standardError } from "rlhf-lab";
import { exactExpectation, exactKL } from "rlhf-lab/numerics";
import {
  a2cLossAndGradient,
  bradleyTerryPreference,
  conservativeDpoLossAndGradient,
  conservativeDpoOfMargin,
  dapoLossAndGradient,
  dpoLossAndGradient,
  dpoOfMargin,
  drGrpoLossAndGradient,
  exactClippedObjective,
  exactOrpoLoss,
  exactPreferenceLoss,
  expectedDapoGradient,
  expectedGroupAdvantages,
  expectedGrpoGradient,
  expectedKlGradients,
  expectedReferenceGradient,
  generalizedAdvantages,
  groupAdvantages,
  grpoLossAndGradient,
  grpoReferenceLossAndGradient,
  gspoLossAndGradient,
  ipoLossAndGradient,
  ipoOfMargin,
  klEstimates,
  ktoLossAndGradient,
  type LossAndPairGradient,
  leaveOneOutAdvantages,
  nStepAdvantages,
  type OutcomeLoss,
  onLogits,
  onOutcomes,
  orpoLossAndGradient,
  ppoLossAndGradient,
  ppoSequenceLossAndGradient,
  type Rows,
  reinforce,
  reinforceLossAndGradient,
  rlooLossAndGradient,
  robustDpoLossAndGradient,
  samplePairs,
  simpoLossAndGradient,
  simpoOfMargin,
  softPolicyLossAndGradient,
  softValue,
} from "rlhf-lab/policy";
import {
  conditionalLogProbs,
  drawSequences,
  exactPolicyGradient,
  expectedScore,
  lastTokenContexts,
  nextTokenLogProbs,
  sequenceLogProbs,
  sequenceLogProbsOf,
  sequenceTree,
  type TreeBatch,
  type TreePolicy,
  tabularContexts,
  tokenLogitGradient,
  treeTokenLogProbs,
} from "rlhf-lab/trees";
import { expectClose } from "./twins.js";

const tree = sequenceTree(3, 3); // 15 sequences of 1 to 3 tokens
const V = tree.vocabulary;
const rewards = [0, 1, 2, 0, 1, 3, 0, 2, 1, 1, 0, 2, 3, 0, 1];
const policy: TreePolicy = { tree, contexts: tabularContexts(tree), logits: normal(key(1), tree.prefixes.length * V) };
const conditionals = nextTokenLogProbs(policy);
const logProbs = sequenceLogProbsOf(policy);
const exact = exactPolicyGradient(policy, rewards);
const [B, G] = [6, 3]; // replies in a batch, and in a group
const batches = 1500;

/** Each coordinate's mean is where it should be; returns how far it is from `other`, in standard errors, at most. */
function expectMean(estimates: readonly ArrayLike<number>[], want: ArrayLike<number>, other = want): number {
  let far = 0;
  for (let d = 0; d < want.length; d++) {
    const column = estimates.map((estimate) => estimate[d]);
    const [middle, error] = [mean(column), standardError(column)];
    expect(Math.abs(middle - want[d]), `coordinate ${d}: ${middle} for ${want[d]}`).most(4.5 * error + 1e-12);
    if (error > 0) far = Math.max(far, Math.abs(middle - other[d]) / error);
  }
  return far;
}
const cosine = (a: ArrayLike<number>, b: ArrayLike<number>) => {
  const along = (x: ArrayLike<number>, y: ArrayLike<number>) => Array.from(x).reduce((s, v, i) => s + v * y[i], 0);
  return along(a, b) / Math.sqrt(along(a, a) * along(b, b));
};
const times = (a: Float64Array, factor: number) => a.map((x) => factor * x);
/** What a loss on tokens does to the logits, the sign turned: what it climbs. */
const climbs = (batch: TreeBatch, slopes: readonly ArrayLike<number>[], at = policy) =>
  times(tokenLogitGradient(at, batch.tokenIndices, slopes), -1);
const draws = (seed: number, n = batches, from = policy) =>
  Array.from({ length: n }, (_, i) => drawSequences(foldIn(key(seed), i), from, B));
const ones = (logp: Rows) => logp.map((row) => Array.from(row, () => 1));
const rewardsOf = ({ sequences }: TreeBatch) => Array.from(sequences, (y) => rewards[y]);
const onTokens = ({ tokenIndices }: TreeBatch, perRow: ArrayLike<number>) =>
  tokenIndices.map((list, b) => Array.from(list, () => perRow[b]));
const prefixOf = (place: number) => Math.floor(place / V);
/** The reward of each token of a reply: all of it on the last. */
const tokenRewards = (list: Int32Array, reward: number) =>
  Array.from(list, (_, t) => (t === list.length - 1 ? reward : 0));

describe("estimates of the policy gradient", () => {
  const all = draws(2);

  describe("unbiased: REINFORCE", () => {
    const enumerated = reinforce.enumeratePolicy(policy, rewards);
    const { value } = exact;
    const best = reinforce.optimalBaseline(enumerated);
    const advantagesOf: Record<string, [(batch: TreeBatch) => number[][], factor: number]> = {
      "no baseline": [(batch) => onTokens(batch, rewardsOf(batch)), 1],
      "a constant, wrong": [(batch) => onTokens(batch, rewardsOf(batch).map((r) => r - 7)), 1], // biome-ignore format: one line
      "the value": [(batch) => onTokens(batch, rewardsOf(batch).map((r) => r - value)), 1], // biome-ignore format: one line
      "the optimal constant": [(batch) => onTokens(batch, rewardsOf(batch).map((r) => r - best)), 1], // biome-ignore format: one line
      "the value of each prefix": [
        (batch) =>
          batch.tokenIndices.map((list, b) => Array.from(list, (at) => rewardsOf(batch)[b] - exact.V[prefixOf(at)])),
        1,
      ],
      "the batch's mean, which is short by 1 / B": [
        (batch) => onTokens(batch, rewardsOf(batch).map((r) => r - mean(rewardsOf(batch)))), // biome-ignore format: one line
        1 - 1 / B,
      ],
      "the others' mean": [(batch) => onTokens(batch, leaveOneOutAdvantages(rewardsOf(batch), { group: B })), 1],
    };
    for (const [name, [advantages, factor]] of Object.entries(advantagesOf)) {
      it(name, () => {
        const estimates = all.map((batch) => {
          const { logpOld } = batch;
          return climbs(batch, reinforceLossAndGradient(logpOld, advantages(batch), ones(logpOld)).gradient);
        });
        const far = expectMean(estimates, times(exact.gradient, factor), exact.gradient);
        if (factor < 1) expect(far).above(4.5); // a bias that 1,500 batches see
      });
    }
  });

  describe("A2C and generalised advantages: unbiased with a true critic, or none asked; else biased as the recursion says", () => {
    const wrong = Float64Array.from(exact.V, (v, p) => v + 1.5 * Math.sin(3 * p)); // a critic that errs by up to 1.5
    /** E[advantage | prefix, token]: the TD error, and lambda times what comes. */
    const expectedAdvantage = (values: ArrayLike<number>, lambda: number) => {
      const out = new Float64Array(tree.prefixes.length * V);
      for (let p = tree.prefixes.length - 1; p >= 0; p--) {
        for (let v = 0; v < V; v++) {
          const child = tree.next[p * V + v];
          out[p * V + v] = (child >= 0 ? values[child] : rewards[-1 - child]) - values[p];
          if (child < 0) continue;
          for (let u = 0; u < V; u++) {
            out[p * V + v] += lambda * Math.exp(conditionals[child * V + u]) * out[child * V + u];
          }
        }
      }
      return expectedScore(policy, out);
    };
    const estimatesBy = (values: ArrayLike<number>, of: (r: number[], v: number[]) => ArrayLike<number>) =>
      all.map((batch) => {
        const advantages = batch.tokenIndices.map((list, b) => {
          const said = Array.from(list, (at) => values[prefixOf(at)]);
          return of(tokenRewards(list, rewards[batch.sequences[b]]), [...said, 0]);
        });
        return climbs(batch, reinforceLossAndGradient(batch.logpOld, advantages, ones(batch.logpOld)).gradient);
      });
    for (const lambda of [0, 0.5, 1]) {
      it(`lambda ${lambda}`, () => {
        const gae = (r: number[], v: number[]) => generalizedAdvantages(r, v, { discount: 1, lambda });
        expectClose(expectedAdvantage(exact.V, lambda), exact.gradient, 1e-12);
        expectMean(estimatesBy(exact.V, gae), exact.gradient);
        const want = expectedAdvantage(wrong, lambda);
        const far = expectMean(estimatesBy(wrong, gae), want, exact.gradient);
        if (lambda === 1) expectClose(want, exact.gradient, 1e-12);
        else {
          expect(far).above(20);
          // How much of the direction is left with a critic that bad.
          expect(cosine(want, exact.gradient)).closeTo(lambda === 0 ? 0.718 : 0.857, 0.001);
        }
      });
    }

    it("n steps: 1 is lambda 0, all is lambda 1", () => {
      const by = (n: number) => estimatesBy(wrong, (r, v) => nStepAdvantages(r, v, { n, discount: 1 }));
      expectMean(by(1), expectedAdvantage(wrong, 0));
      expectMean(by(Number.POSITIVE_INFINITY), exact.gradient);
    });

    it("the mean over tokens is the mean over rows times rows / tokens, batch by batch", () => {
      const [batch] = all;
      const { logpOld } = batch;
      const advantages = onTokens(batch, rewardsOf(batch));
      const tokens = logpOld.flatMap((row) => Array.from(row));
      const perToken = a2cLossAndGradient(tokens, advantages.flat(), tokens.map(() => 1)).gradient; // biome-ignore format: one line
      const perRow = reinforceLossAndGradient(logpOld, advantages, ones(logpOld)).gradient.flatMap((row) => [...row]);
      expectClose(perToken, perRow.map((s) => (s * B) / tokens.length), 1e-15); // biome-ignore format: one line
    });
  });

  describe("PPO", () => {
    const reward = (batch: TreeBatch) => rewardsOf(batch).map((r) => r - 1);
    const old: TreePolicy = { ...policy, logits: policy.logits.map((z, i) => z + 0.8 * Math.sin(5 * i)) };
    const stale = draws(3, batches, old);
    const nowOf = (batch: TreeBatch) => treeTokenLogProbs(conditionals, batch.tokenIndices);
    /** PPO's loss of a batch as the sum over tokens, mean over rows. */
    const tokenPpo = (batch: TreeBatch, now: Rows, advantages: number[][], clip: number) => {
      const flat = (lists: readonly ArrayLike<number>[]) => lists.flatMap((list) => Array.from(list));
      const [logp, before] = [flat(now), flat(batch.logpOld)];
      const { gradient } = ppoLossAndGradient(logp, before, flat(advantages), logp.map(() => 1), { clip }); // biome-ignore format: one line
      let done = 0;
      return climbs(
        batch,
        now.map((row) => {
          const own = gradient.slice(done, done + row.length);
          done += row.length;
          return own.map((slope) => (slope * logp.length) / B);
        }),
      );
    };

    it("one epoch: the policy gradient, tokens or whole replies, clipped or not", () => {
      for (const clip of [0.2, Number.POSITIVE_INFINITY]) {
        expectMean(all.map((batch) => tokenPpo(batch, batch.logpOld, onTokens(batch, reward(batch)), clip)), exact.gradient); // biome-ignore format: one line
      }
      const whole = all.map((batch) => {
        const { logpOld } = batch;
        return climbs(batch, ppoSequenceLossAndGradient(logpOld, logpOld, reward(batch), ones(logpOld)).gradient);
      });
      expectMean(whole, exact.gradient);
    });

    it("on replies of an older policy: whole replies' ratios, not clipped, are unbiased; tokens' ratios are not, clipped even less", () => {
      const whole = stale.map((batch) => {
        const now = nowOf(batch);
        const clip = Number.POSITIVE_INFINITY;
        return climbs(
          batch,
          ppoSequenceLossAndGradient(now, batch.logpOld, reward(batch), ones(now), { clip }).gradient,
        );
      });
      expectMean(whole, exact.gradient);
      const { Q, V: values } = exactPolicyGradient(old, rewards);
      for (const clip of [0.2, Number.POSITIVE_INFINITY]) {
        const { gradient: want } = exactClippedObjective(old, policy, rewards, { clip });
        const estimates = stale.map((batch) => {
          const advantages = batch.tokenIndices.map((list) => Array.from(list, (at) => Q[at] - values[prefixOf(at)]));
          return tokenPpo(batch, nowOf(batch), advantages, clip);
        });
        expect(expectMean(estimates, want, exact.gradient)).above(10);
      }
    });
  });

  describe("groups", () => {
    const inGroups = (batch: TreeBatch, normalise: boolean) =>
      groupAdvantages(rewardsOf(batch), { group: G, normalise });
    const expected = (normalise: boolean) =>
      expectedGroupAdvantages(rewards, { group: G, normalise })(sequenceLogProbsOf(policy));

    it("RLOO: unbiased, on replies of an older policy too", () => {
      const old: TreePolicy = { ...policy, logits: policy.logits.map((z, i) => z + 0.5 * Math.sin(5 * i)) };
      for (const from of [policy, old]) {
        const estimates = draws(4, batches, from).map((batch) => {
          const now = treeTokenLogProbs(conditionals, batch.tokenIndices);
          const advantages = leaveOneOutAdvantages(rewardsOf(batch), { group: G });
          return climbs(batch, rlooLossAndGradient(now, batch.logpOld, advantages, ones(now)).gradient);
        });
        expectMean(estimates, exact.gradient);
      }
    });

    it("Dr. GRPO, which is GRPO without its divisions: RLOO times (G - 1) / G, divided by the constant length", () => {
      const estimates = all.map((batch) => {
        const { logpOld } = batch;
        const options = { length: 3 };
        return climbs(
          batch,
          drGrpoLossAndGradient(logpOld, logpOld, inGroups(batch, false), ones(logpOld), options).gradient,
        );
      });
      expectMean(estimates, times(exact.gradient, (G - 1) / G / 3));
    });

    it("GRPO and GSPO: biased, by their lengths and by the deviation; how far the direction turns", () => {
      const turned: number[] = [];
      for (const normalise of [false, true]) {
        const want = times(expectedGrpoGradient(policy, expected(normalise)), -1);
        for (const twin of [grpoLossAndGradient, gspoLossAndGradient]) {
          const estimates = all.map((batch) => {
            const { logpOld } = batch;
            return climbs(batch, twin(logpOld, logpOld, inGroups(batch, normalise), ones(logpOld)).gradient);
          });
          expect(expectMean(estimates, want, exact.gradient)).above(10);
        }
        turned.push(cosine(want, exact.gradient));
      }
      expectClose(turned, [0.934, 0.879], 0.001);
    });

    it("DAPO: biased by the deviation, and by a denominator that depends on the draw, which many groups mend", () => {
      const limit = times(expectedDapoGradient(policy, expected(true)), -1);
      const few = all.map((batch) => {
        const { logpOld } = batch;
        return climbs(batch, dapoLossAndGradient(logpOld, logpOld, inGroups(batch, true), ones(logpOld)).gradient);
      });
      const large = Array.from({ length: 200 }, (_, i) => {
        const batch = drawSequences(foldIn(key(5), i), policy, 100 * G);
        const { logpOld } = batch;
        return climbs(batch, dapoLossAndGradient(logpOld, logpOld, inGroups(batch, true), ones(logpOld)).gradient);
      });
      expectMean(large, limit);
      const average = (estimates: Float64Array[]) => limit.map((_, d) => mean(estimates.map((e) => e[d])));
      expect(cosine(average(few), limit)).above(0.99);
      expect(cosine(limit, exact.gradient)).closeTo(0.977, 0.001);
    });

    it("k3 in GRPO's loss: what `expectedReferenceGradient` says, which is not that of KL(new || ref)", () => {
      const logRef = conditionalLogProbs(tree, logSoftmax(normal(key(6), tree.sequences.length)));
      const want = times(expectedReferenceGradient(policy, logRef), -1);
      const { reverse } = expectedKlGradients(policy, logRef);
      const estimates = all.map((batch) => {
        const refs = treeTokenLogProbs(logRef, batch.tokenIndices);
        return climbs(batch, grpoReferenceLossAndGradient(batch.logpOld, refs, ones(refs)).gradient);
      });
      expect(expectMean(estimates, want, times(reverse, -1))).above(10);
    });
  });

  it("soft actor-critic: the policy's loss is exact in each state; over the states that the policy comes by it is the gradient of E[reward] - alpha KL", () => {
    const alpha = 0.7;
    const logRef = conditionalLogProbs(tree, logSoftmax(normal(key(7), tree.sequences.length)));
    const wholeRef = sequenceLogProbs(tree, logRef);
    const row = (table: Float64Array, p: number) => table.subarray(p * V, (p + 1) * V);
    // Soft action values of this policy: the reward, or the soft value of what comes.
    const q = new Float64Array(tree.prefixes.length * V);
    const values = new Float64Array(tree.prefixes.length);
    for (let p = tree.prefixes.length - 1; p >= 0; p--) {
      for (let v = 0; v < V; v++) {
        const child = tree.next[p * V + v];
        q[p * V + v] = child >= 0 ? values[child] : rewards[-1 - child];
      }
      values[p] = softValue(row(q, p), row(conditionals, p), alpha, row(logRef, p));
    }
    const costly = rewards.map((r, y) => r - alpha * (logProbs[y] - wholeRef[y]));
    const want = exactPolicyGradient(policy, costly).gradient;
    const inState = (p: number) =>
      softPolicyLossAndGradient(row(policy.logits, p), row(q, p), alpha, row(logRef, p)).gradient;
    const summed = new Float64Array(want.length);
    for (let p = 0; p < values.length; p++) for (const [v, g] of inState(p).entries()) summed[p * V + v] = -exact.reach[p] * g; // biome-ignore format: one line
    expectClose(summed, want, 1e-12);
    const estimates = all.map((batch) => {
      const out = new Float64Array(want.length);
      for (const list of batch.tokenIndices) {
        for (const at of list) for (const [v, g] of inState(prefixOf(at)).entries()) out[prefixOf(at) * V + v] -= g / B;
      }
      return out;
    });
    expectMean(estimates, want);
  });
});

describe("estimates of a KL", () => {
  const forgetful: TreePolicy = { tree, contexts: lastTokenContexts(tree), logits: normal(key(8), 4 * V) };
  const logRef = conditionalLogProbs(tree, logSoftmax(normal(key(9), tree.sequences.length).map((z) => 2 * z)));
  const wholeRef = sequenceLogProbs(tree, logRef);
  const whole = sequenceLogProbsOf(forgetful);
  const drawn = drawSequences(key(10), forgetful, 20_000);
  const { k1, k2, k3 } = klEstimates(
    Array.from(drawn.sequences, (y) => whole[y]),
    Array.from(drawn.sequences, (y) => wholeRef[y]),
  );
  const scores = drawn.tokenIndices.map((list) =>
    tokenLogitGradient(forgetful, [list], [new Float64Array(list.length).fill(1)]),
  );

  it("values: k1 and k3 are unbiased, k2 is off by what enumeration says", () => {
    const kl = exactKL(whole, wholeRef);
    const second = exactExpectation(whole, whole.map((log, y) => (log - wholeRef[y]) ** 2 / 2)); // biome-ignore format: one line
    expectMean(Array.from(k1, (x) => [x]), [kl]); // biome-ignore format: one line
    expectMean(Array.from(k3, (x) => [x]), [kl]); // biome-ignore format: one line
    expect(second - kl).within(0.24, 0.26);
    expect(expectMean(Array.from(k2, (x) => [x]), [second], [kl])).above(10); // biome-ignore format: one line
  });

  it("gradients: only k2 as a loss and k1 in the reward have that of KL(new || ref); k3 as a loss has that of KL(ref || new)", () => {
    const want = expectedKlGradients(forgetful, logRef);
    const by = (weight: (i: number) => number) => scores.map((score, i) => score.map((s) => s * weight(i)));
    expectMean(by(() => 1), want.k1Loss); // biome-ignore format: one line
    expectMean(
      by((i) => k1[i]),
      want.reverse,
    ); // k2's slope is k1, and so is k1 in the reward // biome-ignore format: one line
    expect(expectMean(by((i) => -Math.expm1(-k1[i])), want.forward, want.reverse)).above(10); // biome-ignore format: one line
    expect(expectMean(by((i) => k3[i]), want.k3Reward, want.reverse)).above(10); // biome-ignore format: one line
    const perToken = (slope: (d: number) => number) =>
      drawn.tokenIndices.map((list) => {
        const own = nextTokenLogProbs(forgetful);
        return tokenLogitGradient(forgetful, [list], [Float64Array.from(list, (at) => slope(own[at] - logRef[at]))]);
      });
    expectMean(perToken((d) => d).slice(0, 5000), want.k2Loss); // biome-ignore format: one line
    expectMean(perToken((d) => -Math.expm1(-d)).slice(0, 5000), want.k3Loss); // biome-ignore format: one line
  });
});

describe("gradients of direct methods from drawn comparisons", () => {
  const rows = policy.contexts;
  const logSampling = logSoftmax(normal(key(11), tree.sequences.length).map((z) => 0.5 * z));
  const logRef = sequenceLogProbs(tree, conditionalLogProbs(tree, logSoftmax(normal(key(12), logSampling.length))));
  const prefer = bradleyTerryPreference(rewards);
  const lengths = tree.sequences.map((y) => y.length);
  const of = (loss: OutcomeLoss) => onLogits(tree, rows, loss)(policy.logits).gradient;
  type Pairs = (c: Float64Array, r: Float64Array, rc: Float64Array, rr: Float64Array) => LossAndPairGradient;
  const sampled = (loss: Pairs, flip = 0, scale?: number[]) =>
    Array.from({ length: batches }, (_, i) => {
      const pairs = samplePairs(foldIn(key(13), i), logSampling, prefer, 8, { flip });
      if (scale === undefined) return of(onOutcomes(pairs, logRef, loss));
      // Losses per token: log pi / |y| in, and its slope out.
      const inner = onOutcomes(pairs, logRef, loss);
      return of((logps) => {
        const { loss: value, gradient } = inner(logps.map((log, y) => log / scale[y]));
        return { loss: value, gradient: gradient.map((slope, y) => slope / scale[y]) };
      });
    });
  const exactly = (margin: Parameters<typeof exactPreferenceLoss>[4]) =>
    of((logps) => exactPreferenceLoss(logps, logRef, logSampling, prefer, margin));
  const options = { beta: 0.5, noise: 0.2 };

  it("DPO, conservative DPO and IPO are unbiased for infinitely many comparisons; robust DPO on flipped labels for DPO on clean ones", () => {
    expectMean(sampled((...logps) => dpoLossAndGradient(...logps, options)), exactly((h) => dpoOfMargin(h, options))); // biome-ignore format: one line
    expectMean(
      sampled((...logps) => conservativeDpoLossAndGradient(...logps, options)),
      exactly((h) => conservativeDpoOfMargin(h, options)),
    );
    expectMean(sampled((...logps) => ipoLossAndGradient(...logps, options)), exactly((h) => ipoOfMargin(h, options))); // biome-ignore format: one line
    const clean = exactly((h) => dpoOfMargin(h, options));
    expectMean(
      sampled((...logps) => robustDpoLossAndGradient(...logps, options), options.noise),
      clean,
    );
    // DPO itself on such labels is not.
    const flipped = sampled((...logps) => dpoLossAndGradient(...logps, options), options.noise);
    const answers = (i: number, j: number) => 0.8 * prefer(i, j) + 0.2 * prefer(j, i);
    const want = of((logps) =>
      exactPreferenceLoss(logps, logRef, logSampling, answers, (h) => dpoOfMargin(h, options)),
    );
    expect(expectMean(flipped, want, clean)).above(10);
  });

  it("SimPO and ORPO", () => {
    const nothing = new Float64Array(logSampling.length);
    const simpo = of((logps) => {
      const scores = logps.map((log, y) => log / lengths[y]);
      const { loss, gradient } = exactPreferenceLoss(scores, nothing, logSampling, prefer, simpoOfMargin);
      return { loss, gradient: gradient.map((slope, y) => slope / lengths[y]) };
    });
    expectMean(sampled((c, r) => simpoLossAndGradient(c, r), 0, lengths), simpo); // biome-ignore format: one line
    const orpo = of((logps) => exactOrpoLoss(logps, { lengths, logSampling, prefer }, { weight: 1 }));
    expectMean(sampled((c, r) => orpoLossAndGradient(c, r, { weight: 1 }), 0, lengths), orpo); // biome-ignore format: one line
  });

  it("KTO: unbiased for a given reference point; with the batch's own it is biased, by little, since the loss is no straight line in it", () => {
    const kto = (point: (gains: number[]) => number): Pairs => {
      return (chosen, rejected, refChosen, refRejected) => {
        const logps = [...chosen, ...rejected];
        const refs = [...refChosen, ...refRejected];
        const labels = logps.map((_, b) => (b < chosen.length ? 1 : 0));
        const { loss, gradient } = ktoLossAndGradient(logps, refs, labels, point(logps.map((l, b) => l - refs[b])), options); // biome-ignore format: one line
        return {
          loss,
          gradient: { chosen: gradient.slice(0, chosen.length), rejected: gradient.slice(chosen.length) },
        };
      };
    };
    // By enumeration of a single pair.
    const expected = (z: number): Float64Array =>
      of((logps) => {
        const gradient = new Float64Array(logSampling.length);
        let mass = 0;
        for (let i = 0; i < logSampling.length; i++) {
          for (let j = 0; j < logSampling.length; j++) {
            if (i === j) continue;
            const both = Math.exp(logSampling[i] + logSampling[j]);
            const { gradient: g } = ktoLossAndGradient(
              [logps[i], logps[j]],
              [logRef[i], logRef[j]],
              [1, 0],
              z,
              options,
            );
            mass += both;
            gradient[i] += 2 * both * prefer(i, j) * g[0];
            gradient[j] += 2 * both * prefer(i, j) * g[1];
          }
        }
        return { loss: 0, gradient: gradient.map((g) => g / mass) };
      });
    expectMean(sampled(kto(() => 0.4)), expected(0.4));
    // The trainers' own point is the batch's mean log-ratio, cut at 0; its limit in a large batch is the mean over all
    // comparisons. The same pairs with the one and the other: the difference has a mean.
    // In a pair of two different ones.
    const appears = Float64Array.from(logSampling, (log) => Math.exp(log) * (1 - Math.exp(log)));
    const total = appears.reduce((a, b) => a + b);
    const point = appears.reduce((sum, p, y) => sum + (p / total) * (logProbs[y] - logRef[y]), 0);
    expect(point).above(0);
    const own = sampled(kto((gains) => Math.max(0, mean(gains))));
    const fixed = sampled(kto(() => point));
    const nothing = new Float64Array(policy.logits.length);
    const average = nothing.map((_, d) => mean(own.map((estimate, i) => estimate[d] - fixed[i][d])));
    const far = expectMean(own.map((estimate, i) => estimate.map((x, d) => x - fixed[i][d])), average, nothing); // biome-ignore format: one line
    expect(far).above(8);
    // With 8 pairs: 1.7 % of the gradient.
    expect(Math.hypot(...average) / Math.hypot(...expected(point))).within(0.01, 0.03);
  });
});
