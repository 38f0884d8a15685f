// The four kinds, Gao's forms, ensembles: against quadrature, simulation and numbers from elsewhere.
import { readFileSync } from "node:fs";
import { expect } from "chai";
import fc from "fast-check";
import { DomainError, key, mean, normal, ShapeError, split, standardError } from "rlhf-lab";
import { exactExpectation, exactKL, exactRegularisedOptimum, normalQuantile } from "rlhf-lab/numerics";
import { bestOfNDivergences } from "rlhf-lab/policy";
import {
  adversarialValue,
  bestOfNValue,
  causalUtility,
  ensembleReward,
  extremalGain,
  fitOveroptimisation,
  isRewardHacking,
  misalignmentCost,
  overoptimisationPeak,
  overoptimisedGain,
  proxyScore,
  regressionalValue,
} from "rlhf-lab/rewards";

const [, extremal, regressional, adversarial, peaks, members, , tails] = JSON.parse(
  readFileSync(new URL("../../golden/hacking.json", import.meta.url), "utf8"),
);
const ln = (p: readonly number[]) => p.map(Math.log);

/** Means of x and x^2 under best of n of a standard normal: midpoints of n u^(n-1) du on a fine grid of u^n. */
function bestOfNormal(n: number): { first: number; second: number } {
  const K = 20000;
  let [first, second] = [0, 0];
  for (let i = 0; i < K; i++) {
    const x = normalQuantile(((i + 0.5) / K) ** (1 / n));
    first += x / K;
    second += (x * x) / K;
  }
  return { first, second };
}

describe("misalignment cost", () => {
  it("takes each prompt's own best reply", () => {
    const half = ln([0.5, 0.5]);
    // Two prompts with opposite wishes: no reply is best for both.
    expect(
      misalignmentCost(
        [half, half],
        [
          [0, 4],
          [2, 0],
        ],
      ),
    ).to.equal(1.5); // (4 - 2 + 2 - 1) / 2
    expect(misalignmentCost([[Number.NEGATIVE_INFINITY, 0]], [[0, 4]])).to.equal(0);
  });

  it("is never negative, scales with utility and minds no shift", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 3, maxLength: 3 }),
        fc.double({ min: 0.1, max: 5, noNaN: true }),
        (utility, scale) => {
          const p = [ln([0.2, 0.3, 0.5])];
          const cost = misalignmentCost(p, [utility]);
          expect(cost).to.be.at.least(-1e-12);
          expect(misalignmentCost(p, [utility.map((u) => scale * u + 9)])).to.be.closeTo(scale * cost, 1e-9);
        },
      ),
    );
  });

  it("and hacking refuse what is no number", () => {
    expect(() => misalignmentCost([], [])).to.throw(ShapeError);
    expect(() => misalignmentCost([[0]], [[0], [1]])).to.throw(ShapeError);
    expect(() => misalignmentCost([[0]], [[Number.NaN]])).to.throw(DomainError, "finite");
    expect(() => isRewardHacking({ proxy: [0, Number.NaN], utility: [0, 1] })).to.throw(DomainError);
    expect(isRewardHacking({ proxy: [0, 1], utility: [0, 0] })).to.equal(false);
    expect(isRewardHacking({ proxy: [0, 1], utility: [5, 4] })).to.equal(true);
    expect(isRewardHacking({ proxy: [1, 0], utility: [5, 4] })).to.equal(false);
  });
});

describe("the four kinds of Goodhart's law", () => {
  it("regressional: the value is the share rho^2 of the measure, among the best of n and the top 1 %", () => {
    const values = bestOfNValue(regressional.n, "normal");
    regressional.value.forEach((want: number, i: number) => {
      expect(values[i]).to.be.closeTo(want, 1e-4);
    });
    const z = normalQuantile(1 - regressional.topShare);
    const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
    const measured = (Math.SQRT2 * density) / regressional.topShare;
    expect(measured).to.be.closeTo(regressional.topMeasured, 1e-5);
    expect(regressionalValue(measured, 0.5)).to.be.closeTo(regressional.topValue, 1e-5);
    expect(() => regressionalValue(1, 2)).to.throw(DomainError);
  });

  it("extremal: best of n has the golden means, and the tilt the closed form, by a grid of x", () => {
    extremal.n.forEach((n: number, i: number) => {
      const { first, second } = bestOfNormal(n);
      expect(first - extremal.curvature * second).to.be.closeTo(extremal.utility[i], 2e-3);
    });
    const x = Array.from({ length: 2001 }, (_, i) => (i - 1000) / 100);
    const density = x.map((v) => -(v * v) / 2);
    const reference = exactRegularisedOptimum(
      density,
      density.map(() => 0),
      1,
    ).logProbs;
    const utility = x.map((v) => v - 0.25 * v * v);
    for (const beta of [2, 1, 0.5]) {
      const tilted = exactRegularisedOptimum(reference, x, beta).logProbs;
      const d = Math.sqrt(exactKL(tilted, reference));
      const gain = exactExpectation(tilted, utility) - exactExpectation(reference, utility);
      expect(gain).to.be.closeTo(extremalGain(d, 0.25), 1e-9);
    }
    expect(() => extremalGain(-1, 1)).to.throw(DomainError);
  });

  it("causal: a regression of draws finds the slope of what is found; pushing finds that of what is made", () => {
    const world = { effect: 0.4, confounding: 1.5, share: 0.36 };
    const [a, b] = split(key(11));
    const [z, e] = [normal(a, 40000), normal(b, 40000)];
    const x = z.map((common, i) => 0.6 * common + 0.8 * e[i]);
    const u = x.map((own, i) => world.effect * own + world.confounding * z[i]);
    const products = x.map((own, i) => own * u[i]);
    const { found, made } = causalUtility(1, world);
    expect(found).to.be.closeTo(0.4 + 0.9, 1e-12);
    expect(Math.abs(mean(products) - found)).to.be.below(4 * standardError(products));
    expect(made).to.equal(0.4);
    expect(() => causalUtility(1, { ...world, share: 2 })).to.throw(DomainError);
  });

  it("adversarial: the admitted are worth less the more a score can be made up", () => {
    adversarial.gain.forEach((gain: number, i: number) => {
      expect(adversarialValue(adversarial.threshold, gain)).to.be.closeTo(adversarial.value[i], 1e-6);
    });
    expect(() => adversarialValue(1, -1)).to.throw(DomainError);
  });
});

describe("Gao's forms", () => {
  it("have the golden peaks", () => {
    for (const form of ["bestOfN", "rl"] as const) {
      const { alpha, beta, peak, height } = peaks[form];
      const own = overoptimisationPeak(form, alpha, beta);
      expect(own.peak).to.be.closeTo(peak, 1e-6);
      expect(own.height).to.be.closeTo(height, 1e-6);
      const value = (d: number) => overoptimisedGain(d, { form, alpha, beta });
      expect(value(own.peak)).to.be.closeTo(own.height, 1e-9);
      expect(value(own.peak * 0.99)).to.be.below(own.height);
      expect(value(own.peak * 1.01)).to.be.below(own.height);
    }
    expect(overoptimisationPeak("rl", 1, 0)).to.deep.equal({ peak: Infinity, height: Infinity });
  });

  it("are returned by the fit from data made of them, whatever the grid", () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1, max: 3, noNaN: true }),
        fc.double({ min: -1, max: 1, noNaN: true }),
        fc.constantFrom("bestOfN" as const, "rl" as const),
        (alpha, beta, form) => {
          const d = [0.3, 0.35, 0.9, 2, 2.1, 4];
          const gains = d.map((v) => overoptimisedGain(v, { form, alpha, beta }));
          const own = fitOveroptimisation(d, gains, form);
          expect(own.alpha).to.be.closeTo(alpha, 1e-8);
          expect(own.beta).to.be.closeTo(beta, 1e-8);
        },
      ),
    );
  });

  it("are least squares: no other coefficients are nearer; gains twice as large give twice the coefficients", () => {
    const [d, gains] = [
      [0.5, 1, 2, 3],
      [1, 1.1, 1.4, 0.2],
    ];
    for (const form of ["bestOfN", "rl"] as const) {
      const own = fitOveroptimisation(d, gains, form);
      const missed = (alpha: number, beta: number) =>
        d.reduce((s, v, k) => s + (gains[k] - overoptimisedGain(v, { form, alpha, beta })) ** 2, 0);
      const least = missed(own.alpha, own.beta);
      for (const [a, b] of [
        [1e-3, 0],
        [-1e-3, 0],
        [0, 1e-3],
        [0, -1e-3],
      ]) {
        expect(missed(own.alpha + a, own.beta + b)).to.be.above(least);
      }
      const average = mean(gains);
      expect(own.r2).to.be.closeTo(1 - least / gains.reduce((s, g) => s + (g - average) ** 2, 0), 1e-12);
      const twice = fitOveroptimisation(
        d,
        gains.map((g) => 2 * g),
        form,
      );
      expect(twice.alpha).to.be.closeTo(2 * own.alpha, 1e-9);
      expect(twice.peak).to.be.closeTo(own.peak, 1e-9);
    }
  });

  it("the extremal world is the best-of-n form itself: alpha = sqrt 2, beta = 2c", () => {
    const d = [0.1, 0.7, 1.9, 3];
    const own = fitOveroptimisation(
      d,
      d.map((v) => extremalGain(v, 0.25)),
      "bestOfN",
    );
    expect(own.alpha).to.be.closeTo(Math.SQRT2, 1e-10);
    expect(own.beta).to.be.closeTo(0.5, 1e-10);
    expect(own.peak).to.be.closeTo(Math.SQRT2, 1e-10);
  });

  it("refuse what cannot be fitted", () => {
    expect(() => fitOveroptimisation([1], [1], "rl")).to.throw(ShapeError);
    expect(() => fitOveroptimisation([1, 1], [1, 2], "rl")).to.throw(ShapeError, "different");
    expect(() => fitOveroptimisation([0, 1], [0, 1], "rl")).to.throw(DomainError, "above 0");
    expect(() => fitOveroptimisation([1, 2], [0, Number.NaN], "rl")).to.throw(DomainError, "finite");
    expect(() => overoptimisedGain(-1, { form: "rl", alpha: 1, beta: 1 })).to.throw(DomainError);
  });
});

describe("tails", () => {
  it("best of n gets the golden values under four errors", () => {
    const errors = { normal: "normal", laplace: "laplace", t5: { degrees: 5 }, t3: { degrees: 3 } } as const;
    for (const [name, error] of Object.entries(errors)) {
      bestOfNValue(tails.n, error).forEach((value, i) => {
        expect(value, `${name}, n = ${tails.n[i]}`).to.be.closeTo(tails[name][i], 1e-3);
      });
    }
  });

  it("the value of what is selected is the score's hazard rate, as draws have it", () => {
    const [a, b, c] = split(key(5), 3);
    const n = 200000;
    const v = normal(a, n);
    // Laplace's as the product of a normal and the root of an exponential, 2E: unit variance.
    const [p, q] = [normal(b, n), normal(c, 2 * n)];
    const x = p.map((z, i) => (z * Math.hypot(q[2 * i], q[2 * i + 1])) / Math.SQRT2);
    const selected = Array.from(v).filter((own, i) => own + x[i] > 2);
    const want = proxyScore(2, "laplace");
    expect(Math.abs(mean(selected) - want.value)).to.be.below(4 * standardError(selected));
    expect(selected.length / n).to.be.closeTo(want.tail, 4 * Math.sqrt(want.tail / n));
  });

  it("tend to infinity, to sqrt 2 and to 0", () => {
    expect(proxyScore(12, "normal").value).to.be.above(6);
    expect(proxyScore(30, "laplace").value).to.be.closeTo(Math.SQRT2, 1e-9);
    expect(proxyScore(1e4, { degrees: 3 }).value).to.be.closeTo(3e-4, 1e-6);
    expect(bestOfNValue([1], { degrees: 4 })).to.deep.equal([0]);
  });

  it("densities are the tails' slopes, and a large t is nearly normal", () => {
    for (const error of ["normal", "laplace", { degrees: 3 }] as const) {
      for (const u of [-2, 0, 0.7, 4]) {
        const slope = (proxyScore(u - 1e-5, error).tail - proxyScore(u + 1e-5, error).tail) / 2e-5;
        expect(slope).to.be.closeTo(proxyScore(u, error).density, 1e-6);
      }
    }
    expect(proxyScore(1, { degrees: 1e5 }).value).to.be.closeTo(proxyScore(1, "normal").value, 1e-4);
  });

  it("refuse what is no tail", () => {
    expect(() => proxyScore(Number.NaN, "normal")).to.throw(DomainError, "finite");
    expect(() => proxyScore(0, { degrees: 2 })).to.throw(DomainError, "variance");
    expect(() => bestOfNValue([0.5], "normal")).to.throw(DomainError);
    expect(bestOfNDivergences(1).kl).to.equal(0);
  });
});

describe("ensembles", () => {
  const three = members.members.map((m: number) => [m]);

  it("have the golden values", () => {
    expect(ensembleReward.worstCase(three)[0]).to.equal(members.worstCase);
    expect(ensembleReward.uncertaintyWeighted(three, { lambda: 0.5 })[0]).to.be.closeTo(members.population, 1e-6);
    expect(ensembleReward.mean(three)[0]).to.be.closeTo(7 / 3, 1e-12);
    expect(ensembleReward.disagreement(three)[0] ** 2).to.be.closeTo(14 / 9, 1e-12);
  });

  it("do not mind a member's own zero once centred, and do before", () => {
    const centre = ln([0.2, 0.3, 0.5]);
    const list = [
      [1, 0, 2],
      [0, 2, 2.5],
      [3, 1, 0],
    ];
    const moved = list.map((own, k) => own.map((r) => (k === 1 ? r + 5 : r)));
    for (const rule of [
      ensembleReward.worstCase,
      ensembleReward.mean,
      ensembleReward.disagreement,
      (m: number[][], o: { centre?: number[] }) => ensembleReward.uncertaintyWeighted(m, { ...o, lambda: 2 }),
    ]) {
      const [a, b] = [rule(list, { centre }), rule(moved, { centre })];
      for (let y = 0; y < 3; y++) expect(b[y]).to.be.closeTo(a[y], 1e-12);
    }
    const plain = ensembleReward.worstCase(list);
    expect(Array.from(ensembleReward.worstCase(moved))).to.not.deep.equal(Array.from(plain));
  });

  it("refuse members that do not fit", () => {
    expect(() => ensembleReward.mean([])).to.throw(ShapeError);
    expect(() => ensembleReward.worstCase([[1], [1, 2]])).to.throw(ShapeError, "members[1]");
    expect(() => ensembleReward.mean([[Number.NaN]])).to.throw(DomainError);
    expect(() => ensembleReward.uncertaintyWeighted([[1]], { lambda: -1 })).to.throw(DomainError, "lambda");
  });
});
