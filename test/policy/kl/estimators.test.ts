import { readFileSync } from "node:fs";
import { expect } from "chai";
import fc from "fast-check";
import { DomainError, ShapeError } from "rlhf-lab";
import { exactKL } from "rlhf-lab/numerics";
import { adaptKl, adaptStepKlPenalty, klEstimates } from "rlhf-lab/policy";

const golden = JSON.parse(readFileSync("test/golden/ppo.json", "utf8")) as {
  desc: string;
  f: string;
  p: number[];
  q: number[];
  value: number;
}[];

const mean = (weights: number[], values: ArrayLike<number>) => weights.reduce((sum, w, i) => sum + w * values[i], 0);

describe("policy/kl: estimators", () => {
  for (const { desc, f, p, q, value } of golden.filter(({ f }) => f.startsWith("k"))) {
    it(`${desc}: ${value}`, () => {
      const [logP, logQ] = [p.map(Math.log), q.map(Math.log)];
      if (f === "kl") {
        expect(exactKL(logP, logQ)).to.be.closeTo(value, 5e-8);
        const { k1, k3 } = klEstimates(logP, logQ);
        expect(mean(p, k1)).to.be.closeTo(value, 5e-8);
        expect(mean(p, k3)).to.be.closeTo(value, 5e-8);
      } else {
        // The roles swapped, the samples not.
        expect(mean(p, klEstimates(logQ, logP).k3)).to.be.closeTo(value, 5e-8);
      }
    });
  }

  it("k1 and k3 are unbiased, k2 off by third order, k2 and k3 never negative", () => {
    const probabilities = fc.array(fc.double({ min: 0.05, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(probabilities, probabilities, fc.double({ min: 0, max: 1, noNaN: true }), (a, b, near) => {
        const norm = (x: number[]) => x.map((v) => v / x.reduce((s, w) => s + w));
        const p = norm(a);
        const q = norm(norm(b).map((v, i) => near * p[i] + (1 - near) * v));
        const { k1, k2, k3 } = klEstimates(p.map(Math.log), q.map(Math.log));
        const kl = exactKL(p.map(Math.log), q.map(Math.log));
        expect(mean(p, k1)).to.be.closeTo(kl, 1e-12);
        expect(mean(p, k3)).to.be.closeTo(kl, 1e-12);
        const third = Math.max(...k1.map(Math.abs)) ** 3;
        expect(Math.abs(mean(p, k2) - kl)).to.be.at.most(third * Math.exp(Math.max(...k1.map(Math.abs))) + 1e-12);
        for (const k of [...k2, ...k3]) expect(k).to.be.at.least(0);
      }),
    );
  });

  it("says what cannot be, and defines the rest", () => {
    expect(() => klEstimates([0], [0, 0])).to.throw(ShapeError, "logpRef");
    expect(() => klEstimates([Number.NEGATIVE_INFINITY], [0])).to.throw(DomainError, "logpNew[0]");
    expect(() => klEstimates([0], [Number.NaN])).to.throw(DomainError, "logpRef[0]");
    const { k1, k2, k3 } = klEstimates([-1, -1], [Number.NEGATIVE_INFINITY, -1e4]);
    expect([k1[0], k2[0], k3[0]]).to.deep.equal([Infinity, Infinity, Infinity]);
    expect(k3[1]).to.equal(9998);
    expect(klEstimates([], [])).to.deep.equal(klEstimates(new Float64Array(0), []));
  });
});

describe("policy/kl: adaptive coefficients", () => {
  it("move by at most 2 percent, in proportion below that, and not at the target", () => {
    expect(adaptKl(0.2, 6, { target: 6 })).to.equal(0.2);
    expect(adaptKl(0.2, 60, { target: 6 })).to.be.closeTo(0.2 * 1.02, 1e-15);
    expect(adaptKl(0.2, -60, { target: 6 })).to.be.closeTo(0.2 * 0.98, 1e-15);
    expect(adaptKl(0.2, 6.6, { target: 6 })).to.be.closeTo(0.2 * 1.01, 1e-15);
    expect(adaptKl(1, 3, { target: 2, gain: 0.5, clip: 0.9 })).to.be.closeTo(1.25, 1e-15);
  });

  it("bring a policy whose KL falls with beta to the target", () => {
    let beta = 1;
    for (let step = 0; step < 400; step++) beta = adaptKl(beta, 1 / beta, { target: 5 });
    expect(1 / beta).to.be.closeTo(5, 0.01);
  });

  it("halve and double as the paper of PPO says", () => {
    expect(adaptStepKlPenalty(1, 0.006, { target: 0.01 })).to.equal(0.5);
    expect(adaptStepKlPenalty(1, 0.01, { target: 0.01 })).to.equal(1);
    expect(adaptStepKlPenalty(1, 0.016, { target: 0.01 })).to.equal(2);
  });

  it("refuse what is not positive, and NaN", () => {
    expect(() => adaptKl(0, 1, { target: 1 })).to.throw(DomainError, "coefficient");
    expect(() => adaptKl(1, 1, { target: 0 })).to.throw(DomainError, "target");
    expect(() => adaptKl(1, Number.NaN, { target: 1 })).to.throw(DomainError, "measuredKl");
    expect(() => adaptKl(1, 1, { target: 1, gain: 9 })).to.throw(DomainError, "gain");
    expect(() => adaptStepKlPenalty(1, 1, { target: -1 })).to.throw(DomainError, "target");
  });
});
