import { expect } from "chai";
import { DomainError } from "rlhf-lab";
import { isAccepted } from "rlhf-lab/tokenizers";
import {
  mostRaised,
  peekingStudy,
  phraseTask,
  phraseTaskAutomaton,
  shieldedPhrases,
  trialBounds,
} from "rlhf-lab/worlds";

describe("trials that somebody watches", () => {
  it("bounds of 0, 50 and 500 failures in 1,000: Hoeffding, empirical Bernstein, Clopper and Pearson", () => {
    const rows = [0, 50, 500].map((k) => Object.values(trialBounds(k, 1000, 0.05)));
    const expected = [
      [0.0387, 0.0086, 0.003],
      [0.0887, 0.07735, 0.0629],
      [0.5387, 0.5516, 0.5265],
    ];
    rows.forEach((row, i) => {
      row.forEach((bound, j) => {
        expect(bound).to.be.closeTo(expected[i][j], 5.1e-5);
      });
    });
    expect(() => trialBounds(3, 2, 0.05)).to.throw(DomainError, "successes");
    expect(() => trialBounds(0, 10, 0)).to.throw(DomainError, "delta");
  });

  it("peeking: an error of 19 % where 5 % was promised; the e-value keeps its promise and certifies after 690", () => {
    const { interval, once, eValue, looks } = peekingStudy();
    expect(looks).to.have.length(271);
    expect(interval.errorBy[270]).to.equal(interval.error);
    expect(Array.from(interval.errorBy)).to.deep.equal(Array.from(interval.errorBy).sort((a, b) => a - b));
    expect(interval.error).to.be.closeTo(0.1925, 1e-4);
    expect(once.error).to.be.closeTo(0.0346, 1e-4);
    expect(eValue.error).to.be.closeTo(0.02955, 1e-5);
    expect(eValue.median).to.equal(690);
    expect(eValue.certified).to.be.above(0.999);
    expect(interval.median).to.be.at.most(eValue.median);
    expect(() => peekingStudy({ to: 100 })).to.throw(DomainError, "to:");
    expect(() => peekingStudy({ p0: 0 })).to.throw(DomainError, "p0");
  });
});

describe("shields on the phrase task", () => {
  const task = phraseTask();

  it("never 'very bad': prices, and what the mask raises", () => {
    const automaton = phraseTaskAutomaton(task, ["very bad"]);
    const isSafe = task.tree.sequences.map((reply) => isAccepted(automaton, reply));
    const { free, masked, conditioned, price, kl, totalVariation } = shieldedPhrases(task, isSafe);
    expect(1 - free.unsafe).to.be.closeTo(0.8411, 5e-5);
    expect([masked.unsafe, conditioned.unsafe]).to.deep.equal([0, 0]);
    expect([free, conditioned, masked].map(({ utility }) => Number(utility.toFixed(3)))).to.deep.equal([
      -0.011, 0.246, 0.366,
    ]);
    expect(price.conditioned).to.be.closeTo(-Math.log(0.841107), 1e-5);
    expect(price.masked).to.be.above(price.conditioned);
    expect(kl).to.be.closeTo(0.0434, 5e-5);
    expect(totalVariation).to.be.closeTo(0.1286, 5e-5);
    const [first] = mostRaised(task, { from: conditioned, to: masked });
    expect(first.reply).to.equal("very good whale");
    expect(first.to).to.be.closeTo(0.0511, 5e-5);
    expect(first.from).to.be.closeTo(0.0314, 5e-5);
  });
});
