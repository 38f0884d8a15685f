import { expect } from "chai";
import fc from "fast-check";
import { krum, krumScores, type Reports } from "../../lib/src/agents/index.js";
import { krumOnTensorFlow, krumScoresOnTensorFlow } from "../../lib/src/agents/tensor.js";
import { DomainError, ShapeError } from "../../lib/src/core/index.js";
import { key, normal } from "../../lib/src/random/index.js";
import { nativeBackend } from "../../lib/src/tensor/native.js";
import { counted, replaced, whereTensorFlowIsNotAsked } from "../tensor/watchedBinding.js";

function drawn(seed: number, n: number, d: number): Float64Array[] {
  const draws = normal(key(seed), n * d);
  return Array.from({ length: n }, (_, i) => draws.slice(i * d, (i + 1) * d));
}

/** Equal to 1e-9 of each number's size. */
function expectSame(got: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(got).to.be.instanceOf(Float64Array);
  expect(got.length).to.equal(expected.length);
  for (let i = 0; i < got.length; i++) {
    if (got[i] !== expected[i]) expect(got[i], `${i}`).to.be.closeTo(expected[i], 1e-9 * Math.abs(expected[i]));
  }
}

const squaredNorm = (report: Float64Array) => report.reduce((sum, x) => sum + x * x, 0);

/** Scores by differences alone. */
function direct(reports: Reports, f: number): number[] {
  const rows = reports.map((report) => Array.from(report));
  return rows.map((a) => {
    const squares = rows.map((b) => a.reduce((sum, x, j) => sum + (x - b[j]) ** 2, 0)).sort((x, y) => x - y);
    return squares.slice(0, rows.length - f - 1).reduce((sum, x) => sum + x, 0);
  });
}

describe("Krum on TensorFlow", () => {
  it("is the plain one to rounding: scores, one report, the mean of many (property)", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 3, max: 40 }),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 0, max: 1e6 }),
        fc.constantFrom(0, 1, 1e4, -1e8),
        fc.constantFrom(1e-100, 1e-6, 1, 1e6, 1e100),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (n, d, seed, shift, scale, share) => {
          const reports = drawn(seed, n, d).map((report) => report.map((x) => scale * (x + shift)));
          const f = Math.floor(share * (n - 3));
          expectSame(krumScoresOnTensorFlow(reports, f), krumScores(reports, f));
          expectSame(krumScoresOnTensorFlow(reports, f), direct(reports, f));
          const lists = reports.map((report) => Array.from(report));
          for (const rows of [reports, lists]) expect(krumOnTensorFlow(rows, f)).to.deep.equal(krum(rows, f));
          const take = 1 + Math.floor(share * (n - 1));
          expect(krumOnTensorFlow(reports, f, { take })).to.deep.equal(krum(reports, f, { take }));
        },
      ),
      { numRuns: 60 },
    );
  });

  it("at a hundred long reports, at many short ones, and where they do not come at once", () => {
    for (const [n, d] of [
      [100, 3001],
      [300, 7],
      [3, 350_000], // TensorFlow is given these in two parts
    ]) {
      for (const shift of [0, 30]) {
        const reports = drawn(n, n, d).map((report) => report.map((x) => x + shift));
        const f = Math.floor((n - 3) / 2);
        expectSame(krumScoresOnTensorFlow(reports, f), krumScores(reports, f));
      }
    }
  });

  it("keeps the digits of near reports beside a shout, on many keys, wherever the shout stands", () => {
    const [n, d] = [9, 1500];
    for (let seed = 1; seed <= 20; seed++) {
      const own = drawn(seed, n, d);
      const reports = own.map((report, i) => {
        if (i === seed % n) return report.map(() => 1e9);
        const like = own[i === (seed + 2) % n ? (seed + 1) % n : i]; // two are nearly the same
        return like.map((x, j) => 1000 + x + (like === report ? 0 : 1e-6 * report[j]));
      });
      for (const f of [0, 3, n - 3]) {
        expectSame(krumScoresOnTensorFlow(reports, f), direct(reports, f));
        expectSame(krumScores(reports, f), direct(reports, f));
      }
    }
  });

  it("of equal scores takes the first, and knows what is alike to be 0 apart", () => {
    const [a, b, c] = drawn(4, 3, 50);
    for (const reports of [
      [a, b, a, c, b],
      [c, b, b, b, a],
      [a, a, a, a],
    ]) {
      for (let f = 0; f <= reports.length - 3; f++) {
        expectSame(krumScoresOnTensorFlow(reports, f), krumScores(reports, f));
        expect(krumOnTensorFlow(reports, f)).to.deep.equal(krum(reports, f));
      }
    }
    expect(Array.from(krumScoresOnTensorFlow([a, a, a, a], 1))).to.deep.equal([0, 0, 0, 0]);
    expect(Array.from(krumScoresOnTensorFlow([[1e308], [-1e308], [0], [1]], 1))).to.deep.equal([
      Number.POSITIVE_INFINITY,
      Number.POSITIVE_INFINITY,
      1,
      1,
    ]);
    expect(Array.from(krumScoresOnTensorFlow([[], [], []], 0))).to.deep.equal([0, 0, 0]);
  });

  it("large, takes the same report as the plain one: of any size and place, beside shouts, of two next to alike", () => {
    const [n, d] = [40, 12_001];
    for (let seed = 4; seed <= 36; seed += 4) {
      const own = drawn(seed, n, d);
      // Two calm reports whose scores are alike to ten digits and more, and less than all others.
      const near = own.map((report, i) => (i < 2 ? report.map((x) => x / 2) : report));
      for (let round = 0; round < 6; round++) {
        const scores = krumScores(near, 8);
        const change = (scores[0] - scores[1]) / (2 * squaredNorm(near[1]) * (n - 10));
        near[1] = near[1].map((x) => x * (1 + change));
      }
      // On a line: 29 at -1, one at 0, ten at 15. With 30 neighbours the lonely one is nearest, with 29 it is not.
      const line = own.map((report, i) => {
        const at = i === seed ? 0 : i % 4 === 3 ? 15 : -1;
        return report.map((x, j) => at * own[0][j] + 1e-3 * x);
      });
      const shout = own.map((report, i) => (i % 9 === seed % 9 ? report.map(() => 1e12) : report));
      for (const reports of [
        own,
        own.map((report) => report.map((x) => x + 30)),
        own.map((report) => report.map((x) => 1e-9 * x)),
        own.map((report) => report.map((x) => 1e-19 * x)),
        own.map((report) => report.map((x) => 1e-30 * x)),
        own.map((report) => report.map((x) => 1e60 * x)),
        near,
        line,
        shout,
      ]) {
        expect(krumOnTensorFlow(reports, 8)).to.deep.equal(krum(reports, 8));
      }
    }
  });

  it("refuses what the plain one refuses, in the same words", () => {
    const said = (work: () => unknown): string => {
      try {
        work();
      } catch (error) {
        if (error instanceof DomainError || error instanceof ShapeError) return `${error.name} ${error.message}`;
        throw error;
      }
      return "nothing";
    };
    const bad: [reports: number[][], f: number, take: number][] = [
      [[], 0, 1],
      [[[1], [1, 2], [3]], 0, 1],
      [[[1], [2], [3]], 1, 1],
      [[[1], [2], [3]], -1, 1],
      [[[1], [2], [3]], 0.5, 1],
      [[[1], [2], [3]], 0, 4],
      [[[1], [2], [3]], 0, 0],
      [[[1], [Number.NaN], [3], [4]], 1, 1],
      [[[1], [2], [3], [Number.POSITIVE_INFINITY]], 1, 1],
    ];
    for (const [reports, f, take] of bad) {
      const words = said(() => krum(reports, f, { take }));
      expect(words).not.to.equal("nothing");
      expect(said(() => krumOnTensorFlow(reports, f, { take }))).to.equal(words);
    }
  });

  it("is the plain one without native TensorFlow, and while a graph is recorded", async () => {
    const reports = drawn(7, 12, 33);
    const same = () => expect(krumScoresOnTensorFlow(reports, 3)).to.deep.equal(krumScores(reports, 3));
    await whereTensorFlowIsNotAsked(same);
  });

  describe("natively", () => {
    before(function () {
      if (nativeBackend() === undefined) this.skip();
    });

    it("leaves no tensor behind, and uses one graph for any number of reports", () => {
      krumOnTensorFlow(drawn(1, 4, 4), 1);
      const count = counted(() => {
        for (const [n, d] of [
          [3, 1],
          [20, 9],
          [7, 300],
        ]) {
          krumOnTensorFlow(drawn(2, n, d), 0);
        }
        expect(() => krumOnTensorFlow([[1], [Number.NaN], [3]], 0)).to.throw(DomainError);
      });
      expect(count).to.deep.equal({ tensors: 0, loaded: 0, closed: 0, runs: 4 });
    });

    it("asks float64 only where float32 cannot tell, or where several are asked for", () => {
      const runs = (reports: Float64Array[], take?: number) =>
        counted(() => krumOnTensorFlow(reports, 8, { take })).runs;
      const own = drawn(3, 40, 12_001);
      expect(krumOnTensorFlow(own, 8)).to.deep.equal(krum(own, 8)); // loads both graphs
      krumScoresOnTensorFlow(own, 8);
      expect(runs(own)).to.equal(1);
      expect(runs(own.map((report) => report.map((x) => x + 30)))).to.equal(1);
      expect(runs(own, 2)).to.equal(1);
      const twins = own.map((report, i) => (i < 2 ? own[2].map((x) => x / 2) : report));
      expect(runs(twins)).to.equal(2);
      expect(krumOnTensorFlow(twins, 8)).to.deep.equal(twins[0]);
      expect(runs(own.slice(0, 20))).to.equal(1); // too few for float32 to be quicker
    });

    it("leaves no tensor behind from float32 either, and refuses numbers that are none", () => {
      const own = drawn(3, 40, 12_001);
      krumOnTensorFlow(own, 8);
      expect(counted(() => krumOnTensorFlow(own, 8))).to.deep.equal({ tensors: 0, loaded: 0, closed: 0, runs: 1 });
      for (const bad of [Number.NaN, Number.NEGATIVE_INFINITY]) {
        const broken = own.map((report, i) => (i === 7 ? report.with(11_000, bad) : report));
        expect(() => krumOnTensorFlow(broken, 8)).to.throw(DomainError);
      }
      expect(() => krumOnTensorFlow(own, 38)).to.throw(DomainError, "at most n - 3 = 37");
    });

    it("passes on what else TensorFlow says", () => {
      const native = nativeBackend();
      if (native === undefined) return;
      const own = native.binding;
      const fail = () => {
        throw new Error("out of memory");
      };
      native.binding = replaced(own, { runSavedModel: fail });
      try {
        expect(() => krumScoresOnTensorFlow(drawn(1, 4, 4), 1)).to.throw("out of memory");
      } finally {
        native.binding = own;
      }
    });
  });
});
