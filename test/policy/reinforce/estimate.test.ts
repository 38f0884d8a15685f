// The estimators against enumeration: every claim about a mean or a variance is held against the sum over
// all replies or all batches.
import { expect } from "chai";
import fc from "fast-check";
import { DomainError, ShapeError } from "../../../lib/src/core/index.js";
import { differenceGradient, exactExpectation } from "../../../lib/src/numerics/index.js";
import { reinforce } from "../../../lib/src/policy/index.js";
import { categorical, foldIn, key, normal } from "../../../lib/src/random/index.js";
import {
  conditionalLogProbs,
  exactPolicyGradient,
  lastTokenContexts,
  sequenceTree,
  tabularContexts,
  treePolicy,
} from "../../../lib/src/trees/index.js";
import { phraseTask, phraseTokenRewards } from "../../../lib/src/worlds/index.js";
import { close } from "../../preferences/close.js";

const tree = sequenceTree(3, 3);
const rowsOf = { tabular: tabularContexts(tree), "last token": lastTokenContexts(tree) };
const drawLogits = (seed: number, rows: Int32Array) => normal(key(seed), (Math.max(...rows) + 1) * 3);
const drawTokenRewards = (seed: number) => normal(key(seed), tree.prefixes.length * 3);
const policyOf = (kind: keyof typeof rowsOf, seed = 1) =>
  reinforce.enumeratePolicy(
    treePolicy(tree, drawLogits(seed, rowsOf[kind]), rowsOf[kind]),
    drawTokenRewards(seed + 50),
  );
const total = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0);

/** Mean and variance of a batch estimate by going through every batch of B replies. */
function byBatches(
  policy: ReturnType<typeof policyOf>,
  B: number,
  credit: Parameters<typeof reinforce.estimateGradient>[2],
) {
  const N = tree.sequences.length;
  const D = policy.logits.length;
  const [mean, second] = [new Float64Array(D), new Float64Array(D)];
  for (let code = 0; code < N ** B; code++) {
    const replies = Array.from({ length: B }, (_, b) => Math.floor(code / N ** b) % N);
    const probability = Math.exp(total(replies.map((n) => policy.logProbs[n])));
    reinforce.estimateGradient(policy, replies, credit).forEach((g, d) => {
      mean[d] += probability * g;
      second[d] += probability * g * g;
    });
  }
  return { mean, variance: second.map((s, d) => s - mean[d] ** 2) };
}

describe("policy/reinforce, an enumerated policy", () => {
  it("adds token rewards up to replies', and knows what is to come", () => {
    for (const kind of ["tabular", "last token"] as const) {
      const policy = policyOf(kind);
      tree.sequences.forEach((tokens, n) => {
        let sum = 0;
        tokens.forEach((token, t) => {
          const p = policy.paths[n * tree.length + t];
          expect(tree.prefixes[p]).to.deep.equal(tokens.slice(0, t));
          expect(policy.earned[p]).to.be.closeTo(sum, 1e-12);
          sum += policy.tokenRewards[p * 3 + token];
        });
        expect(policy.reward[n]).to.be.closeTo(sum, 1e-12);
        for (let t = tokens.length; t < tree.length; t++) expect(policy.paths[n * tree.length + t]).to.equal(-1);
      });
      expect(policy.valueToGo[0]).to.be.closeTo(policy.value, 1e-12);
      expect(policy.value).to.be.closeTo(exactExpectation(policy.logProbs, policy.reward), 1e-12);
      const slope = differenceGradient(
        (z) => reinforce.enumeratePolicy(treePolicy(tree, z, rowsOf[kind]), policy.tokenRewards).value,
        policy.logits,
      );
      close(policy.gradient, slope, 1e-8);
    }
  });

  it("takes one reward per reply as paid at the end", () => {
    const reward = normal(key(3), tree.sequences.length);
    const rows = rowsOf.tabular;
    const policy = reinforce.enumeratePolicy(treePolicy(tree, drawLogits(1, rows), rows), reward);
    close(policy.reward, reward, 0);
    close(policy.earned, new Float64Array(tree.prefixes.length), 0);
    close(policy.gradient, exactPolicyGradient(treePolicy(tree, policy.logits, rows), reward).gradient, 0);
  });

  it("splits the phrase task's utility into tokens that add up to it", () => {
    const task = phraseTask({ length: 4 });
    for (const prompt of [0, 1]) {
      const rows = tabularContexts(task.tree);
      const tokens = phraseTokenRewards(task, prompt);
      const logits = conditionalLogProbs(task.tree, task.reference[prompt]);
      close(reinforce.enumeratePolicy(treePolicy(task.tree, logits, rows), tokens).reward, task.utility[prompt], 1e-12);
    }
    expect(() => phraseTokenRewards(task, 2)).to.throw(DomainError, /prompt/);
  });

  it("lets a policy avoid a reply of reward -Infinity, and refuses one that meets it", () => {
    const reward = normal(key(3), tree.sequences.length);
    reward[0] = Number.NEGATIVE_INFINITY; // the reply [0]: the end at once
    const logits = drawLogits(1, rowsOf.tabular);
    expect(() => reinforce.enumeratePolicy(treePolicy(tree, logits, rowsOf.tabular), reward)).to.throw(
      DomainError,
      /\[0\].*finite/,
    );
    logits[0] = Number.NEGATIVE_INFINITY;
    const policy = reinforce.enumeratePolicy(treePolicy(tree, logits, rowsOf.tabular), reward);
    const { mean } = reinforce.gradientMoments(policy, { baseline: policy.value });
    close(mean, policy.gradient, 1e-12);
    expect(() => reinforce.estimateGradient(policy, [0])).to.throw(DomainError, /can write/);
  });
});

describe("policy/reinforce, estimates from one reply", () => {
  for (const kind of ["tabular", "last token"] as const) {
    it(`are unbiased with every baseline that does not look at the token (${kind})`, () => {
      for (let seed = 1; seed <= 3; seed++) {
        const policy = policyOf(kind, seed);
        const noise = normal(key(90), tree.prefixes.length);
        const coordinates = normal(key(91), policy.logits.length);
        for (const credit of [
          {},
          { toGo: true },
          { baseline: 3.5 },
          { baseline: noise },
          { toGo: true, baseline: policy.valueToGo },
          { coordinateBaseline: coordinates },
          { toGo: true, baseline: noise, coordinateBaseline: coordinates },
        ]) {
          const { mean, squaredBias } = reinforce.gradientMoments(policy, credit);
          close(mean, policy.gradient, 1e-12, JSON.stringify(Object.keys(credit)));
          expect(squaredBias).to.be.below(1e-22);
        }
      }
    });

    it(`have the variance that going through all replies gives (${kind})`, () => {
      const policy = policyOf(kind);
      for (const credit of [{}, { toGo: true, baseline: policy.valueToGo }, { baseline: 0.7 }]) {
        const { mean, variance } = byBatches(policy, 1, credit);
        const got = reinforce.gradientMoments(policy, credit);
        close(got.mean, mean, 1e-12);
        close(got.variance, variance, 1e-12);
        expect(got.totalVariance).to.be.closeTo(total(variance), 1e-12);
        close(reinforce.batchMoments(policy, 2, credit).variance, byBatches(policy, 2, credit).variance, 1e-12);
      }
    });
  }

  it("do not change when reward and baseline both rise by a constant", () => {
    const policy = policyOf("last token");
    fc.assert(
      fc.property(fc.double({ min: -9, max: 9, noNaN: true }), fc.nat(tree.sequences.length - 1), (c, reply) => {
        const reward = policy.reward.map((r) => r + c);
        const raised = reinforce.enumeratePolicy(policy, reward);
        close(
          reinforce.estimateGradient(raised, [reply], { baseline: 1 + c }),
          reinforce.estimateGradient(policy, [reply], { baseline: 1 }),
          1e-11,
        );
        const batch = [reply, (reply + 4) % tree.sequences.length, 2];
        for (const baseline of ["batch mean", "leave one out"] as const) {
          close(
            reinforce.estimateGradient(raised, batch, { baseline }),
            reinforce.estimateGradient(policy, batch, { baseline }),
            1e-11,
          );
        }
      }),
    );
  });

  it("with the value of the prefix as baseline, are the same whether past rewards are counted or not", () => {
    const policy = policyOf("tabular");
    const whole = policy.valueToGo.map((v, p) => v + policy.earned[p]);
    for (const reply of [0, 5, 11]) {
      close(
        reinforce.estimateGradient(policy, [reply], { baseline: whole }),
        reinforce.estimateGradient(policy, [reply], { toGo: true, baseline: policy.valueToGo }),
        1e-12,
      );
    }
  });

  it("score: the slope of the reply's log-probability", () => {
    for (const kind of ["tabular", "last token"] as const) {
      const policy = policyOf(kind);
      const slope = differenceGradient(
        (z) => reinforce.enumeratePolicy(treePolicy(tree, z, policy.contexts), policy.reward).logProbs[7],
        policy.logits,
      );
      close(reinforce.replyScore(policy, 7), slope, 1e-8);
    }
  });

  it("from drawn replies average to the gradient, within 4.5 standard errors in each coordinate", () => {
    const task = phraseTask({ length: 4 });
    const rows = lastTokenContexts(task.tree);
    const policy = reinforce.enumeratePolicy(treePolicy(task.tree, normal(key(4), 56), rows), phraseTokenRewards(task));
    const B = 4000;
    const replies = categorical(key(5), policy.logProbs, B);
    for (const credit of [{}, { baseline: policy.value }, { toGo: true, baseline: policy.valueToGo }]) {
      const got = reinforce.estimateGradient(policy, replies, credit);
      const { mean, variance } = reinforce.gradientMoments(policy, credit);
      close(mean, policy.gradient, 1e-12);
      got.forEach((g, d) => {
        // 56 coordinates, three credits: two-sided 4.5 sigma is a probability of about 0.1 % for all of them together.
        expect(Math.abs(g - policy.gradient[d]), `coordinate ${d}`).to.be.at.most(
          4.5 * Math.sqrt(variance[d] / B) + 1e-12,
        );
      });
    }
  });
});

describe("policy/reinforce, baselines of a batch", () => {
  it("batch mean is (1 - 1/B) times the gradient, leave one out is the gradient: over all batches of 2 and 3", () => {
    for (const kind of ["tabular", "last token"] as const) {
      const policy = policyOf(kind);
      for (const B of kind === "tabular" ? [2] : [2, 3]) {
        for (const baseline of ["batch mean", "leave one out"] as const) {
          const want = byBatches(policy, B, { baseline });
          const got = reinforce.batchMoments(policy, B, { baseline });
          close(got.mean, want.mean, 1e-12, baseline);
          close(got.variance, want.variance, 1e-12, baseline);
          const share = baseline === "batch mean" ? 1 - 1 / B : 1;
          close(want.mean, Array.from(policy.gradient, (g) => share * g), 1e-12); // biome-ignore format: one line
          const signal = total(policy.gradient.map((g) => g * g));
          expect(got.squaredBias).to.be.closeTo((1 - share) ** 2 * signal, 1e-12);
        }
      }
    }
  });

  it("leave one out is the sample covariance of reward and score, batch mean that times (B - 1) / B", () => {
    const policy = policyOf("last token");
    const replies = [3, 8, 8, 1, 12];
    const rewards = replies.map((n) => policy.reward[n]);
    const scores = replies.map((n) => reinforce.replyScore(policy, n));
    const mean = total(rewards) / 5;
    const covariance = policy.logits.map((_, d) => {
      const centre = total(scores.map((s) => s[d])) / 5;
      return total(scores.map((s, b) => (rewards[b] - mean) * (s[d] - centre))) / 4;
    });
    close(reinforce.estimateGradient(policy, replies, { baseline: "leave one out" }), covariance, 1e-12);
    close(
      reinforce.estimateGradient(policy, replies, { baseline: "batch mean" }),
      covariance.map((c) => 0.8 * c),
      1e-12,
    );
  });

  it("is 0 where all rewards are alike, and for the batch mean of one", () => {
    const policy = policyOf("tabular");
    const zero = new Float64Array(policy.logits.length);
    close(reinforce.estimateGradient(policy, [4, 4, 4], { baseline: "leave one out" }), zero, 1e-15);
    close(reinforce.estimateGradient(policy, [4], { baseline: "batch mean" }), zero, 0);
    const { mean, totalVariance } = reinforce.batchMoments(policy, 1, { baseline: "batch mean" });
    close(mean, zero, 0);
    expect(totalVariance).to.equal(0);
  });
});

describe("policy/reinforce, the optimal baseline", () => {
  it("has the least variance: no other number, no other vector near it does better", () => {
    for (const kind of ["tabular", "last token"] as const) {
      for (const toGo of [false, true]) {
        const policy = policyOf(kind, 2);
        const b = reinforce.optimalBaseline(policy, { toGo });
        const at = (x: number) => reinforce.gradientMoments(policy, { toGo, baseline: x }).totalVariance;
        for (const step of [-1, -0.01, 0.01, 1]) expect(at(b + step)).to.be.above(at(b));
        // It is a parabola with the curvature of E||score||^2.
        const fisher = total(
          reinforce.gradientMoments({ ...policy, reward: policy.reward.map(() => 0) }, { baseline: 1 }).variance,
        );
        expect(at(b + 2) - at(b)).to.be.closeTo(4 * fisher, 1e-9);
        const each = reinforce.optimalCoordinateBaseline(policy, { toGo });
        const best = reinforce.gradientMoments(policy, { toGo, coordinateBaseline: each });
        expect(best.totalVariance).to.be.below(at(b));
        const variance = (i: number, step: number) =>
          reinforce.gradientMoments(policy, { toGo, coordinateBaseline: each.map((x, d) => (d === i ? x + step : x)) })
            .variance[i];
        const moves = reinforce.scoreSecondMoment(policy);
        for (let i = 0; i < each.length; i++) {
          if (moves[i] === 0) continue; // a row that no prefix reads
          for (const step of [-0.1, 0.1]) expect(variance(i, step)).to.be.above(best.variance[i]);
        }
      }
    }
  });

  it("is E[R ||s||^2] / E[||s||^2], by the definition", () => {
    const policy = policyOf("last token", 3);
    let [above, below] = [0, 0];
    tree.sequences.forEach((_, n) => {
      const square = total(reinforce.replyScore(policy, n).map((s) => s * s));
      above += Math.exp(policy.logProbs[n]) * square * policy.reward[n];
      below += Math.exp(policy.logProbs[n]) * square;
    });
    expect(reinforce.optimalBaseline(policy)).to.be.closeTo(above / below, 1e-12);
    expect(total(reinforce.scoreSecondMoment(policy))).to.be.closeTo(below, 1e-12);
  });

  it("of the prefix beats the value of the prefix, and no prefix can do better alone", () => {
    const policy = policyOf("tabular", 4);
    const best = reinforce.optimalStateBaseline(policy);
    const at = (baseline: Float64Array) => reinforce.gradientMoments(policy, { toGo: true, baseline }).totalVariance;
    expect(at(best)).to.be.below(at(policy.valueToGo));
    tree.prefixes.forEach((_, p) => {
      for (const step of [-0.2, 0.2]) expect(at(best.map((b, q) => (q === p ? b + step : b)))).to.be.above(at(best));
    });
    expect(() => reinforce.optimalStateBaseline(policyOf("last token"))).to.throw(DomainError, /row of its own/);
  });

  it("is the reward itself where the reward never varies, and the variance is then 0", () => {
    const policy = reinforce.enumeratePolicy(
      treePolicy(tree, drawLogits(1, rowsOf.tabular), rowsOf.tabular),
      new Float64Array(15).fill(2),
    );
    expect(reinforce.optimalBaseline(policy)).to.be.closeTo(2, 1e-12);
    expect(reinforce.gradientMoments(policy, { baseline: 2 }).totalVariance).to.equal(0);
    expect(reinforce.gradientMoments(policy).totalVariance).to.be.above(1);
    expect(reinforce.gradientMoments(policy).noiseToSignal).to.be.above(1e20); // the gradient is 0 but for rounding
  });

  it("of a policy without a choice is 0", () => {
    const logits = drawLogits(1, rowsOf.tabular).map((_, d) => (d % 3 === 0 ? 0 : Number.NEGATIVE_INFINITY));
    const policy = reinforce.enumeratePolicy(treePolicy(tree, logits, rowsOf.tabular), drawTokenRewards(8));
    expect(reinforce.optimalBaseline(policy)).to.equal(0);
    expect(reinforce.optimalStateBaseline(policy)[0]).to.equal(policy.valueToGo[0]);
    expect(reinforce.gradientMoments(policy).noiseToSignal).to.equal(Number.POSITIVE_INFINITY);
  });
});

describe("policy/reinforce, replies from another distribution", () => {
  it("are repaired by importance weights if it writes everything, and only then", () => {
    const policy = policyOf("tabular");
    const conditionals = conditionalLogProbs(tree, policy.logProbs);
    const q = (c: Float64Array) =>
      reinforce.enumeratePolicy(treePolicy(tree, c, rowsOf.tabular), policy.tokenRewards).logProbs;
    const warm = q(reinforce.temper(conditionals, 3, 1.7));
    const credit = { baseline: policy.value };
    expect(reinforce.gradientMoments(policy, credit, { samplingLogProbs: warm }).squaredBias).to.be.above(1e-3);
    const repaired = reinforce.gradientMoments(policy, credit, { samplingLogProbs: warm, importance: true });
    close(repaired.mean, policy.gradient, 1e-12);
    const cut = q(reinforce.nucleus(conditionals, 3, 0.6));
    expect(cut.some((logp) => logp === Number.NEGATIVE_INFINITY)).to.equal(true);
    const broken = reinforce.gradientMoments(policy, credit, { samplingLogProbs: cut, importance: true });
    expect(broken.squaredBias).to.be.above(1e-3);
    close(
      reinforce.gradientMoments(policy, credit, { samplingLogProbs: policy.logProbs }).mean,
      policy.gradient,
      1e-12,
    );
    expect(() => reinforce.gradientMoments(policy, {}, { samplingLogProbs: [0] })).to.throw(
      ShapeError,
      /one per reply/,
    );
    const none = new Float64Array(tree.sequences.length).fill(-9);
    expect(() => reinforce.gradientMoments(policy, {}, { samplingLogProbs: none })).to.throw(DomainError, /add up/);
  });
});

describe("policy/reinforce, what is refused", () => {
  it("says what is wrong", () => {
    const policy = policyOf("tabular");
    const { estimateGradient, gradientMoments, batchMoments, enumeratePolicy, repliesNeeded } = reinforce;
    expect(() => estimateGradient(policy, [])).to.throw(DomainError, /at least one/);
    expect(() => estimateGradient(policy, [99])).to.throw(DomainError, /reply/);
    expect(() => estimateGradient(policy, [1], { baseline: "leave one out" })).to.throw(DomainError, /at least two/);
    expect(() => estimateGradient(policy, [1, 2], { baseline: "batch mean", toGo: true })).to.throw(
      DomainError,
      /toGo/,
    );
    expect(() => estimateGradient(policy, [1, 2], { baseline: "mean" as "batch mean" })).to.throw(
      DomainError,
      /baseline/,
    );
    expect(() => estimateGradient(policy, [1], { baseline: [1, 2] })).to.throw(ShapeError, /prefix/);
    expect(() => estimateGradient(policy, [1], { coordinateBaseline: [1] })).to.throw(ShapeError, /coordinateBaseline/);
    expect(() => gradientMoments(policy, { baseline: Number.NaN })).to.throw(DomainError, /baseline/);
    expect(() => batchMoments(policy, 0)).to.throw(DomainError, /B/);
    expect(() => batchMoments(policy, 2, { baseline: "batch mean", coordinateBaseline: policy.gradient })).to.throw(
      DomainError,
      /coordinateBaseline/,
    );
    expect(() => enumeratePolicy(treePolicy(tree, policy.logits, rowsOf.tabular), [1])).to.throw(ShapeError, /reward/);
    expect(() => enumeratePolicy(treePolicy(tree, policy.logits, rowsOf.tabular.slice(1)), policy.reward)).to.throw(
      ShapeError,
      /contexts/,
    );
    expect(() => enumeratePolicy(treePolicy(tree, policy.logits.map(() => Number.NaN), rowsOf.tabular), policy.reward)).to.throw(DomainError, /logits/); // biome-ignore format: one line
    expect(repliesNeeded(10, 0.1, 0.5)).to.equal(400);
    expect(repliesNeeded(0, 0.1, 0.5)).to.equal(1);
    expect(() => repliesNeeded(-1, 1, 1)).to.throw(DomainError, /totalVariance/);
    expect(() => repliesNeeded(1, 0, 1)).to.throw(DomainError, /squaredNorm/);
    expect(() => repliesNeeded(1, 1, 0)).to.throw(DomainError, /relativeError/);
  });
});

describe("policy/reinforce, batches and noise", () => {
  it("repliesNeeded: that many replies bring the root mean square error to what was asked, as measured", () => {
    const policy = policyOf("last token", 6);
    const credit = { baseline: reinforce.optimalBaseline(policy) };
    const { totalVariance } = reinforce.gradientMoments(policy, credit);
    const signal = total(policy.gradient.map((g) => g * g));
    const B = reinforce.repliesNeeded(totalVariance, signal, 0.2);
    const errors = Array.from({ length: 400 }, (_, r) => {
      const estimate = reinforce.estimateGradient(policy, categorical(foldIn(key(8), r), policy.logProbs, B), credit);
      return total(estimate.map((g, d) => (g - policy.gradient[d]) ** 2)) / signal;
    });
    // The mean of 400 squared errors, each with a relative spread of about 1: 4 standard errors are 20 %.
    expect(Math.sqrt(total(errors) / 400)).to.be.within(0.2 * Math.sqrt(0.8), 0.2 * Math.sqrt(1.2));
  });
});
