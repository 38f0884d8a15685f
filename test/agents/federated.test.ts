import { readFileSync } from "node:fs";
import { expect } from "chai";
import fc from "fast-check";
import {
  constantLie,
  coordinateMedian,
  fedAvgFixedPoint,
  fedAvgRound,
  federatedFit,
  federatedPreferences,
  geometricMedian,
  innerProductAttack,
  krum,
  krumScores,
  littleIsEnough,
  meanAggregate,
  trimmedMean,
} from "../../lib/src/agents/index.js";
import { DomainError, ShapeError } from "../../lib/src/core/index.js";
import { key, normal } from "../../lib/src/random/index.js";

const golden = JSON.parse(readFileSync("test/golden/agents.json", "utf8"));
const near = (got: ArrayLike<number>, wanted: ArrayLike<number>, tolerance = 1e-9) => {
  expect(got.length).to.equal(wanted.length);
  for (let j = 0; j < wanted.length; j++) expect(got[j]).to.be.closeTo(wanted[j], tolerance);
};
const reports = fc.array(fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 3, maxLength: 3 }), {
  minLength: 5,
  maxLength: 7,
});

describe("aggregation", () => {
  it("gives the numbers of other libraries", () => {
    near(krum(golden[1].reports, 1, { take: 4 }), golden[1].krum);
    near(trimmedMean(golden[2].reports, 1), golden[2].trimmed);
    near(littleIsEnough(-1.5)(golden[3].reports), golden[3].little);
    near(innerProductAttack(2)(golden[3].reports), golden[3].inner);
    near(geometricMedian(golden[3].reports), golden[3].geometric);
  });

  it("Krum adds up squares: plain distances would choose another report", () => {
    near(krumScores(golden[4].reports, 1), golden[4].scores);
    near(krum(golden[4].reports, 1), [6, 5]);
  });

  it("is the coordinate's median, mean and middle", () => {
    near(
      coordinateMedian([
        [1, 9],
        [2, 8],
        [30, 7],
      ]),
      [2, 8],
    );
    near(coordinateMedian([[1], [2], [4], [30]]), [3]);
    near(
      meanAggregate([
        [1, 2],
        [3, 6],
      ]),
      [2, 4],
    );
  });

  it("moves with a shift, grows with a scale, and does not mind the order", () => {
    const rules = [
      meanAggregate,
      coordinateMedian,
      (r: number[][]) => trimmedMean(r, 1),
      (r: number[][]) => krum(r, 1),
    ];
    fc.assert(
      fc.property(reports, fc.double({ min: -5, max: 5, noNaN: true }), (rows, shift) => {
        for (const rule of rules) {
          const plain = rule(rows);
          near(
            rule(rows.map((row) => row.map((x) => 2 * x + shift))),
            plain.map((x) => 2 * x + shift),
            1e-7,
          );
        }
        near(coordinateMedian([...rows].reverse()), coordinateMedian(rows));
        near(trimmedMean([...rows].reverse(), 1), trimmedMean(rows, 1), 1e-12);
      }),
    );
  });

  it("selects as sorting does, with ties, over many columns, and compares pairs as one by one does", () => {
    for (const n of [3, 4, 7, 30]) {
      const draws = normal(key(n), n * 150);
      const rows = Array.from({ length: n }, (_, i) =>
        Array.from(draws.subarray(i * 150, (i + 1) * 150), (x, j) => (j % 2 === 0 ? x : Math.round(x))),
      );
      for (const f of [0, 1, Math.floor((n - 1) / 2)]) {
        const sorted = rows[0].map((_, j) => rows.map((row) => row[j]).sort((a, b) => a - b));
        const expected = sorted.map((column) => column.slice(f, n - f).reduce((a, b) => a + b) / (n - 2 * f));
        near(trimmedMean(rows, f), expected, 1e-12);
      }
      const pairs = rows.map((a) => rows.map((b) => a.reduce((sum, x, j) => sum + (x - b[j]) ** 2, 0)));
      const scores = pairs.map((row, i) => {
        const others = row.filter((_, j) => j !== i).sort((a, b) => a - b);
        return others.slice(0, n - 2).reduce((a, b) => a + b, 0);
      });
      near(krumScores(rows, 0), scores, 1e-9);
    }
  });

  it("keeps the digits of near reports, beside a liar and far from 0", () => {
    // More columns than one block has, two reports 1e-6 apart, everything 1e3 away from 0, and a shout of 1e9.
    const [n, d] = [9, 1500];
    const draws = normal(key(3), n * d);
    const rows = Array.from({ length: n }, (_, i) =>
      Array.from({ length: d }, (_, j) => {
        if (i === 0) return 1e9;
        const x = 1000 + draws[(i === 2 ? 1 : i) * d + j];
        return i === 2 ? x + 1e-6 * draws[j] : x;
      }),
    );
    const direct = (a: number[], b: number[]) => a.reduce((sum, x, j) => sum + (x - b[j]) ** 2, 0);
    rows.forEach((row, i) => {
      const nearest = Math.min(...rows.filter((_, j) => j !== i).map((other) => direct(row, other)));
      expect(krumScores(rows, n - 3)[i] / nearest, `report ${i}`).to.be.closeTo(1, 1e-10);
    });
    expect(Array.from(krumScores([[1e308], [-1e308], [0], [1]], 1))).to.deep.equal([Infinity, Infinity, 1, 1]);
  });

  it("is the middle of each sorted column, whatever the sizes and however the reports come", () => {
    for (const [n, d] of [
      [3, 15],
      [3, 16],
      [4, 17],
      [9, 529],
      [33, 40],
      [100, 31],
      [1024, 16],
      [1025, 16],
    ]) {
      const draws = normal(key(n), n * d).map((x, i) => (i % 7 === 0 ? Math.round(x) : x));
      const typed = Array.from({ length: n }, (_, i) => draws.slice(i * d, (i + 1) * d));
      const sorted = Array.from({ length: d }, (_, j) => Float64Array.from(typed, (report) => report[j]).sort());
      for (const f of [0, 1, Math.floor((n - 1) / 3), Math.floor((n - 1) / 2)]) {
        const wanted = sorted.map((column) => column.slice(f, n - f).reduce((sum, x) => sum + x, 0) / (n - 2 * f));
        near(trimmedMean(typed, f), wanted, 1e-12);
        near(
          trimmedMean(
            typed.map((report) => Array.from(report)),
            f,
          ),
          wanted,
          1e-12,
        );
      }
    }
  });

  it("finds one number that is not finite among many, and bears the largest ones", () => {
    for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY]) {
      for (const [i, j] of [
        [0, 0],
        [4, 529],
        [2, 512],
      ]) {
        const rows = Array.from({ length: 5 }, (_, r) => Array.from({ length: 530 }, (_, c) => r + c));
        rows[i][j] = wrong;
        for (const rule of [coordinateMedian, (r: number[][]) => krumScores(r, 1)]) {
          expect(() => rule(rows)).to.throw(DomainError, `reports[${i}][${j}]`);
        }
      }
    }
    const large = [1e308, 1e308, 1, 1e308, -1e308].map((x) => Array(20).fill(x));
    near(coordinateMedian(large), Array(20).fill(1e308));
  });

  it("Krum's scores are sums of squared differences, whatever the sizes", () => {
    for (const [n, d] of [
      [4, 1],
      [5, 2],
      [6, 1023],
      [9, 1027],
      [13, 2050],
    ]) {
      const rows = Array.from({ length: n }, (_, i) => normal(key(100 * n + i), d).map((x) => x + 1e3));
      const wanted = rows.map((a) => {
        const squares = rows.map((b) => a.reduce((sum, x, j) => sum + (x - b[j]) ** 2, 0));
        return squares
          .sort((x, y) => x - y)
          .slice(0, n - 2)
          .reduce((sum, x) => sum + x, 0);
      });
      const scores = krumScores(rows, 1);
      wanted.forEach((score, i) => {
        expect(scores[i], `${n} x ${d}`).to.be.closeTo(score, 1e-12 * score);
      });
    }
  });

  it("does not mind many equal values, or an order", () => {
    const n = 20_001;
    const votes = Array.from({ length: n }, (_, i) => [i < 6001 ? 0 : 1, i, n - i, 7]);
    near(trimmedMean(votes, 5000), [9000 / 10_001, 10_000, 10_001, 7], 1e-9);
    near(coordinateMedian(votes), [1, 10_000, 10_001, 7]);
  });

  it("the geometric median has no direction that lowers the sum of distances", () => {
    fc.assert(
      fc.property(reports, (rows) => {
        const z = geometricMedian(rows, { tolerance: 1e-10 });
        const sum = (p: ArrayLike<number>) =>
          rows.reduce((s, row) => s + Math.hypot(...row.map((x, j) => x - p[j])), 0);
        for (let j = 0; j < 3; j++) {
          for (const step of [-1e-3, 1e-3]) {
            expect(sum(z.map((x, k) => (k === j ? x + step : x)))).to.be.at.least(sum(z) - 1e-6);
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  it("refuses in words", () => {
    expect(() => meanAggregate([])).to.throw(ShapeError, "at least one client");
    expect(() => meanAggregate([[1], [1, 2]])).to.throw(ShapeError, "reports[1]");
    expect(() => trimmedMean([[1], [2]], 1)).to.throw(DomainError, "f: expected below n / 2");
    expect(() => krum([[1], [2], [3]], 1)).to.throw(DomainError, "f: expected at most n - 3");
    expect(() => coordinateMedian([[Number.NaN]])).to.throw(DomainError, "reports[0][0]");
    expect(() => littleIsEnough(1)([[1]])).to.throw(DomainError, "honest clients");
  });
});

describe("federated averaging", () => {
  const clients = { curvatures: [1, 10], optima: [0, 1], rate: 0.05 };

  it("rests where the closed form says, the further from the optimum the more local steps", () => {
    [1, 5, 20, 100].forEach((localSteps, i) => {
      const wanted = [0.9090909, 0.8106904, 0.6091935, 0.5014845][i];
      expect(fedAvgFixedPoint({ ...clients, localSteps })).to.be.closeTo(wanted, 1e-7);
      let x = 0.3;
      for (let round = 0; round < 2000; round++) x = fedAvgRound(x, { ...clients, localSteps });
      expect(x).to.be.closeTo(wanted, 1e-7);
    });
  });

  it("refuses a rate at which it never rests", () => {
    expect(() => fedAvgFixedPoint({ ...clients, rate: 0.2, localSteps: 1 })).to.throw(DomainError, "below 2 / 10");
    expect(() => fedAvgRound(0, { ...clients, optima: [1], localSteps: 1 })).to.throw(ShapeError);
  });
});

describe("federated preferences", () => {
  const world = federatedPreferences(key(1), { comparisons: 60, features: 4, honest: 6 });
  const off = (w: ArrayLike<number>) => Math.hypot(...Array.from(w, (x, j) => x - world.optimum[j]));

  it("the honest mean finds the optimum of all comparisons, where the gradient is 0", () => {
    expect(off(federatedFit(world, { aggregate: meanAggregate, rounds: 300 }))).to.be.below(1e-3);
    const total = (w: Float64Array) =>
      world.clients.flat().reduce((sum, x) => sum - Math.log1p(Math.exp(-x.reduce((s, v, j) => s + v * w[j], 0))), 0) /
        360 -
      0.005 * w.reduce((s, v) => s + v * v, 0);
    for (let j = 0; j < 4; j++) {
      const moved = (h: number) => total(world.optimum.map((x, k) => (k === j ? x + h : x)));
      expect((moved(1e-4) - moved(-1e-4)) / 2e-4).to.be.closeTo(0, 1e-5);
    }
  });

  it("one who shouts ruins the mean and not the median", () => {
    const attack = { attack: constantLie([20, -20, 20, -20]), clients: 1 };
    expect(off(federatedFit(world, { aggregate: meanAggregate, attack }))).to.be.above(5);
    expect(off(federatedFit(world, { aggregate: coordinateMedian, attack }))).to.be.below(1);
  });
});
