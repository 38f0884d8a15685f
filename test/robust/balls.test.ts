import { readFileSync } from "node:fs";
import { expect } from "chai";
import fc from "fast-check";
import { DomainError, InfeasibleError, ShapeError } from "../../lib/src/core/index.js";
import { exactKL, linearProgram, logSumExp } from "../../lib/src/numerics/index.js";
import { key, normal, split, uniform } from "../../lib/src/random/index.js";
import {
  ballCurves,
  chiSquareBallWorst,
  fourLosses,
  groupRobust,
  groupRobustDescent,
  intervalWorst,
  klBallWorst,
  l1Worst,
  totalVariationWorst,
  wassersteinWorst,
} from "../../lib/src/robust/index.js";
import { leastOf } from "./convex.js";

const [{ l1 }] = JSON.parse(readFileSync(new URL("../golden/robust.json", import.meta.url), "utf8"));
const { losses, p } = fourLosses;
const close = (found: ArrayLike<number>, wanted: readonly number[], by = 1e-9) => {
  expect(found.length).to.equal(wanted.length);
  wanted.forEach((x, i) => {
    expect(found[i], `[${i}]`).to.be.closeTo(x, by);
  });
};
const total = (q: ArrayLike<number>) => Array.from(q).reduce((a, b) => a + b, 0);
const kl = (q: ArrayLike<number>, p: ArrayLike<number>) => exactKL(Array.from(q, Math.log), Array.from(p, Math.log));
const chiSquare = (q: ArrayLike<number>, p: ArrayLike<number>) =>
  Array.from(q).reduce((sum, x, i) => sum + (p[i] > 0 ? (x - p[i]) ** 2 / p[i] : 0), 0);
const distance = (q: ArrayLike<number>, p: ArrayLike<number>) =>
  Array.from(q).reduce((sum, x, i) => sum + Math.abs(x - p[i]), 0);

/** Distributions, losses that may tie, and a radius. */
const problem = fc.integer({ min: 1, max: 7 }).chain((n) =>
  fc.record({
    p: fc
      .array(fc.integer({ min: 0, max: 9 }), { minLength: n, maxLength: n })
      .filter((mass) => mass.some((m) => m > 0))
      .map((mass) => mass.map((m) => m / total(mass))),
    losses: fc.array(fc.integer({ min: -20, max: 20 }), { minLength: n, maxLength: n }),
    radius: fc.double({ min: 1e-4, max: 3, noNaN: true }),
  }),
);

/** A hundred distributions near and far from p, none where p has nothing. */
function* others(p: readonly number[]): Generator<number[]> {
  for (const k of split(key(5), 100)) {
    const draws = normal(k, p.length);
    const size = uniform(k, 1)[0] * 3;
    const mass = p.map((x, i) => x * Math.exp(size * draws[i]));
    yield mass.map((m) => m / total(mass));
  }
}

describe("balls of distributions: the worst expected loss", () => {
  it("KL: by hand, and where it saturates", () => {
    const { value, q, multiplier } = klBallWorst(losses, p, 0.1);
    expect(value).to.be.closeTo(4.12763178, 1e-8);
    close(q, [0.28767, 0.24752, 0.21719, 0.24761], 1e-5);
    expect(kl(q, p)).to.be.closeTo(0.1, 1e-12);
    const log = losses.map((loss, i) => Math.log(p[i]) + loss / multiplier);
    expect(multiplier * 0.1 + multiplier * logSumExp(log)).to.be.closeTo(value, 1e-10);
    expect(klBallWorst(losses, p, Math.LN10).value).to.equal(10);
    expect(klBallWorst(losses, p, Math.LN10 - 1e-4).value).to.be.within(9.99, 10 - 1e-9);
    expect(klBallWorst(losses, p, 3)).to.deep.equal({ value: 10, q: Float64Array.of(0, 0, 0, 1), multiplier: 0 });
  });

  it("KL: is the least of its dual, lies on the ball, and nothing in the ball is worse (property)", () => {
    fc.assert(
      fc.property(problem, ({ p, losses, radius }) => {
        const { value, q } = klBallWorst(losses, p, radius);
        expect(total(q)).to.be.closeTo(1, 1e-12);
        expect(kl(q, p)).to.be.below(radius * (1 + 1e-9) + 1e-14);
        const log = (la: number) => logSumExp(losses.map((loss, i) => Math.log(p[i]) + loss / la));
        const dual = leastOf((t) => Math.exp(t) * (radius + log(Math.exp(t))), -8, 12);
        expect(value).to.be.closeTo(dual, 0.02); // at the edge of the search la is e^-8
        expect(value).to.be.below(dual + 1e-9);
        for (const other of others(p)) {
          if (kl(other, p) <= radius) {
            expect(total(other.map((x, i) => x * losses[i]))).to.be.below(value + 1e-9);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it("KL: for small balls mean + sqrt(2 rho Var), to the last digits of a radius of 1e-14", () => {
    const slope = Math.sqrt(2 * 6.96); // their variance is 6.96
    for (const rho of [1e-6, 1e-10, 1e-14]) {
      const { value } = klBallWorst(losses, p, rho);
      expect((value - 2.8) / Math.sqrt(rho)).to.be.closeTo(slope, 8 * Math.sqrt(rho) + 1e-15 / Math.sqrt(rho));
    }
  });

  it("chi-square: mean + sqrt(rho Var) only while q >= 0", () => {
    expect(chiSquareBallWorst(losses, p, 0.5).value).to.be.closeTo(4.665476, 2e-6);
    const { value, q } = chiSquareBallWorst(losses, p, 0.1);
    expect(value).to.be.closeTo(2.8 + Math.sqrt(0.1 * 6.96), 1e-12);
    expect(chiSquare(q, p)).to.be.closeTo(0.1, 1e-12);
    expect(2.8 + Math.sqrt(9 * 6.96)).to.be.closeTo(10.71, 0.01);
    expect(chiSquareBallWorst(losses, p, 9).value).to.equal(10);
    // In between some losses have dropped out, and the formula promises more than there is.
    const between = chiSquareBallWorst(losses, p, 4);
    expect(between.q[0]).to.equal(0);
    expect(between.value).to.be.below(2.8 + Math.sqrt(4 * 6.96) - 0.05);
    expect(chiSquare(between.q, p)).to.be.closeTo(4, 1e-12);
  });

  it("chi-square: is the least of its dual, and nothing in the ball is worse (property)", () => {
    fc.assert(
      fc.property(problem, ({ p, losses, radius }) => {
        const { value, q } = chiSquareBallWorst(losses, p, radius);
        expect(total(q)).to.be.closeTo(1, 1e-9);
        expect(Math.min(...q)).to.be.at.least(0);
        expect(chiSquare(q, p)).to.be.below(radius * (1 + 1e-9) + 1e-12);
        const dual = leastOf(
          (eta) => {
            const squares = losses.reduce((sum, loss, i) => sum + p[i] * Math.max(loss - eta, 0) ** 2, 0);
            return eta + Math.sqrt((1 + radius) * squares);
          },
          -1e5,
          Math.max(...losses.filter((_, i) => p[i] > 0)),
        );
        expect(value).to.be.closeTo(dual, 1e-3);
        expect(value).to.be.below(dual + 1e-7);
        for (const other of others(p)) {
          if (chiSquare(other, p) <= radius) {
            expect(total(other.map((x, i) => x * losses[i]))).to.be.below(value + 1e-9);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it("total variation: by hand", () => {
    const { value, q, multiplier } = totalVariationWorst(losses, p, 0.2);
    expect(value).to.be.closeTo(4.6, 1e-12);
    close(q, [0.2, 0.3, 0.2, 0.3]);
    expect(multiplier).to.equal(9);
    expect(totalVariationWorst(losses, [0.4, 0.4, 0.2, 0], 0.3).q[3]).to.be.closeTo(0.3, 1e-12);
  });

  it("the multiplier is the slope of the value in the radius (property)", () => {
    fc.assert(
      fc.property(problem, ({ p, losses, radius }) => {
        for (const [name, worst] of Object.entries({ klBallWorst, chiSquareBallWorst, totalVariationWorst })) {
          const h = radius * 1e-5;
          const [below, at, above] = [radius - h, radius, radius + h].map((r) => worst(losses, p, r));
          // The value is concave in the radius, so that the slope lies between the two one-sided differences.
          const wide = 1e-4 * (1 + at.multiplier) + 1e-9 / h;
          expect(at.multiplier, name).to.be.within(
            (above.value - at.value) / h - wide,
            (at.value - below.value) / h + wide,
          );
        }
      }),
      { numRuns: 60 },
    );
  });

  it("follow the losses' scale and zero (property)", () => {
    const worsts = { klBallWorst, chiSquareBallWorst, totalVariationWorst };
    fc.assert(
      fc.property(problem, ({ p, losses, radius }) => {
        for (const [name, worst] of Object.entries(worsts)) {
          const { value } = worst(losses, p, radius);
          for (const [scale, shift] of [
            [1e8, 0],
            [1e-8, 0],
            [1, 1000],
            [3, -7],
          ]) {
            const moved = worst(
              losses.map((x) => scale * x + shift),
              p,
              radius,
            ).value;
            expect((moved - shift) / scale, name).to.be.closeTo(value, 1e-9 + (1e-9 * Math.abs(shift)) / scale);
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  it("does not overflow on large losses", () => {
    expect(klBallWorst([0, 1000], [0.5, 0.5], 0.1).value).to.be.within(500, 1000);
    expect(klBallWorst([0, 1e9], [0.999, 0.001], 6.9).value).to.be.within(9.9e8, 1e9);
  });

  it("radius 0 is p itself, radius Infinity the greatest loss, also of one outcome or of equal ones", () => {
    for (const worst of [klBallWorst, chiSquareBallWorst, totalVariationWorst]) {
      expect(worst(losses, p, 0).value).to.be.closeTo(2.8, 1e-12);
      close(worst(losses, p, 0).q, [...p]);
      expect(worst(losses, p, Number.POSITIVE_INFINITY).value).to.equal(10);
      expect(worst([3], [1], 0.5).value).to.equal(3);
      expect(worst([3, 3], [0.5, 0.5], 0).value).to.equal(3);
      expect(worst([3, 3, 3], [0.3, 0.3, 0.4], 0.2).value).to.be.closeTo(3, 1e-12);
    }
    // What p excludes stays excluded from a KL or chi-square ball.
    for (const worst of [klBallWorst, chiSquareBallWorst]) expect(worst([1, 9], [1, 0], 5).value).to.equal(1);
  });

  it("refuse what they cannot read", () => {
    for (const worst of [klBallWorst, chiSquareBallWorst, totalVariationWorst]) {
      expect(() => worst([1, 2], [1], 0.1)).to.throw(ShapeError, "losses");
      expect(() => worst([], [], 0.1)).to.throw(ShapeError, "at least one outcome");
      expect(() => worst([1, Number.NaN], [0.5, 0.5], 0.1)).to.throw(DomainError, "losses[1]");
      expect(() => worst([1, 2], [0.5, 0.6], 0.1)).to.throw(DomainError, "p: expected probabilities");
      expect(() => worst([1, 2], [0.5, 0.5], -0.1)).to.throw(DomainError, "at least 0, or Infinity");
      expect(() => worst([1, 2], [0.5, 0.5], Number.NaN)).to.throw(DomainError);
    }
  });

  it("ballCurves grow with the radius, in every ball", () => {
    const curves = ballCurves(losses, p, [0, 0.1, 0.2, 0.5, 1, 3]);
    for (const worst of Object.values(curves)) {
      const values = worst.map(({ value }) => value);
      expect(values).to.deep.equal([...values].sort((a, b) => a - b));
    }
    expect(curves.kl[1].value).to.be.closeTo(4.12763178, 1e-8);
  });
});

describe("L1 balls and intervals: the least expected value", () => {
  it("L1: craam2's numbers", () => {
    l1.radii.forEach((radius: number, i: number) => {
      expect(l1Worst(l1.p, l1.values, radius).value).to.be.closeTo(l1.worst[i], 1e-12);
    });
    expect(l1Worst(l1.p, l1.values, Number.POSITIVE_INFINITY).value).to.equal(1);
  });

  it("L1: is the linear program's optimum (property)", async () => {
    await fc.assert(
      fc.asyncProperty(problem, async ({ p, losses: values, radius }) => {
        const n = p.length;
        const { value, q } = l1Worst(p, values, radius);
        expect(total(q)).to.be.closeTo(1, 1e-12);
        expect(Math.min(...q)).to.be.at.least(0);
        expect(distance(q, p)).to.be.below(radius + 1e-12);
        // Variables q, then |q - p|.
        const program = await linearProgram({
          variables: 2 * n,
          minimise: [...values, ...new Array<number>(n).fill(0)],
          subjectTo: [
            { form: p.map((_, i) => [i, 1] as const), equals: 1 },
            { form: p.map((_, i) => [n + i, 1] as const), atMost: radius },
            ...p.flatMap((x, i) => [
              {
                form: [
                  [n + i, 1],
                  [i, -1],
                ] as const,
                atLeast: -x,
              },
              {
                form: [
                  [n + i, 1],
                  [i, 1],
                ] as const,
                atLeast: x,
              },
            ]),
          ],
        });
        expect(value).to.be.closeTo(program.value, 1e-6);
      }),
      { numRuns: 40 },
    );
  });

  it("intervals: are the linear program's optimum (property)", async () => {
    await fc.assert(
      fc.asyncProperty(problem, async ({ p, losses: values, radius }) => {
        const low = p.map((x, i) => Math.max(x - (radius / 3) * ((i % 3) / 2), 0));
        const high = p.map((x, i) => Math.min(x + (radius / 3) * (((i + 1) % 3) / 2), 1));
        const { value, q } = intervalWorst(low, high, values);
        expect(total(q)).to.be.closeTo(1, 1e-12);
        expect(q.every((x, i) => x >= low[i] && x <= high[i] + 1e-12)).to.equal(true);
        const program = await linearProgram({
          variables: p.length,
          minimise: values,
          subjectTo: [{ form: p.map(() => 1), equals: 1 }],
          lower: low,
          upper: high,
        });
        expect(value).to.be.closeTo(program.value, 1e-6);
      }),
      { numRuns: 40 },
    );
  });

  it("intervals: Ellsberg's usual two choices, which no single prior gives", () => {
    // 30 red balls, 60 black or yellow; prize 100.
    const [low, high] = [
      [1 / 3, 0, 0],
      [1 / 3, 2 / 3, 2 / 3],
    ];
    const worth = (act: number[]) => intervalWorst(low, high, act).value;
    expect(worth([100, 0, 0])).to.be.closeTo(33.3333, 1e-3);
    expect(worth([0, 100, 0])).to.be.closeTo(0, 1e-12);
    expect(worth([100, 0, 100])).to.be.closeTo(33.3333, 1e-3);
    expect(worth([0, 100, 100])).to.be.closeTo(66.6667, 1e-3);
  });

  it("intervals: width 0 is the distribution, [0, 1] the least value; contradictions are named", () => {
    expect(intervalWorst([0.3, 0.7], [0.3, 0.7], [1, 2]).value).to.be.closeTo(1.7, 1e-12);
    expect(intervalWorst([0, 0], [1, 1], [1, 2]).value).to.equal(1);
    expect(() => intervalWorst([0.6, 0.6], [1, 1], [1, 2])).to.throw(InfeasibleError, "low ends add up to 1.2");
    expect(() => intervalWorst([0, 0], [0.3, 0.3], [1, 2])).to.throw(InfeasibleError, "high ends add up to 0.6");
    expect(() => intervalWorst([0.5, 0], [0.4, 1], [1, 2])).to.throw(InfeasibleError, "above high");
    expect(() => intervalWorst([0], [1, 1], [1, 2])).to.throw(ShapeError, "low");
    expect(() => intervalWorst([0, -1], [1, 1], [1, 2])).to.throw(DomainError, "low[1]");
    expect(() => intervalWorst([], [], [])).to.throw(ShapeError, "at least one outcome");
  });
});

describe("Wasserstein balls", () => {
  const line = (n: number) => Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => Math.abs(i - j)));

  it("is the least of its dual, and the coupling says how (property)", async () => {
    await fc.assert(
      fc.asyncProperty(problem, async ({ p, losses, radius }) => {
        const far = line(p.length);
        const { value, q, coupling, multiplier } = await wassersteinWorst(losses, p, far, radius);
        const dual = (la: number) =>
          p.reduce((sum, x, i) => sum + x * Math.max(...losses.map((loss, j) => loss - la * far[i][j])), la * radius);
        expect(value).to.be.closeTo(leastOf(dual, 0, 100), 1e-6);
        expect(dual(multiplier)).to.be.closeTo(value, 1e-5);
        expect(total(q.map((x, i) => x * losses[i]))).to.be.closeTo(value, 1e-6);
        expect(coupling.reduce((sum, x, k) => sum + x * far[Math.floor(k / p.length)][k % p.length], 0)).to.be.below(
          radius + 1e-6,
        );
      }),
      { numRuns: 40 },
    );
  });

  it("with distance 1 between all is total variation; radius 0 and Infinity", async () => {
    const discrete = losses.map((_, i) => losses.map((_, j) => (i === j ? 0 : 1)));
    expect((await wassersteinWorst(losses, p, discrete, 0.2)).value).to.be.closeTo(4.6, 1e-9);
    expect((await wassersteinWorst(losses, p, discrete, 0)).value).to.be.closeTo(2.8, 1e-9);
    const all = await wassersteinWorst(losses, p, discrete, Number.POSITIVE_INFINITY);
    expect(all.value).to.be.closeTo(10, 1e-9);
    expect(all.multiplier).to.equal(0);
  });

  it("refuses what is no distance", async () => {
    const refused = async (distance: number[][]) => {
      try {
        await wassersteinWorst([1, 2], [0.5, 0.5], distance, 1);
      } catch (error) {
        return String(error);
      }
      return "";
    };
    expect(await refused([[0, 1]])).to.include("2 rows");
    expect(await refused([[0, 1], [1]])).to.include("distance[1]");
    expect(
      await refused([
        [0, -1],
        [1, 0],
      ]),
    ).to.include("distance[0][1]");
    expect(
      await refused([
        [1, 1],
        [1, 0],
      ]),
    ).to.include("what stays costs nothing");
  });
});

describe("group robustness", () => {
  const groups = [
    [3, 0, 1.6],
    [0, 3, 1.6],
  ];

  it("takes the arm that both can live with, where an average of 80/20 takes the majority's", async () => {
    const { policy, value } = await groupRobust(groups);
    close(policy, [0, 0, 1]);
    expect(value).to.be.closeTo(1.6, 1e-9);
    const average = groups[0].map((x, a) => 0.8 * x + 0.2 * groups[1][a]);
    expect(average.indexOf(Math.max(...average))).to.equal(0);
    expect(average[0]).to.be.closeTo(2.4, 1e-12);
  });

  it("exponentiated gradient comes as near as its bound says, on average; the last action does not", () => {
    for (const [rate, steps] of [
      [0.1, 1000],
      [0.02, 10_000],
      [0.5, 200],
    ]) {
      const { value, policy } = groupRobustDescent(groups, { rate, steps });
      expect(total(policy)).to.be.closeTo(1, 1e-9);
      expect(1.6 - value).to.be.within(-1e-9, Math.LN2 / (rate * steps) + (rate * 9) / 8);
    }
    const { value, policy, last } = groupRobustDescent(
      [
        [2, 0],
        [0, 1],
      ],
      { rate: 0.02, steps: 10_000 },
    );
    expect(value).to.be.closeTo(2 / 3, 0.01);
    close(policy, [1 / 3, 2 / 3], 0.01);
    expect([0, 1]).to.include(last);
  });

  it("one group alone gets its best arm; equal arms share; bad input is refused", async () => {
    expect((await groupRobust([[1, 5, 2]])).value).to.be.closeTo(5, 1e-9);
    expect(groupRobustDescent([[1, 5, 2]], { rate: 1, steps: 5 }).value).to.equal(5);
    expect(() => groupRobustDescent([], { rate: 1, steps: 5 })).to.throw(ShapeError, "at least one group");
    expect(() => groupRobustDescent([[1], [1, 2]], { rate: 1, steps: 5 })).to.throw(ShapeError, "rewards[1]");
    expect(() => groupRobustDescent([[Number.NaN]], { rate: 1, steps: 5 })).to.throw(DomainError);
    expect(() => groupRobustDescent([[1]], { rate: 0, steps: 5 })).to.throw(DomainError, "rate");
    expect(() => groupRobustDescent([[1]], { rate: 1, steps: 0 })).to.throw(DomainError, "steps");
  });
});
