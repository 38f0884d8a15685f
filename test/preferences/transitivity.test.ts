import { expect } from "chai";
import fc from "fast-check";
import { DomainError, ShapeError } from "../../lib/src/core/index.js";
import { bradleyTerry, transitivity } from "../../lib/src/preferences/index.js";

/** Three items with P(0 over 1), P(1 over 2), P(0 over 2). */
const three = (p01: number, p12: number, p02: number) => [
  [0.5, p01, p02],
  [1 - p01, 0.5, p12],
  [1 - p02, 1 - p12, 0.5],
];
const holds = (table: number[][]) => {
  const { weak, moderate, strong } = transitivity(table);
  return { weak: weak.length === 0, moderate: moderate.length === 0, strong: strong.length === 0 };
};

describe("preferences: stochastic transitivity", () => {
  it("tells the three levels apart", () => {
    expect(holds(three(0.7, 0.6, 0.8))).to.deep.equal({ weak: true, moderate: true, strong: true });
    expect(holds(three(0.7, 0.6, 0.65))).to.deep.equal({ weak: true, moderate: true, strong: false });
    expect(holds(three(0.7, 0.6, 0.55))).to.deep.equal({ weak: true, moderate: false, strong: false });
    expect(holds(three(0.7, 0.6, 0.4))).to.deep.equal({ weak: false, moderate: false, strong: false });
    expect(transitivity(three(0.7, 0.6, 0.55)).strong).to.deep.equal([{ i: 0, j: 1, k: 2, found: 0.55, needed: 0.7 }]);
  });

  it("rock, paper, scissors breaks all three, in each of its three rotations", () => {
    expect(transitivity(three(0.9, 0.9, 0.1)).weak).to.have.length(3);
  });

  it("every Bradley-Terry table is strongly transitive", () => {
    const abilities = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 3, maxLength: 7 });
    const noise = { temperature: 1.3, lapse: 0.1 };
    fc.assert(
      fc.property(abilities, (theta) => {
        expect(transitivity(bradleyTerry.probabilities(theta, noise)).strong).to.deep.equal([]);
      }),
    );
  });

  it("refuses a table that is none", () => {
    expect(() => transitivity([[0.5, 0.5]])).to.throw(ShapeError);
    expect(() =>
      transitivity([
        [0.5, 0.9],
        [0.9, 0.5],
      ]),
    ).to.throw(DomainError, "add up to 1");
    expect(() =>
      transitivity([
        [0.5, Number.NaN],
        [0.9, 0.5],
      ]),
    ).to.throw(DomainError, "NaN");
  });
});
