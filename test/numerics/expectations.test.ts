import { expect } from "chai";
import { DomainError, ShapeError } from "../../lib/src/core/index.js";
import { exactEntropy, exactExpectation, exactKL } from "../../lib/src/numerics/index.js";

describe("expectations by enumeration", () => {
  const logs = (p: number[]) => p.map(Math.log);

  it("count what is possible", () => {
    expect(exactExpectation(logs([0.25, 0.75, 0]), [4, 0, Number.NaN])).to.be.closeTo(1, 1e-15);
    expect(exactKL(logs([0.5, 0.5, 0]), logs([0.25, 0.75, 0]))).to.be.closeTo(0.143841036, 1e-9);
    expect(exactKL(logs([0.5, 0.5]), logs([1, 0]))).to.equal(Number.POSITIVE_INFINITY);
    expect(exactEntropy(logs([0.5, 0.5, 0]))).to.be.closeTo(Math.LN2, 1e-15);
  });

  it("say which log-probability is no number instead of leaving it out", () => {
    const broken = [Math.log(0.5), Number.NaN];
    expect(() => exactExpectation(broken, [1, 2])).to.throw(
      DomainError,
      "logProbs[1]: expected a log-probability, got NaN",
    );
    expect(() => exactKL(broken, logs([0.5, 0.5]))).to.throw(DomainError, "logP[1]");
    expect(() => exactEntropy(broken)).to.throw(DomainError, "logProbs[1]");
  });

  it("want one value an outcome", () => {
    expect(() => exactExpectation(logs([0.5, 0.5]), [1])).to.throw(ShapeError);
  });
});
