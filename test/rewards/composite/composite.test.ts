import { expect } from "chai";
import * as fc from "fast-check";
import { DomainError, ShapeError } from "../../../lib/src/core/index.js";
import { mean, standardDeviation } from "../../../lib/src/numerics/index.js";
import {
  clipRewards,
  compositeReward,
  mapParts,
  mergeMoments,
  momentsDeviation,
  noMoments,
  normaliseBy,
  normaliseOverBatch,
  updateMoments,
} from "../../../lib/src/rewards/index.js";

const numbers = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 2, maxLength: 20 });

describe("composite rewards", () => {
  it("are weighted sums", () => {
    const parts = { mood: [1, 2], length: new Float64Array([10, 0]) };
    expect([...compositeReward(parts, { mood: 1, length: -0.1 })]).to.deep.equal([0, 2]);
    expect(mapParts(parts, (values, name) => Array.from(values, (v) => (name === "mood" ? -v : v)))).to.deep.equal({
      mood: [-1, -2],
      length: [10, 0],
    });
  });

  it("refuse parts and weights that do not fit", () => {
    expect(() => compositeReward({}, {})).to.throw(DomainError, "at least one reward");
    expect(() => compositeReward({ a: [1] }, {})).to.throw(DomainError, "the weight of a");
    expect(() => compositeReward({ a: [1] }, { a: 1, b: 1 })).to.throw(DomainError, 'got ["b"]');
    expect(() => compositeReward({ a: [1], b: [1, 2] }, { a: 1, b: 1 })).to.throw(ShapeError, "1 rewards, as a has");
    expect(() => compositeReward({ a: [Number.NEGATIVE_INFINITY] }, { a: 0 })).to.throw(DomainError, "a[0]");
  });

  it("normalised over a batch have mean 0 and deviation 1, whatever their units", () => {
    fc.assert(
      fc.property(numbers, fc.double({ min: 0.1, max: 50, noNaN: true }), fc.integer(), (values, scale, shift) => {
        fc.pre(standardDeviation(values) > 1e-3);
        const out = normaliseOverBatch(values);
        expect(mean(out)).to.be.closeTo(0, 1e-9);
        expect(standardDeviation(out, { population: true })).to.be.closeTo(1, 1e-9);
        const moved = normaliseOverBatch(values.map((v) => scale * v + (shift % 1000)));
        moved.forEach((value, i) => {
          expect(value).to.be.closeTo(out[i], 1e-6);
        });
      }),
    );
    // A pair: +1 and -1.
    expect([...normaliseOverBatch([3, 9])]).to.deep.equal([-1, 1]);
  });

  it("without spread say nothing: zeros", () => {
    expect([...normaliseOverBatch([5])]).to.deep.equal([0]);
    expect([...normaliseOverBatch([0.1, 0.1, 0.1])]).to.deep.equal([0, 0, 0]);
    expect([...normaliseOverBatch([1e9 + 0.1, 1e9 + 0.1, 1e9 + 0.1])]).to.deep.equal([0, 0, 0]);
    expect([...normaliseOverBatch([0, 0])]).to.deep.equal([0, 0]);
    expect(() => normaliseOverBatch([1, 2, 1e300])).to.throw(DomainError, "cannot be squared");
    expect(() => normaliseOverBatch([])).to.throw(DomainError, "at least one number");
    expect(() => normaliseOverBatch([1, Number.NaN])).to.throw(DomainError, "values[1]");
    expect(() => normaliseBy(noMoments, [1])).to.throw(DomainError, "updateMoments comes first");
  });

  it("normalised by running moments: batch after batch, in any grouping, merged in any order", () => {
    fc.assert(
      fc.property(numbers, numbers, (a, b) => {
        const all = [...a, ...b];
        const whole = updateMoments(noMoments, all);
        expect(whole.mean).to.be.closeTo(mean(all), 1e-9);
        expect(momentsDeviation(whole)).to.be.closeTo(standardDeviation(all, { population: true }), 1e-9);
        const later = updateMoments(updateMoments(noMoments, a), b);
        expect(later).to.deep.equal(whole);
        for (const [x, y] of [
          [a, b],
          [b, a],
        ]) {
          const merged = mergeMoments(updateMoments(noMoments, x), updateMoments(noMoments, y));
          expect(merged.count).to.equal(whole.count);
          expect(merged.mean).to.be.closeTo(whole.mean, 1e-9);
          expect(merged.squares).to.be.closeTo(whole.squares, 1e-6);
        }
      }),
    );
    expect(JSON.parse(JSON.stringify(updateMoments(noMoments, [1, 2])))).to.deep.equal({
      count: 2,
      mean: 1.5,
      squares: 0.5,
    });
    expect(mergeMoments(noMoments, noMoments)).to.deep.equal(noMoments);
    expect([...normaliseBy({ count: 2, mean: 1, squares: 8 }, [3, -1, 7])]).to.deep.equal([1, -1, 3]);
  });

  it("keep their digits far from zero", () => {
    const far = updateMoments(noMoments, [1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16]);
    expect(momentsDeviation(far)).to.be.closeTo(Math.sqrt(22.5), 1e-9);
  });

  it("clipped keep their sign", () => {
    expect([...clipRewards([-9, -1, 0.5, Number.POSITIVE_INFINITY], 2)]).to.deep.equal([-2, -1, 0.5, 2]);
    expect(() => clipRewards([1], 0)).to.throw(DomainError, "most");
    expect(() => clipRewards([Number.NaN], 1)).to.throw(DomainError, "values[0]");
  });
});
