import { expect } from "chai";
import { DomainError } from "../../lib/src/core/index.js";
import { key } from "../../lib/src/random/index.js";
import { askForLimit } from "../../lib/src/worlds/index.js";

/** The last question whose lower side holds at most half. */
const median = (belief: readonly number[]) => {
  let below = 0;
  for (let q = 1; q < belief.length - 1; q++) {
    below += belief[q - 1];
    if (below + belief[q] > 0.5) return q;
  }
  return belief.length - 1;
};

describe("askForLimit", () => {
  it("without slips halves the places: 64 limits take six questions", () => {
    for (let k = 1; k <= 20; k++) {
      const { limit, asked, beliefs } = askForLimit(key(k), { slip: 0, questions: 6, choose: median });
      expect(asked[0]).to.equal(32);
      expect(beliefs[6][limit]).to.be.closeTo(1, 1e-12);
    }
  });

  it("holds Bayes' rule: odds move by (1 - slip) / slip, for the side that was named", () => {
    const { asked, beliefs } = askForLimit(key(3), { places: 8, slip: 0.3, questions: 5, choose: () => 3 });
    expect(asked).to.deep.equal([3, 3, 3, 3, 3]);
    beliefs.forEach((belief, n) => {
      expect(belief.reduce((a, b) => a + b)).to.be.closeTo(1, 1e-12);
      const steps = Math.log(belief[0] / belief[7]) / Math.log(0.7 / 0.3); // yes less no
      expect(steps).to.be.closeTo(Math.round(steps), 1e-9);
      expect((Math.round(steps) + n) % 2).to.equal(0);
      expect(belief[2]).to.be.closeTo(belief[0], 1e-12);
      expect(belief[3]).to.be.closeTo(belief[7], 1e-12);
    });
  });

  it("says the truth 1 - slip of the time, and hands its luck to who chooses", () => {
    let [right, asked] = [0, 0];
    const seen = new Set<number>();
    for (let k = 1; k <= 200; k++) {
      const choose = (_: readonly number[], luck: number) => {
        seen.add(luck);
        return 32;
      };
      const { limit, beliefs } = askForLimit(key(k), { questions: 1, choose });
      right += Number(beliefs[1][limit] > beliefs[0][limit]);
      asked++;
    }
    expect(right / asked).to.be.closeTo(0.8, 0.09);
    expect(seen.size).to.equal(200);
  });

  it("refuses what does not exist", () => {
    const choose = () => 1;
    expect(() => askForLimit(key(1), { places: 1, choose })).to.throw(DomainError, "places");
    expect(() => askForLimit(key(1), { slip: 0.6, choose })).to.throw(DomainError, "slip");
    expect(() => askForLimit(key(1), { questions: -1, choose })).to.throw(DomainError, "questions");
    expect(() => askForLimit(key(1), { choose: () => 64 })).to.throw(DomainError, "1 to 63");
  });
});
