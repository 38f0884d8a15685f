import { expect } from "chai";
import fc from "fast-check";
import { DomainError, foldIn, key, mean, normal, ShapeError, standardDeviation, standardError } from "rlhf-lab";
import { differenceGradient } from "rlhf-lab/numerics";
import {
  dapoLossAndGradient,
  drGrpoLossAndGradient,
  groupAdvantages,
  grpoLossAndGradient,
  grpoReferenceLossAndGradient,
  gspoLossAndGradient,
  informativeRows,
  type LossAndRowGradient,
  leaveOneOutAdvantages,
  overlongPenalty,
  type Rows,
  rlooLossAndGradient,
} from "rlhf-lab/policy";
import { dapoLoss, drGrpoLoss, grpoLoss, grpoReferenceLoss, gspoLoss, rlooLoss } from "rlhf-lab/policy/tensor";
import { categorical } from "rlhf-lab/random";
import { tf } from "rlhf-lab/tensor";
import {
  exactPolicyGradient,
  nextTokenLogProbs,
  sequenceLogProbs,
  sequenceTree,
  tabularContexts,
  tokenIndicesOf,
  tokenLogitGradient,
  treePolicy,
  treeTokenLogProbs,
} from "rlhf-lab/trees";
import { expectClose, valueAndSlopes } from "./twins.js";

const [B, T] = [4, 5];
const mask = [
  [0, 1, 1, 1, 0],
  [0, 1, 0, 0, 0],
  [0, 1, 1, 1, 1],
  [0, 0, 0, 0, 0], // an empty completion
];
const rowsOf = (flat: ArrayLike<number>) =>
  Array.from({ length: B }, (_, b) => Array.from({ length: T }, (_, t) => flat[b * T + t]));
const logpNew = rowsOf(normal(key(1), B * T).map((z) => -1.5 + 0.4 * z));
const logpOld = rowsOf(normal(key(2), B * T).map((z) => -1.5 + 0.4 * z));
const advantages = [1.2, -0.7, -0.4, 0.6];
const logpThird = normal(key(3), B * T).map((z) => -1.5 + 0.4 * z); // log-probabilities of a third policy

type Loss = (a: tf.Tensor, b: tf.Tensor, c: tf.Tensor, d: tf.Tensor) => tf.Scalar;
type Twin = (a: Rows, b: Rows, c: ArrayLike<number>, d: Rows) => LossAndRowGradient;
const none = Number.POSITIVE_INFINITY;
const losses: Record<string, [Loss, Twin]> = {
  rloo: [rlooLoss, rlooLossAndGradient],
  "rloo, clipped": [
    (...args) => rlooLoss(...args, { clip: 0.2 }),
    (...args) => rlooLossAndGradient(...args, { clip: 0.2 }),
  ],
  grpo: [grpoLoss, grpoLossAndGradient],
  "grpo, not clipped": [
    (...args) => grpoLoss(...args, { clip: none }),
    (...args) => grpoLossAndGradient(...args, { clip: none }),
  ],
  drGrpo: [
    (...args) => drGrpoLoss(...args, { length: 16 }),
    (...args) => drGrpoLossAndGradient(...args, { length: 16 }),
  ],
  dapo: [dapoLoss, dapoLossAndGradient],
  gspo: [
    (...args) => gspoLoss(...args, { clipLow: 0.1, clipHigh: 0.2 }),
    (...args) => gspoLossAndGradient(...args, { clipLow: 0.1, clipHigh: 0.2 }),
  ],
  "grpo's reference": [
    (a, b, _, d) => grpoReferenceLoss(a, b, d),
    (a, b, _, d) => grpoReferenceLossAndGradient(a, b, d),
  ],
};

describe("losses on groups", () => {
  for (const [name, [loss, twin]] of Object.entries(losses)) {
    it(`${name}: float32 and float64 agree, captured is eager, the gradient is the differences'`, () => {
      for (const old of [logpOld, logpNew]) {
        const plain = twin(logpNew, old, advantages, mask);
        const tensors = () => [
          tf.tensor2d(logpNew),
          tf.tensor2d(old),
          tf.tensor1d(advantages),
          tf.tensor2d(mask, [B, T], "int32"),
        ];
        const got = valueAndSlopes(loss as never, tensors, 1);
        expect(got.loss).closeTo(plain.loss, 2e-6);
        expectClose(
          got.gradient[0],
          plain.gradient.flatMap((row) => Array.from(row)),
          2e-6,
          name,
        );
      }
      const plain = twin(logpNew, logpOld, advantages, mask);
      const differences = differenceGradient((x) => twin(rowsOf(x), logpOld, advantages, mask).loss, logpNew.flat());
      expectClose(
        plain.gradient.flatMap((row) => Array.from(row)),
        differences,
        1e-8,
        name,
      );
      expect(Math.max(...differences.map(Math.abs))).above(0.01);
    });

    it(`${name}: -Infinity where the mask is 0 changes nothing; huge ratios stay finite`, () => {
      const hole = (rows: number[][]) => rows.map((row, b) => row.map((x, t) => (mask[b][t] === 0 ? -Infinity : x)));
      const want = twin(logpNew, logpOld, advantages, mask);
      const got = twin(hole(logpNew), hole(logpOld), advantages, mask);
      expect(got).deep.equal(want);
      for (const far of [-300, 0]) {
        const other = logpOld.map((row) => row.map(() => (far === 0 ? -300 : 0)));
        const now = logpNew.map((row) => row.map(() => far));
        const plain = twin(now, other, advantages, mask);
        expect(Number.isFinite(plain.loss)).equal(true);
        if (name === "grpo's reference") continue; // k3 of a log-ratio of 300 is e^300, and says so
        const args = () => [
          tf.tensor2d(hole(now)),
          tf.tensor2d(hole(other)),
          tf.tensor1d(advantages),
          tf.tensor2d(mask),
        ];
        const { loss: value, gradient } = valueAndSlopes(loss as never, args, 1);
        expect(Math.abs(value - plain.loss)).most(2e-6 * (1 + Math.abs(plain.loss)));
        expectClose(
          gradient[0],
          plain.gradient.flatMap((row) => Array.from(row)),
          1e-6,
          name,
        );
      }
    });
  }

  it("an all-masked batch gives 0, or minus the advantages where one ratio stands for the row, and no gradient", () => {
    const nothing = mask.map((row) => row.map(() => 0));
    for (const [name, [loss, twin]] of Object.entries(losses)) {
      const plain = twin(logpNew, logpOld, advantages, nothing);
      expect(plain.loss, name).closeTo(/rloo|gspo/.test(name) ? -mean(advantages) : 0, 1e-15);
      expect(
        plain.gradient.every((row) => row.every((x) => x === 0)),
        name,
      ).equal(true);
      const args = () => [tf.tensor2d(logpNew), tf.tensor2d(logpOld), tf.tensor1d(advantages), tf.tensor2d(nothing)];
      const got = valueAndSlopes(loss as never, args, 1);
      expect(got.loss).closeTo(plain.loss, 1e-6);
      expect(
        got.gradient[0].every((x) => x === 0),
        name,
      ).equal(true);
    }
  });

  it("refuse what cannot be", () => {
    for (const [name, [loss, twin]] of Object.entries(losses)) {
      expect(() => twin(logpNew.slice(1), logpOld, advantages, mask), name).throw(ShapeError, "4 rows");
      expect(() => twin([[1], ...logpNew.slice(1)], logpOld, advantages, mask), name).throw(ShapeError, "logpNew[0]");
      expect(() => twin([], [], [], []), name).throw(DomainError, "at least one row");
      const half = mask.map((row) => row.map((m) => m / 2));
      expect(() => twin(logpNew, logpOld, advantages, half), name).throw(DomainError, "0 or 1");
      const impossible = logpOld.map((row) => row.map(() => -Infinity));
      expect(() => twin(logpNew, impossible, advantages, mask), name).throw(DomainError, "under the mask");
      tf.tidy(() => {
        const [a, b, c, m] = [tf.zeros([4, 5]), tf.zeros([4, 6]), tf.zeros([4]), tf.ones([4, 5])];
        expect(() => loss(a, b, c, m), name).throw(ShapeError);
        expect(() => loss(a, a, c, b), name).throw(ShapeError);
        if (name !== "grpo's reference")
          expect(() => loss(a, a, tf.zeros([5]), m), name).throw(ShapeError, "advantages");
      });
      if (name !== "grpo's reference") {
        expect(() => twin(logpNew, logpOld, [1], mask), name).throw(ShapeError, "advantages");
        expect(() => twin(logpNew, logpOld, [1, 1, 1, NaN], mask), name).throw(DomainError, "advantages[3]");
      }
    }
    expect(() => grpoLossAndGradient(logpNew, logpOld, advantages, mask, { clip: 0 })).throw(DomainError, "clip");
    expect(() => drGrpoLossAndGradient(logpNew, logpOld, advantages, mask, { length: 0 })).throw(DomainError, "length");
  });

  it("say by hand what they are: one token each, ratio 2", () => {
    const [two, one, ones] = [
      [[Math.LN2], [Math.LN2]],
      [[0], [0]],
      [[1], [1]],
    ];
    const value = (twin: Twin, a: number[]) => twin(two, one, a, ones).loss;
    expect(value(grpoLossAndGradient, [1, -1])).closeTo((-1.2 + 2) / 2, 1e-15);
    expect(value(dapoLossAndGradient, [1, -1])).closeTo((-1.28 + 2) / 2, 1e-15);
    expect(value(gspoLossAndGradient, [1, -1])).closeTo((-1.0004 + 2) / 2, 1e-15);
    expect(value(rlooLossAndGradient, [1, -1])).closeTo(0, 1e-15);
  });
});

describe("advantages in groups", () => {
  it("by hand", () => {
    expectClose(groupAdvantages([1, 2, 3, 10, 0, 5], { group: 3 }), [-1, 0, 1, 1, -1, 0], 1e-15);
    expectClose(groupAdvantages([1, 2, 3], { group: 3, normalise: false }), [-1, 0, 1], 1e-15);
    expectClose(leaveOneOutAdvantages([1, 2, 6], { group: 3 }), [-3, -1.5, 4.5], 1e-15);
  });

  it("leave-one-out is G / (G - 1) times the group's without normalisation; both add up to 0 and know no shift", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 6 }).chain((group) =>
          fc.tuple(
            fc.constant(group),
            fc.integer({ min: 1, max: 4 }).chain((n) => {
              const reward = fc.integer({ min: -1000, max: 1000 }).map((x) => x / 64);
              return fc.array(reward, { minLength: n * group, maxLength: n * group });
            }),
            fc.integer({ min: -50, max: 50 }),
          ),
        ),
        ([group, rewards, shift]) => {
          const plain = groupAdvantages(rewards, { group, normalise: false });
          const loo = leaveOneOutAdvantages(rewards, { group });
          expectClose(
            loo,
            plain.map((a) => (a * group) / (group - 1)),
            1e-9,
          );
          const moved = rewards.map((r) => r + shift);
          expectClose(leaveOneOutAdvantages(moved, { group }), loo, 1e-9);
          const scaled = groupAdvantages(
            rewards.map((r) => 3 * r + shift),
            { group },
          );
          expectClose(scaled, groupAdvantages(rewards, { group }), 1e-9);
          for (let g = 0; g < rewards.length; g += group) {
            expect(Math.abs(loo.slice(g, g + group).reduce((a, b) => a + b))).below(1e-9);
            const own = Array.from(groupAdvantages(rewards, { group }).slice(g, g + group));
            if (own.some((a) => a !== 0)) expect(standardDeviation(own)).closeTo(1, 1e-9);
          }
        },
      ),
    );
  });

  it("does not look at the rewards' zero, nor at their unit: shifted by 1e8, or times 1e-300 to 1e300", () => {
    const near = [0.25, 0.5, 2.25, 1];
    const plain = groupAdvantages(near, { group: 4 });
    const loo = leaveOneOutAdvantages(near, { group: 4 });
    for (const shift of [0, 1e4, -1e8, 2 ** 40]) {
      const moved = near.map((r) => r + shift);
      expectClose(groupAdvantages(moved, { group: 4 }), plain, 1e-12);
      expectClose(leaveOneOutAdvantages(moved, { group: 4 }), loo, 1e-12);
      expect([...informativeRows(moved, { group: 4 })]).deep.equal([0, 1, 2, 3]);
    }
    expectClose(groupAdvantages([10000.001, 10000.009], { group: 2 }), [-Math.SQRT1_2, Math.SQRT1_2], 1e-9);
    expectClose(leaveOneOutAdvantages([1e6, 1e6 + 0.9], { group: 2 }), [-0.9, 0.9], 1e-9);
    for (const unit of [1e-300, 1e-200, 1e155, 1e300, 4e307]) {
      const scaled = near.map((r) => r * unit);
      expectClose(groupAdvantages(scaled, { group: 4 }), plain, 1e-12);
      expectClose(
        leaveOneOutAdvantages(scaled, { group: 4 }).map((a) => a / unit),
        loo,
        1e-12,
      );
    }
    const widest = Number.MAX_VALUE; // whose difference from its negative is Infinity
    expectClose(groupAdvantages([-widest, widest], { group: 2 }), [-Math.SQRT1_2, Math.SQRT1_2], 1e-12);
    expectClose(groupAdvantages([0, Number.MIN_VALUE], { group: 2 }), [-Math.SQRT1_2, Math.SQRT1_2], 1e-12);
  });

  it("a group without differences teaches nothing, rounding included; a group of one is refused", () => {
    const noisy = [0.3, 0.1 + 0.2, 0.3];
    for (const rewards of [[7, 7, 7], [0, 0, 0], [0.1, 0.1, 0.1], noisy]) {
      expect([...groupAdvantages(rewards, { group: 3 })]).deep.equal([0, 0, 0]);
      expectClose(leaveOneOutAdvantages(rewards, { group: 3 }), [0, 0, 0], rewards === noisy ? 1e-16 : 0);
      expect([...informativeRows([...rewards, 1, 2, 3], { group: 3 })]).deep.equal([3, 4, 5]);
    }
    for (const advantagesOf of [groupAdvantages, leaveOneOutAdvantages, informativeRows]) {
      expect(() => advantagesOf([1, 2], { group: 1 })).throw(DomainError, "siblings");
      expect(() => advantagesOf([1, 2, 3], { group: 2 })).throw(ShapeError, "multiple");
      expect(() => advantagesOf([], { group: 2 })).throw(ShapeError);
      expect(() => advantagesOf([1, NaN], { group: 2 })).throw(DomainError, "rewards[1]");
    }
  });

  it("DAPO's penalty for length", () => {
    const at = (length: number) => overlongPenalty(length, { most: 100, margin: 20 });
    expect([0, 80, 85, 90, 100, 130].map(at)).deep.equal([0, 0, -0.25, -0.5, -1, -1]);
    expect(() => overlongPenalty(3, { most: 2, margin: 3 })).throw(DomainError, "margin");
  });
});

// Every group that could be drawn, each with its probability: expectations without sampling.
describe("what the losses of groups do on the average", () => {
  const tree = sequenceTree(3, 2); // 7 sequences of 1 and 2 tokens
  const contexts = tabularContexts(tree);
  const logits = Float64Array.from(normal(key(4), tree.prefixes.length * 3));
  const conditionals = nextTokenLogProbs({ tree, contexts, logits });
  const logProbs = sequenceLogProbs(tree, conditionals);
  const N = tree.sequences.length;
  const rewards = Float64Array.from(normal(key(5), N));
  const policy = { tree, contexts, logits };
  const places = tree.sequences.map((_, n) => tokenIndicesOf(tree, n));
  const tokens = treeTokenLogProbs(conditionals, places);
  const G = 3;

  /** The expected gradient of minus a loss at logpNew = logpOld, over all N^G groups. */
  function expected(
    twin: Twin,
    advantagesOf: (rewards: number[]) => ArrayLike<number>,
    reward = rewards,
  ): Float64Array {
    const total = new Float64Array(logits.length);
    for (let draw = 0; draw < N ** G; draw++) {
      const group = Array.from({ length: G }, (_, g) => Math.floor(draw / N ** g) % N);
      const probability = Math.exp(group.reduce((sum, n) => sum + logProbs[n], 0));
      const logp = group.map((n) => tokens[n]);
      const ones = logp.map((row) => Array.from(row, () => 1));
      const slopes = twin(logp, logp, advantagesOf(group.map((n) => reward[n])), ones).gradient;
      const drawn = group.map((n) => places[n]);
      const gradient = tokenLogitGradient(policy, drawn, slopes);
      for (let i = 0; i < total.length; i++) total[i] -= probability * gradient[i];
    }
    return total;
  }
  const exactOf = (reward: ArrayLike<number>) => exactPolicyGradient({ tree, contexts, logits }, reward).gradient;
  const exact = exactOf(rewards);
  const centred = (r: number[]) => groupAdvantages(r, { group: G, normalise: false });
  const normalised = (r: number[]) => groupAdvantages(r, { group: G });
  const leaveOneOut = (r: number[]) => leaveOneOutAdvantages(r, { group: G });
  const cosine = (a: ArrayLike<number>, b: ArrayLike<number>) => {
    const along = (x: ArrayLike<number>, y: ArrayLike<number>) => Array.from(x).reduce((s, v, i) => s + v * y[i], 0);
    return along(a, b) / Math.sqrt(along(a, a) * along(b, b));
  };

  it("RLOO is the policy gradient; Dr. GRPO is it times (G - 1) / G; GRPO without either normalisation equals RLOO up to that factor", () => {
    expectClose(expected(rlooLossAndGradient, leaveOneOut), exact, 1e-12);
    expectClose(
      expected(drGrpoLossAndGradient, centred),
      exact.map((x) => (x * (G - 1)) / G),
      1e-12,
    );
    // And so it is for each single group, not only on the average.
    const group = [0, 3, 6];
    const logp = group.map((n) => tokens[n]);
    const ones = logp.map((row) => Array.from(row, () => 1));
    const own = group.map((n) => rewards[n]);
    const a = drGrpoLossAndGradient(logp, logp, centred(own), ones);
    const b = rlooLossAndGradient(logp, logp, leaveOneOut(own), ones);
    for (const [i, row] of a.gradient.entries()) {
      expectClose(
        row,
        b.gradient[i].map((x) => (x * (G - 1)) / G),
        1e-15,
      );
    }
  });

  it("sampled RLOO agrees within four standard errors", () => {
    const groups = 4000;
    const draws = categorical(key(6), logProbs, groups * G);
    const estimates: Float64Array[] = [];
    for (let g = 0; g < groups; g++) {
      const group = draws.slice(g * G, (g + 1) * G);
      const logp = Array.from(group, (n) => tokens[n]);
      const ones = logp.map((row) => Array.from(row, () => 1));
      const slopes = rlooLossAndGradient(logp, logp, leaveOneOut(Array.from(group, (n) => rewards[n])), ones).gradient;
      const drawn = Array.from(group, (n) => places[n]);
      estimates.push(tokenLogitGradient(policy, drawn, slopes));
    }
    exact.forEach((want, i) => {
      const column = estimates.map((e) => -e[i]);
      expect(Math.abs(mean(column) - want)).most(4 * standardError(column) + 1e-12);
    });
  });

  it("GRPO's mean over a completion's tokens credits r / length: not the policy gradient, and exactly by how much", () => {
    // The exact answer for the length bias: sum over y of p(y) (r(y) - mean of the others) grad log p(y) / |y|.
    const value = logProbs.reduce((sum, l, n) => sum + Math.exp(l) * rewards[n], 0);
    const biased = new Float64Array(logits.length);
    for (let n = 0; n < N; n++) {
      const slope = (Math.exp(logProbs[n]) * (rewards[n] - value)) / tree.sequences[n].length;
      const gradient = tokenLogitGradient(policy, [places[n]], [tokens[n].map(() => slope)]);
      for (let i = 0; i < biased.length; i++) biased[i] += gradient[i];
    }
    const got = expected(grpoLossAndGradient, centred);
    expectClose(
      got,
      biased.map((x) => (x * (G - 1)) / G),
      1e-12,
    );
    expect(cosine(got, exact)).within(0.9, 0.999);
    // GSPO's root of the ratio leads to the same place.
    expectClose(expected(gspoLossAndGradient, centred), got, 1e-12);
  });

  it("dividing by the group's deviation turns the gradient away too, and makes a prompt with rewards a hundredth as large count the same", () => {
    const grpo = expected(drGrpoLossAndGradient, normalised);
    expect(cosine(grpo, exact)).within(0.5, 0.9999);
    const small = rewards.map((r) => r / 100);
    expectClose(expected(drGrpoLossAndGradient, normalised, small), grpo, 1e-12);
    expectClose(
      exactOf(small),
      exact.map((x) => x / 100),
      1e-15,
    );
  });

  it("DAPO's mean over the batch's tokens is neither: its denominator depends on the draw", () => {
    const dapo = expected(dapoLossAndGradient, centred);
    expect(cosine(dapo, exact)).within(0.9, 0.99999);
    // Were all completions of one length, it would be the policy gradient.
    const flat = sequenceTree(2, 1);
    const r = [1, 0];
    const logp = [[-Math.LN2], [-Math.LN2]];
    const slopes = dapoLossAndGradient(logp, logp, leaveOneOutAdvantages(r, { group: 2 }), [[1], [1]]).gradient;
    const uniform = { tree: flat, contexts: tabularContexts(flat), logits: new Float64Array(2) };
    const one = tokenLogitGradient(uniform, [tokenIndicesOf(flat, 0), tokenIndicesOf(flat, 1)], slopes);
    const want = exactPolicyGradient(treePolicy(flat, [0, 0]), r).gradient;
    // Two different draws happen half of the time; equal ones teach nothing.
    expectClose(
      one.map((x) => -x / 2),
      want,
      1e-12,
    );
  });

  it("minus the reference term's gradient climbs KL(ref || new), its value is KL(new || ref)", () => {
    const ref = nextTokenLogProbs(
      treePolicy(tree, Float64Array.from(normal(foldIn(key(7), 1), logits.length)), contexts),
    );
    // One token after the empty prefix.
    let value = 0;
    const slope = new Float64Array(3);
    for (let v = 0; v < 3; v++) {
      const { loss, gradient } = grpoReferenceLossAndGradient([[conditionals[v]]], [[ref[v]]], [[1]]);
      const p = Math.exp(conditionals[v]);
      value += p * loss;
      for (let u = 0; u < 3; u++) slope[u] += p * gradient[0][0] * ((u === v ? 1 : 0) - Math.exp(conditionals[u]));
    }
    const [p, q] = [conditionals.slice(0, 3), ref.slice(0, 3)];
    expect(value).closeTo(
      p.reduce((s, l, v) => s + Math.exp(l) * (l - q[v]), 0),
      1e-12,
    );
    // d KL(ref || softmax(z)) / d z = softmax(z) - ref
    expectClose(
      slope,
      p.map((l, v) => Math.exp(l) - Math.exp(q[v])),
      1e-12,
    );
  });

  it("the reference term on an old policy's tokens, weighted by new/old: value and slope are those of fresh tokens", () => {
    const drawn = (seed: number) =>
      nextTokenLogProbs(treePolicy(tree, Float64Array.from(normal(key(seed), logits.length)), contexts));
    const [old, ref] = [drawn(8), drawn(9)];
    /** Mean of the loss, and its slope in the logits, over the first token, drawn from `writer`. */
    const average = (writer: ArrayLike<number>, corrected: boolean) => {
      let value = 0;
      const slope = new Float64Array(3);
      for (let v = 0; v < 3; v++) {
        const given = corrected ? { logpOld: [[writer[v]]] } : {};
        const { loss, gradient } = grpoReferenceLossAndGradient([[conditionals[v]]], [[ref[v]]], [[1]], given);
        const p = Math.exp(writer[v]);
        value += p * loss;
        for (let u = 0; u < 3; u++) slope[u] += p * gradient[0][0] * ((u === v ? 1 : 0) - Math.exp(conditionals[u]));
      }
      return { value, slope };
    };
    const fresh = average(conditionals, false);
    const corrected = average(old, true);
    expect(corrected.value).closeTo(fresh.value, 1e-12);
    expectClose(corrected.slope, fresh.slope, 1e-12);
    const plain = average(old, false);
    expect(Math.abs(plain.value - fresh.value), "without the weight it is another number").above(0.05);
    expect(Math.max(...plain.slope.map((x, u) => Math.abs(x - fresh.slope[u])))).above(0.05);
  });

  it("the reference term on old tokens: float32 and float64 agree, and the weight is held still", () => {
    const plain = grpoReferenceLossAndGradient(logpNew, logpOld, mask, { logpOld: rowsOf(logpThird) });
    const got = valueAndSlopes(
      ((a: tf.Tensor, b: tf.Tensor, c: tf.Tensor, d: tf.Tensor) => grpoReferenceLoss(a, b, d, { logpOld: c })) as never,
      () => [
        tf.tensor2d(logpNew),
        tf.tensor2d(logpOld),
        tf.tensor2d(rowsOf(logpThird)),
        tf.tensor2d(mask, [B, T], "int32"),
      ],
      1,
    );
    expect(got.loss).closeTo(plain.loss, 2e-6);
    expectClose(
      got.gradient[0],
      plain.gradient.flatMap((row) => Array.from(row)),
      2e-6,
    );
    const far = grpoReferenceLossAndGradient([[-1]], [[-1.5]], [[1]], { logpOld: [[-200]] });
    expect(far.loss).closeTo(Math.exp(20) * (Math.expm1(-0.5) + 0.5), 1);
  });
});
