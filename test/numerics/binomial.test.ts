import { expect } from "chai";
import { DomainError } from "../../lib/src/core/index.js";
import { binomial } from "../../lib/src/numerics/index.js";

describe("the binomial distribution", () => {
  it("is what coins do, one after the other", () => {
    for (const p of [0, 0.2, 0.5, 0.9, 1]) {
      let row = [1];
      for (let n = 0; n <= 12; n++) {
        const seen = binomial(n, p);
        expect(seen).to.have.length(n + 1);
        row.forEach((q, k) => {
          expect(seen[k]).to.be.closeTo(q, 1e-13);
        });
        const before = row;
        row = Array.from({ length: n + 2 }, (_, k) => (before[k] ?? 0) * (1 - p) + (before[k - 1] ?? 0) * p);
      }
    }
    expect(binomial(5000, 0.3).reduce((a, b) => a + b)).to.be.closeTo(1, 1e-9);
  });

  it("refuses in words", () => {
    expect(() => binomial(-1, 0.5)).to.throw(DomainError, "n");
    expect(() => binomial(2, 1.5)).to.throw(DomainError, "p");
  });
});
