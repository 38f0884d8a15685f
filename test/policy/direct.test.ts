import { readFileSync } from "node:fs";
import { expect } from "chai";
import fc from "fast-check";
import { DomainError, key, normal, ShapeError, sigmoid } from "rlhf-lab";
import { differenceGradient, exactKL, exactRegularisedOptimum, lbfgs, softplus } from "rlhf-lab/numerics";
import {
  bradleyTerryPreference,
  conservativeDpoLossAndGradient,
  conservativeDpoOfMargin,
  dpoLossAndGradient,
  dpoOfMargin,
  exactPreferenceLoss,
  implicitRewards,
  ipoLossAndGradient,
  ipoOfMargin,
  ipoOptimum,
  ktoLossAndGradient,
  type LossAndPairGradient,
  type MarginLoss,
  orpoLossAndGradient,
  type PreferenceOf,
  robustDpoLossAndGradient,
  robustDpoOfMargin,
  simpoLossAndGradient,
  winRates,
} from "rlhf-lab/policy";
import {
  conservativeDpoLoss,
  dpoLoss,
  ipoLoss,
  ktoLoss,
  ktoReferencePoint,
  orpoLoss,
  robustDpoLoss,
  simpoLoss,
} from "rlhf-lab/policy/tensor";
import { tf } from "rlhf-lab/tensor";
import {
  type Contexts,
  lastTokenContexts,
  sequenceLogitGradient,
  sequenceLogProbsOf,
  sequenceTree,
  tabularContexts,
  treePolicy,
} from "rlhf-lab/trees";
import { expectClose, valueAndSlopes } from "./twins.js";

const B = 5;
const logs = (seed: number, scale: number) => Array.from(normal(key(seed), B), (z) => -scale * (2 + Math.tanh(z)));
const [chosen, rejected, refChosen, refRejected] = [1, 2, 3, 4].map((seed) => logs(seed, 4));
const perToken = [5, 6].map((seed) => logs(seed, 0.6));

type Lists = ArrayLike<number>[];
const pairLosses: Record<
  string,
  [loss: (...t: tf.Tensor[]) => tf.Scalar, twin: (...t: Lists) => LossAndPairGradient, args: number[][]]
> = {
  dpo: [
    (a, b, c, d) => dpoLoss(a, b, c, d),
    (a, b, c, d) => dpoLossAndGradient(a, b, c, d),
    [chosen, rejected, refChosen, refRejected],
  ],
  ipo: [
    (a, b, c, d) => ipoLoss(a, b, c, d, { beta: 0.3 }),
    (a, b, c, d) => ipoLossAndGradient(a, b, c, d, { beta: 0.3 }),
    [chosen, rejected, refChosen, refRejected],
  ],
  "conservative dpo": [
    (a, b, c, d) => conservativeDpoLoss(a, b, c, d, { noise: 0.2 }),
    (a, b, c, d) => conservativeDpoLossAndGradient(a, b, c, d, { noise: 0.2 }),
    [chosen, rejected, refChosen, refRejected],
  ],
  "robust dpo": [
    (a, b, c, d) => robustDpoLoss(a, b, c, d, { noise: 0.2 }),
    (a, b, c, d) => robustDpoLossAndGradient(a, b, c, d, { noise: 0.2 }),
    [chosen, rejected, refChosen, refRejected],
  ],
  simpo: [(a, b) => simpoLoss(a, b), (a, b) => simpoLossAndGradient(a, b), perToken],
  orpo: [(a, b) => orpoLoss(a, b, { weight: 0.5 }), (a, b) => orpoLossAndGradient(a, b, { weight: 0.5 }), perToken],
};

describe("losses on pairs", () => {
  for (const [name, [loss, twin, args]] of Object.entries(pairLosses)) {
    it(`${name}: float32 and float64 agree, captured is eager, the gradient is the differences'`, () => {
      const plain = twin(...args);
      const got = valueAndSlopes(loss, () => args.map((list) => tf.tensor1d(list)), 2);
      expect(Math.abs(got.loss - plain.loss)).most(1e-5 * (1 + Math.abs(plain.loss)));
      expectClose(got.gradient[0], plain.gradient.chosen, 1e-5, name);
      expectClose(got.gradient[1], plain.gradient.rejected, 1e-5, name);
      for (const which of [0, 1]) {
        const differences = differenceGradient(
          (x) => twin(...args.map((list, i) => (i === which ? x : list))).loss,
          args[which],
        );
        expectClose(which === 0 ? plain.gradient.chosen : plain.gradient.rejected, differences, 1e-8, name);
      }
    });

    it(`${name}: the mean over pairs, and bad input`, () => {
      const each = Array.from({ length: B }, (_, b) => twin(...args.map((list) => [list[b]])).loss);
      expect(twin(...args).loss).closeTo(each.reduce((a, b) => a + b) / B, 1e-12);
      expect(() => twin(...args.map(() => []))).throw(DomainError, "at least one");
      expect(() => twin(args[0], args[1].slice(1), ...args.slice(2))).throw(ShapeError, "rejected");
      for (const bad of [-Infinity, Infinity, NaN]) {
        for (let i = 0; i < args.length; i++) {
          const broken = args.map((list, k) => (k === i ? [...list.slice(1), bad] : list));
          expect(() => twin(...broken)).throw(DomainError, "finite log-probability");
        }
      }
      tf.tidy(() => {
        expect(() => loss(tf.zeros([3]), ...args.slice(1).map(() => tf.zeros([2])))).throw(ShapeError);
        expect(() => loss(...args.map(() => tf.zeros([3, 1])))).throw(ShapeError);
        // What cannot be seen in a tensor without reading it comes out as a number that a training loop refuses.
        const never = args.map((list, k) => tf.tensor1d(k === 0 ? [...list.slice(1), -Infinity] : list));
        expect(Number.isFinite(loss(...never).dataSync()[0])).equal(false);
      });
    });

    it(`${name}: survives margins of a thousand nats`, () => {
      for (const swap of [false, true]) {
        const far = [[-1], [-1000], [-2], [-2]].slice(0, args.length);
        if (swap) far.splice(0, 2, [-1000], [-1]);
        const plain = twin(...far);
        const got = valueAndSlopes(loss, () => far.map((list) => tf.tensor1d(list)), 2);
        expect(Math.abs(got.loss - plain.loss)).most(1e-5 * (1 + Math.abs(plain.loss)));
        expectClose(got.gradient[0], plain.gradient.chosen, 1e-4 * (1 + Math.abs(plain.gradient.chosen[0])), name);
      }
    });
  }

  it("DPO: torchtune's numbers, and ln 2 where the policy is the reference", () => {
    const [golden] = JSON.parse(readFileSync(new URL("../golden/direct.json", import.meta.url), "utf8"));
    const losses = golden.losses.map((_: number, b: number) => {
      const at = (name: string) => [golden[name][b]];
      return dpoLossAndGradient(at("chosen"), at("rejected"), at("refChosen"), at("refRejected"), golden).loss;
    });
    expectClose(losses, golden.losses, 1e-6);
    expect(dpoLossAndGradient(chosen, rejected, chosen, rejected).loss).closeTo(Math.LN2, 1e-15);
    expect(conservativeDpoLossAndGradient(chosen, rejected, chosen, rejected).loss).closeTo(Math.LN2, 1e-15);
    expect(robustDpoLossAndGradient(chosen, rejected, chosen, rejected).loss).closeTo(Math.LN2, 1e-15);
    expect(ipoLossAndGradient(chosen, rejected, chosen, rejected, { beta: 0.25 }).loss).closeTo(4, 1e-12);
  });

  it("beta = 0 and noise of one half are refused, in words", () => {
    for (const beta of [0, -1, NaN, Infinity]) {
      expect(() => dpoLossAndGradient(chosen, rejected, refChosen, refRejected, { beta })).throw(DomainError, "beta");
      expect(() => ipoLossAndGradient(chosen, rejected, refChosen, refRejected, { beta })).throw(DomainError, "beta");
      expect(() => simpoLossAndGradient(chosen, rejected, { beta })).throw(DomainError, "beta");
      expect(() => ktoLossAndGradient([-1], [-1], [1], 0, { beta })).throw(DomainError, "beta");
      expect(() => implicitRewards([-1], [-1], { beta })).throw(DomainError, "beta");
      tf.tidy(() => {
        const z = tf.zeros([1]);
        for (const loss of [dpoLoss, ipoLoss, conservativeDpoLoss, robustDpoLoss]) {
          expect(() => loss(z, z, z, z, { beta })).throw(DomainError, "beta");
        }
        expect(() => ktoLoss(z, z, z, tf.scalar(0), { beta })).throw(DomainError, "beta");
      });
    }
    for (const noise of [0.5, -0.1, NaN]) {
      expect(() => conservativeDpoOfMargin(1, { noise })).throw(DomainError, "noise");
      expect(() => robustDpoOfMargin(1, { noise })).throw(DomainError, "noise");
    }
    expect(() => simpoLossAndGradient(chosen, rejected, { margin: NaN })).throw(DomainError, "margin");
    expect(() => orpoLossAndGradient([-1], [-1], { weight: -1 })).throw(DomainError, "weight");
    expect(() => orpoLossAndGradient([0], [-1])).throw(DomainError, "below 0");
  });

  it("one pair asked for ever, with flips: robust DPO's margin is the clean one, DPO's is smaller, conservative DPO's smaller still", () => {
    const [p, noise, beta] = [0.8, 0.2, 0.5];
    const q = p * (1 - noise) + (1 - p) * noise; // of the answers that are heard
    const logit = (x: number) => Math.log(x / (1 - x)) / beta;
    const slopeAt = (of: (h: number) => MarginLoss, h: number) => q * of(h).slope - (1 - q) * of(-h).slope;
    const best = {
      robust: [(h: number) => robustDpoOfMargin(h, { beta, noise }), logit(p)],
      plain: [(h: number) => dpoOfMargin(h, { beta }), logit(q)],
      conservative: [
        (h: number) => conservativeDpoOfMargin(h, { beta, noise }),
        logit(q * (1 - noise) + (1 - q) * noise),
      ],
    } as const;
    for (const [name, [of, margin]] of Object.entries(best)) {
      expect(slopeAt(of, margin), name).closeTo(0, 1e-12);
      expect(slopeAt(of, margin + 0.1), name).above(0);
    }
    expect(best.conservative[1]).below(best.plain[1]);
    expect(best.plain[1]).below(best.robust[1]);
  });

  it("robust DPO on flipped labels is DPO on clean ones, on the average; conservative DPO is smallest at a finite margin", () => {
    fc.assert(
      fc.property(
        fc.double({ min: -30, max: 30, noNaN: true }),
        fc.double({ min: 0, max: 0.45, noNaN: true }),
        (h, noise) => {
          const options = { beta: 0.7, noise };
          const mixed = (of: typeof robustDpoOfMargin) =>
            (1 - noise) * of(h, options).loss + noise * of(-h, options).loss;
          expect(mixed(robustDpoOfMargin)).closeTo(dpoOfMargin(h, { beta: 0.7 }).loss, 1e-9);
          // The definitions, which the code has in a shorter form.
          const [up, down] = [softplus(-0.7 * h), softplus(0.7 * h)];
          const robust = ((1 - noise) * up - noise * down) / (1 - 2 * noise);
          expect(robustDpoOfMargin(h, options).loss).closeTo(robust, 1e-9);
          expect(conservativeDpoOfMargin(h, options).loss).closeTo((1 - noise) * up + noise * down, 1e-9);
        },
      ),
    );
    const best = Math.log(0.9 / 0.1) / 0.5;
    expect(conservativeDpoOfMargin(best, { beta: 0.5, noise: 0.1 }).slope).closeTo(0, 1e-12);
    expect(ipoOfMargin(5, { beta: 0.1 })).deep.equal({ loss: 0, slope: 0 });
  });

  it("ORPO by hand; weight 0 is fine-tuning on the chosen", () => {
    const [c, r] = [Math.log(0.5), Math.log(0.2)];
    const ratio = Math.log(4); // odds 1 against 1/4
    expect(orpoLossAndGradient([c], [r], { weight: 1 }).loss).closeTo(-c - Math.log(sigmoid(ratio)), 1e-12);
    expect(orpoLossAndGradient([c], [r], { weight: 0 })).deep.equal({
      loss: -c,
      gradient: { chosen: Float64Array.of(-1), rejected: Float64Array.of(0) },
    });
  });

  it("implicit rewards", () => {
    expectClose(implicitRewards([-1, -2], [-2, -1.5], { beta: 0.5 }), [0.5, -0.25], 1e-15);
    expect(() => implicitRewards([-1], [-Infinity], { beta: 1 })).throw(DomainError, "cannot be written");
  });
});

describe("KTO", () => {
  const desirable = [1, 0, 1, 1, 0];
  const options = { beta: 0.3, desirableWeight: 1.2, undesirableWeight: 0.9 };

  it("float32 and float64 agree, captured is eager, the gradient is the differences'", () => {
    for (const z of [0, 1.7]) {
      const plain = ktoLossAndGradient(chosen, refChosen, desirable, z, options);
      const got = valueAndSlopes(
        (a, b, c, d) => ktoLoss(a, b, c, d, options),
        () => [tf.tensor1d(chosen), tf.tensor1d(refChosen), tf.tensor1d(desirable), tf.scalar(z)],
        1,
      );
      expect(got.loss).closeTo(plain.loss, 1e-6);
      expectClose(got.gradient[0], plain.gradient, 1e-6);
      const differences = differenceGradient(
        (x) => ktoLossAndGradient(x, refChosen, desirable, z, options).loss,
        chosen,
      );
      expectClose(plain.gradient, differences, 1e-9);
    }
  });

  it("lets no gradient through the reference point, which is max(0, mean log-ratio)", () => {
    const both = valueAndSlopes(
      (logp, other) => {
        const z = ktoReferencePoint(other, tf.tensor1d([-4, -4]));
        return ktoLoss(logp, tf.tensor1d([-2, -2]), tf.tensor1d([1, 0]), z);
      },
      () => [tf.tensor1d([-1, -3]), tf.tensor1d([-1, -2])],
      2,
    );
    expect(both.loss).closeTo(ktoLossAndGradient([-1, -3], [-2, -2], [1, 0], 2.5).loss, 1e-6);
    expect(both.gradient[1]).deep.equal([0, 0]);
    tf.tidy(() => {
      expect(ktoReferencePoint(tf.tensor1d([-5]), tf.tensor1d([-1])).dataSync()[0]).equal(0);
      // A scalar that depends on the policy, handed in as it is: stopped as well.
    });
    const direct = valueAndSlopes(
      (logp, z) => ktoLoss(logp, tf.tensor1d([-2]), tf.tensor1d([1]), z),
      () => [tf.tensor1d([-1]), tf.scalar(1)],
      2,
    );
    expect(direct.gradient[1]).deep.equal([0]);
  });

  it("at the reference, with the reference point there, is half the mean weight", () => {
    expect(ktoLossAndGradient(chosen, chosen, desirable, 0).loss).closeTo(0.5, 1e-15);
    const exact = ktoLossAndGradient([-1], [-2], [1], 1, { beta: 0.5 });
    expect(exact.loss).closeTo(0.5, 1e-15);
    expect(exact.gradient[0]).closeTo(-0.5 / 4, 1e-15);
  });

  it("refuses what cannot be", () => {
    expect(() => ktoLossAndGradient([-1], [-1, -2], [1], 0)).throw(ShapeError, "logpRef");
    expect(() => ktoLossAndGradient([-1], [-1], [1, 0], 0)).throw(ShapeError, "desirable");
    expect(() => ktoLossAndGradient([-1], [-1], [0.5], 0)).throw(DomainError, "0 or 1");
    expect(() => ktoLossAndGradient([-1], [-1], [1], -0.1)).throw(DomainError, "as a KL is");
    expect(() => ktoLossAndGradient([-Infinity], [-1], [1], 0)).throw(DomainError, "logpNew[0]");
    expect(() => ktoLossAndGradient([-1], [-1], [1], 0, { desirableWeight: -1 })).throw(DomainError, "desirableWeight");
    tf.tidy(() => {
      expect(() => ktoLoss(tf.zeros([2]), tf.zeros([2]), tf.zeros([2]), tf.zeros([2]))).throw(
        ShapeError,
        "referencePoint",
      );
      expect(() => ktoReferencePoint(tf.zeros([2]), tf.zeros([3]))).throw(ShapeError, "logpRef");
    });
  });
});

// All pairs of 15 sequences, each pair in its exact proportion.
describe("infinitely many comparisons", () => {
  const tree = sequenceTree(3, 3);
  const N = tree.sequences.length;
  const ref = sequenceLogProbsOf(treePolicy(tree, normal(key(11), tree.prefixes.length * 3)));
  const utility = normal(key(12), N);
  const prefer = bradleyTerryPreference(utility);

  /** The policy over the tree that minimises the loss on all pairs, by L-BFGS on its logits. */
  function fit(of: (h: number) => MarginLoss, contexts: Contexts, answers = prefer): Float64Array {
    const size = (Math.max(...contexts) + 1) * tree.vocabulary;
    const found = lbfgs(
      (at, slope) => {
        const policy = treePolicy(tree, at, contexts);
        const { loss, gradient } = exactPreferenceLoss(sequenceLogProbsOf(policy), ref, ref, answers, of);
        slope.set(
          sequenceLogitGradient(
            policy,
            gradient.map((g) => -g),
          ),
        );
        return -loss;
      },
      new Float64Array(size),
      { tolerance: 1e-11, iterations: 3000, mayStopEarly: true },
    );
    return sequenceLogProbsOf(treePolicy(tree, found.at, contexts));
  }

  it("DPO reaches the closed-form optimum, to 1e-12 nats of KL and 1e-6 in every log-probability; so does robust DPO on flipped labels", () => {
    const beta = 0.5;
    const want = exactRegularisedOptimum(ref, utility, beta).logProbs;
    const got = fit((h) => dpoOfMargin(h, { beta }), tabularContexts(tree));
    expect(exactKL(got, want)).below(1e-12);
    expectClose(got, want, 1e-6);
    const recovered = implicitRewards(got, ref, { beta });
    expectClose(
      recovered.map((r) => r - recovered[0]),
      utility.map((u) => u - utility[0]),
      1e-6,
    );
    const noise = 0.2;
    const flipped: PreferenceOf = (i, j) => (1 - noise) * prefer(i, j) + noise * prefer(j, i);
    const robust = fit((h) => robustDpoOfMargin(h, { beta, noise }), tabularContexts(tree), flipped);
    expectClose(robust, want, 1e-6);
    // DPO itself, on flipped labels, is timid.
    expect(
      exactKL(
        fit((h) => dpoOfMargin(h, { beta }), tabularContexts(tree), flipped),
        want,
      ),
    ).above(0.01);
  });

  it("IPO reaches its own closed form, and not DPO's", () => {
    const beta = 0.25;
    const want = ipoOptimum(ref, ref, prefer, { beta });
    const got = fit((h) => ipoOfMargin(h, { beta }), tabularContexts(tree));
    expect(exactKL(got, want)).below(1e-12);
    expectClose(got, want, 1e-6);
    expect(exactKL(got, exactRegularisedOptimum(ref, utility, beta).logProbs)).above(0.1);
    // The target of a single pair: log-ratios differ by (win rate - win rate) / beta, at most 1 / beta.
    const rates = winRates(ref, prefer);
    expect(want[3] - ref[3] - (want[9] - ref[9])).closeTo((rates[3] - rates[9]) / beta, 1e-12);
  });

  it("a policy that forgets stays away from the optimum: the theorem needs a policy that can write it", () => {
    const beta = 0.5;
    const got = fit((h) => dpoOfMargin(h, { beta }), lastTokenContexts(tree));
    expect(exactKL(got, exactRegularisedOptimum(ref, utility, beta).logProbs)).above(0.05);
  });

  it("the exact loss has the gradient of differences, counts certain answers once, and is what sampling would say", () => {
    const logRef = [0.2, 0.3, 0.5].map(Math.log);
    const at = [0.5, 0.2, 0.3].map(Math.log);
    const some = bradleyTerryPreference([1, 0, -1], 0.7);
    const of = (h: number) => dpoOfMargin(h, { beta: 0.4 });
    const { loss, gradient } = exactPreferenceLoss(at, logRef, logRef, some, of);
    const differences = differenceGradient((x) => exactPreferenceLoss(x, logRef, logRef, some, of).loss, at);
    expectClose(gradient, differences, 1e-9);
    // By the definition, all ordered pairs that differ.
    let [sum, mass] = [0, 0];
    for (const i of [0, 1, 2]) {
      for (const j of [0, 1, 2]) {
        if (i === j) continue;
        const w = Math.exp(logRef[i] + logRef[j]);
        mass += w;
        sum += w * some(i, j) * 2 * of(at[i] - logRef[i] - at[j] + logRef[j]).loss;
      }
    }
    expect(loss).closeTo(sum / mass, 1e-12);
    const sure = exactPreferenceLoss(at, logRef, logRef, (i, j) => (i < j ? 1 : 0), of);
    expect(Number.isFinite(sure.loss)).equal(true);
    expect(() => exactPreferenceLoss(at, logRef, [0, -Infinity, -Infinity], some, of)).throw(
      DomainError,
      "two outcomes",
    );
    expect(() => exactPreferenceLoss(at, [0], logRef, some, of)).throw(ShapeError, "logRef");
    expect(() => bradleyTerryPreference([1], 0)).throw(DomainError, "temperature");
    expect(() => winRates([], some)).throw(ShapeError, "logSampling");
    expect(winRates(logRef, some).reduce((s, w, i) => s + w * Math.exp(logRef[i]), 0)).closeTo(0.5, 1e-12);
  });
});
