import { expect } from "chai";
import fc from "fast-check";
import {
  ablateDirection,
  controlTask,
  inductionScore,
  linearProbe,
  logisticProbabilities,
  previousTokenScore,
  probeAccuracy,
  selectivity,
  steeringVector,
} from "rlhf-lab/alignment";
import { DomainError, ShapeError } from "rlhf-lab/core";
import { key, normal, randint } from "rlhf-lab/random";

const rowsOf = (seed: number, n: number, d: number) => {
  const z = normal(key(seed), n * d);
  return Array.from({ length: n }, (_, i) => Array.from(z.subarray(i * d, (i + 1) * d)));
};

describe("alignment/linearProbe", () => {
  it("finds a direction that is there, and on random vectors no more than chance", () => {
    const train = rowsOf(1, 400, 6);
    const test = rowsOf(2, 2000, 6);
    const labelOf = (row: number[]) => (row[0] - row[2] > 0 ? 1 : 0);
    const probe = linearProbe(train, train.map(labelOf), { l2: 1e-4 });
    expect(probeAccuracy(probe, test, test.map(labelOf))).to.be.above(0.97);
    expect(probe.weights[0] / -probe.weights[2]).to.be.closeTo(1, 0.2);
    // Labels that have nothing to do with the rows: 2000 coins are within 0.05 of a half but once in 10^5.
    const coins = (seed: number, n: number) => randint(key(seed), n, 0, 2);
    const blind = linearProbe(train, coins(3, 400));
    expect(probeAccuracy(blind, test, coins(4, 2000))).to.be.closeTo(0.5, 0.05);
  });

  it("is the maximum that its slopes say: l2 w = mean of (label - p) x", () => {
    const rows = rowsOf(5, 60, 3);
    const labels = rows.map((row) => (row[0] + row[1] > 0.3 ? 1 : 0));
    const probe = linearProbe(rows, labels, { l2: 0.1 });
    const p = logisticProbabilities(probe, rows);
    for (let j = 0; j < 3; j++) {
      const slope = rows.reduce((sum, row, i) => sum + ((labels[i] - p[i]) * row[j]) / rows.length, 0);
      expect(slope).to.be.closeTo(0.1 * probe.weights[j], 1e-6);
    }
  });

  it("refuses one class, labels that are none, other lengths, no rows", () => {
    const rows = rowsOf(6, 4, 2);
    expect(() => linearProbe(rows, [1, 1, 1, 1])).to.throw(DomainError, /both 0 and 1/);
    expect(() => linearProbe(rows, [0, 0, 0, 0])).to.throw(DomainError, /one class/);
    expect(() => linearProbe(rows, [0, 1, 2, 1])).to.throw(DomainError, /labels\[2\]/);
    expect(() => linearProbe(rows, [0, 1])).to.throw(ShapeError, /labels/);
    expect(() => linearProbe([], [])).to.throw(DomainError, /both 0 and 1/);
    const probe = linearProbe(rows, [0, 1, 0, 1]);
    expect(() => probeAccuracy(probe, [], [])).to.throw(DomainError, /labels/);
    expect(() => probeAccuracy(probe, [[1]], [1])).to.throw(ShapeError, /row/);
  });

  it("gives every type one label, half of the types each", () => {
    const types = ["a", "b", "a", "c", "d", "b"];
    const labels = controlTask(key(1), types);
    expect(labels[0]).to.equal(labels[2]);
    expect(labels[1]).to.equal(labels[5]);
    expect([labels[0], labels[1], labels[3], labels[4]].reduce((a, b) => a + b)).to.equal(2);
    const drawn = new Set(Array.from({ length: 20 }, (_, s) => controlTask(key(s), types).join("")));
    expect(drawn.size).to.be.above(2);
    expect(() => controlTask(key(1), ["a", "a"])).to.throw(DomainError, /types/);
    expect(selectivity({ task: 0.9, control: 0.6 })).to.be.closeTo(0.3, 1e-12);
  });
});

describe("alignment/headScores", () => {
  /** Attention of a head that always looks `back` places back. */
  const looking = (length: number, back: number) =>
    Array.from({ length }, (_, i) => Array.from({ length }, (_, j) => (j === Math.max(0, i - back) ? 1 : 0)));

  it("is 1 for a head that does it, 0 for one that does not", () => {
    expect(inductionScore(looking(12, 3), 4)).to.equal(1); // i - L + 1 = i - 3
    expect(inductionScore(looking(12, 4), 4)).to.equal(0);
    expect(previousTokenScore(looking(12, 1))).to.equal(1);
    expect(previousTokenScore(looking(12, 2))).to.be.closeTo(1 / 11, 1e-12); // position 1 has only 0 to look at
  });

  it("leaves the first period out of the induction score", () => {
    const weights = [
      [1, 0, 0, 0],
      [0.5, 0.5, 0, 0],
      [0.1, 0.7, 0.2, 0],
      [0, 0.2, 0.4, 0.4],
    ];
    expect(inductionScore(weights, 2)).to.be.closeTo((0.7 + 0.4) / 2, 1e-12);
    expect(previousTokenScore(weights)).to.be.closeTo((0.5 + 0.7 + 0.4) / 3, 1e-12);
  });

  it("says what cannot be", () => {
    expect(() => inductionScore(looking(4, 1), 4)).to.throw(DomainError, /more than 4/);
    expect(() => inductionScore(looking(4, 1), 0)).to.throw(DomainError, /period/);
    expect(() => previousTokenScore([[1]])).to.throw(DomainError, /more than 1/);
    expect(() => previousTokenScore([[1, 0], [1]])).to.throw(ShapeError, /weights\[1\]/);
  });
});

describe("alignment/directions", () => {
  const vector = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 3, maxLength: 3 });

  it("ablates all of a direction of any length, once and for all, and nothing across it", () => {
    fc.assert(
      fc.property(vector, vector, fc.double({ min: 0.2, max: 5, noNaN: true }), (x, u, scale) => {
        fc.pre(Math.hypot(...u) > 0.1);
        const got = ablateDirection(x, u);
        expect(got.reduce((sum, v, i) => sum + v * u[i], 0)).to.be.closeTo(0, 1e-9);
        const again = ablateDirection(
          got,
          u.map((v) => -scale * v),
        );
        again.forEach((v, i) => {
          expect(v).to.be.closeTo(got[i], 1e-9);
        });
      }),
    );
    expect([...ablateDirection([3, 4], [3, 0])]).to.deep.equal([0, 4]);
    expect(() => ablateDirection([1, 2], [0, 0])).to.throw(DomainError, /direction/);
    expect(() => ablateDirection([1, 2], [1])).to.throw(ShapeError, /direction/);
  });

  it("steers by the difference of means: a common shift takes no part", () => {
    fc.assert(
      fc.property(fc.array(vector, { minLength: 1 }), fc.array(vector, { minLength: 1 }), vector, (a, b, c) => {
        const moved = (rows: number[][]) => rows.map((row) => row.map((x, i) => x + c[i]));
        const [one, other] = [steeringVector(a, b), steeringVector(moved(a), moved(b))];
        one.forEach((x, i) => {
          expect(other[i]).to.be.closeTo(x, 1e-9);
        });
      }),
    );
    expect(() => steeringVector([], [[1]])).to.throw(DomainError, /so/);
    expect(() => steeringVector([[1, 2]], [[1]])).to.throw(ShapeError, /notSo/);
  });
});
