import { expect } from "chai";
import fc from "fast-check";
import { ConvergenceError, DomainError, ShapeError } from "../../lib/src/core/index.js";
import { differenceGradient, differenceHessian } from "../../lib/src/numerics/index.js";
import { bradleyTerry, comparisonsFromPairs, comparisonsFromWins, davidson } from "../../lib/src/preferences/index.js";
import { close, negated } from "./close.js";

const wins = comparisonsFromWins([
  [0, 5, 4],
  [2, 0, 6],
  [1, 3, 0],
]);
const ties = comparisonsFromPairs(
  [
    [0, 1],
    [2, 1],
    [0, 1],
  ],
  { items: 3 },
);

describe("Davidson's model of ties", () => {
  it("is Bradley-Terry without ties, and its three probabilities add up to one", () => {
    fc.assert(
      fc.property(fc.double({ min: -9, max: 9, noNaN: true }), fc.double({ min: 0, max: 5, noNaN: true }), (d, nu) => {
        const { first, second, tie } = davidson.probabilities(d, nu);
        expect(first + second + tie).to.be.closeTo(1, 1e-12);
        expect(davidson.probabilities(d, 0).first).to.be.closeTo(bradleyTerry.probability(d), 1e-12);
        expect(davidson.probabilities(0, nu).tie).to.be.closeTo(nu / (2 + nu), 1e-12);
        const [a, b] = [Math.exp(d), 1];
        expect(first).to.be.closeTo(a / (a + b + nu * Math.sqrt(a * b)), 1e-12);
      }),
    );
    expect(davidson.logLikelihood([0.4, 0, -1], 0, wins, { ...ties, weight: new Float64Array(3) })).to.be.closeTo(
      bradleyTerry.logLikelihood([0.4, 0, -1], wins),
      1e-12,
    );
  });

  it("gradient and information agree with difference quotients in (theta, log nu)", () => {
    const at = [0.4, -0.2, -1, Math.log(0.7)];
    const value = (x: number[]) => davidson.logLikelihood(x.slice(0, 3), Math.exp(x[3]), wins, ties);
    const slope = (x: number[]) => davidson.gradient(x.slice(0, 3), Math.exp(x[3]), wins, ties);
    close(slope(at), differenceGradient(value, at), 1e-7);
    const information = davidson.information(at.slice(0, 3), Math.exp(at[3]), wins, ties);
    close(information, negated(differenceHessian(slope, at)), 1e-6);
  });

  it("two items: the fit reproduces the three shares", () => {
    const found = davidson.fit(
      comparisonsFromWins([
        [0, 12],
        [3, 0],
      ]),
      comparisonsFromPairs([[1, 0]], { weight: [9] }),
    );
    expect(found.theta[0] - found.theta[1]).to.be.closeTo(Math.log(4), 1e-9);
    expect(found.nu).to.be.closeTo(9 / Math.sqrt(12 * 3), 1e-9);
    const { first, second, tie } = davidson.probabilities(Math.log(4), found.nu);
    close([first, second, tie], [12 / 24, 3 / 24, 9 / 24], 1e-9);
  });

  it("the order within a tie does not matter, the maximum has no slope, the gauge is kept", () => {
    const found = davidson.fit(wins, ties, { gauge: { reference: 2 } });
    const swapped = davidson.fit(
      wins,
      { ...ties, winner: ties.loser, loser: ties.winner },
      { gauge: { reference: 2 } },
    );
    close(swapped.theta, found.theta, 1e-9);
    close(davidson.gradient(found.theta, found.nu, wins, ties), [0, 0, 0, 0], 1e-8);
    expect(found.theta[2]).to.equal(0);
    expect(found.standardErrors[2]).to.be.closeTo(0, 1e-9);
    expect(found.standardErrors[0]).to.be.within(0.3, 1.5);
  });

  it("no ties: Bradley-Terry; nothing but ties, a runaway, mixed sizes: an error that says so", () => {
    const none = comparisonsFromPairs([], { items: 3 });
    const found = davidson.fit(wins, none);
    expect(found.nu).to.equal(0);
    close(found.theta, bradleyTerry.fit(wins).theta, 1e-12);
    expect(() => davidson.fit(none, ties)).to.throw(ConvergenceError, "every comparison is a tie");
    const one = comparisonsFromPairs([[0, 1]], { items: 3 });
    expect(() => davidson.fit(one, comparisonsFromPairs([[0, 1]], { items: 3 }))).to.throw(ConvergenceError, "item 2");
    expect(() =>
      davidson.fit(
        one,
        comparisonsFromPairs([
          [0, 2],
          [2, 1],
        ]),
      ),
    ).to.throw(ConvergenceError, "grow without end together");
    expect(() => davidson.fit(wins, comparisonsFromPairs([[0, 1]]))).to.throw(
      ShapeError,
      "three times the same number",
    );
    expect(() => davidson.probabilities(0, -1)).to.throw(DomainError, "nu");
  });
});
