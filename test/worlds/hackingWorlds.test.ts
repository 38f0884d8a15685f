import { readFileSync } from "node:fs";
import { expect } from "chai";
import { DomainError, key, mean, standardError } from "rlhf-lab";
import { occupancy, policyReturn, withRewards } from "rlhf-lab/mdp";
import { exactExpectation, variance } from "rlhf-lab/numerics";
import { chiSquareDivergence } from "rlhf-lab/policy";
import { scoredOutcomes, workAndTrap } from "rlhf-lab/worlds";

const golden = JSON.parse(readFileSync(new URL("../golden/hacking.json", import.meta.url), "utf8"));
const g10 = golden[golden.length - 1];

describe("work and trap", () => {
  const { mdp, proxy, policy } = workAndTrap();
  const reference = occupancy(mdp, policy(0.001));

  it("has the golden returns, action KL and occupancy chi^2", () => {
    g10.fall.forEach((fall: number, i: number) => {
      const own = occupancy(mdp, policy(fall));
      expect(policyReturn(mdp, policy(fall)) * 0.01).to.be.closeTo(g10.utility[i], 1e-2);
      const atWork = own[0] + own[1];
      const kl = fall * Math.log(fall / 0.001) + (1 - fall) * Math.log((1 - fall) / 0.999);
      expect(atWork * kl).to.be.closeTo(g10.actionKl[i], 1e-3);
      expect(chiSquareDivergence(own.map(Math.log), reference.map(Math.log))).to.be.closeTo(g10.chiSquare[i], 0.06);
    });
  });

  it("pays the proxy more, and people less, the more often one falls", () => {
    const proxied = withRewards(mdp, proxy);
    for (const [a, b] of [
      [0.001, 0.01],
      [0.01, 0.1],
    ]) {
      expect(policyReturn(proxied, policy(b))).to.be.above(policyReturn(proxied, policy(a)));
      expect(policyReturn(mdp, policy(b))).to.be.below(policyReturn(mdp, policy(a)));
    }
    expect(() => policy(2)).to.throw(DomainError, "probability");
    expect(() => workAndTrap({ discount: 1 })).to.throw(DomainError);
  });
});

describe("scored outcomes", () => {
  it("have values and errors of mean 0 and variance 1, independent", () => {
    for (const tail of ["normal", "laplace", { degrees: 9 }] as const) {
      const { value, error, proxy, logRef } = scoredOutcomes(key(3), 20000, tail);
      expect(Math.abs(mean(error))).to.be.below(4 * standardError(error));
      expect(variance(error)).to.be.closeTo(1, 0.1);
      const product = error.map((x, i) => x * value[i]);
      expect(Math.abs(mean(product))).to.be.below(4 * standardError(product));
      expect(proxy[5]).to.equal(value[5] + error[5]);
      expect(exactExpectation(logRef, value)).to.be.closeTo(mean(value), 1e-9);
    }
  });

  it("have the tails that they should: how often an error is above 4", () => {
    const n = 200000;
    const share = (tail: Parameters<typeof scoredOutcomes>[2]) =>
      scoredOutcomes(key(4), n, tail).error.reduce((sum, x) => sum + (x > 4 ? 1 : 0), 0) / n;
    // exp(-4 sqrt 2) / 2, and P(t3 > 4 sqrt 3).
    for (const [tail, want] of [
      ["laplace", 0.001747],
      [{ degrees: 3 }, 0.003083],
    ] as const) {
      expect(Math.abs(share(tail) - want)).to.be.below(4 * Math.sqrt(want / n));
    }
    expect(share("normal")).to.be.below(2e-4);
  });

  it("refuse what is no tail", () => {
    expect(() => scoredOutcomes(key(1), 1, "normal")).to.throw(DomainError, "2 outcomes");
    expect(() => scoredOutcomes(key(1), 10, { degrees: 2 })).to.throw(DomainError, "degrees");
  });
});
