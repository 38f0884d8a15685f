import { expect } from "chai";
import fc from "fast-check";
import { logit, logSigmoid, logSoftmax, logSumExp, sigmoid, softmax, softplus } from "../../lib/src/numerics/index.js";

describe("numerics: stable functions", () => {
  it("sigmoid and its log keep their accuracy where the naive formula overflows", () => {
    expect(sigmoid(0)).to.equal(0.5);
    expect(logSigmoid(-1000)).to.equal(-1000);
    expect(logSigmoid(1000)).to.equal(-0);
    expect(logSigmoid(-104)).to.be.closeTo(-104, 1e-12);
    expect(sigmoid(-745)).to.be.greaterThan(0);
    expect([sigmoid(Infinity), sigmoid(-Infinity), logSigmoid(-Infinity)]).to.deep.equal([1, 0, -Infinity]);
    expect(softplus(800)).to.equal(800);
    expect(softplus(-40)).to.be.closeTo(Math.exp(-40), 1e-30);
  });

  it("sigmoid(z) + sigmoid(-z) = 1, log sigmoid is its log, logit its inverse", () => {
    fc.assert(
      fc.property(fc.double({ min: -30, max: 30, noNaN: true }), (z) => {
        expect(sigmoid(z) + sigmoid(-z)).to.be.closeTo(1, 1e-15);
        expect(logSigmoid(z)).to.be.closeTo(Math.log(sigmoid(z)), 1e-13 * (1 + Math.abs(z)));
        expect(logit(sigmoid(z))).to.be.closeTo(z, 1e-2 * Math.exp(Math.abs(z) - 30) + 1e-12);
      }),
    );
  });

  it("logSumExp: closed forms, shifts, empty and infinite lists", () => {
    expect(logSumExp([0, 0, 0, 0])).to.be.closeTo(Math.log(4), 1e-15);
    expect(logSumExp([1000, 1000])).to.be.closeTo(1000 + Math.log(2), 1e-12);
    expect(logSumExp([-1000, -1000])).to.be.closeTo(-1000 + Math.log(2), 1e-12);
    expect(logSumExp([])).to.equal(-Infinity);
    expect(logSumExp([-Infinity, -Infinity])).to.equal(-Infinity);
    expect(logSumExp([0, Infinity])).to.equal(Infinity);
    expect(logSumExp([0, Number.NaN])).to.be.NaN;
    fc.assert(
      fc.property(fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 1 }), (z) => {
        const naive = Math.log(z.reduce((sum, x) => sum + Math.exp(x), 0));
        expect(logSumExp(z)).to.be.closeTo(naive, 1e-12);
        expect(logSumExp(z.map((x) => x + 1e4))).to.be.closeTo(naive + 1e4, 1e-9);
        expect(softmax(z).reduce((a, b) => a + b)).to.be.closeTo(1, 1e-12);
        expect(logSumExp(logSoftmax(z))).to.be.closeTo(0, 1e-12);
      }),
    );
  });
});
