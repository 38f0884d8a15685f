import { expect } from "chai";
import { DomainError } from "../../lib/src/core/index.js";
import { exactExpectation, sigmoid } from "../../lib/src/numerics/index.js";
import { key } from "../../lib/src/random/index.js";
import { sequenceIndex } from "../../lib/src/trees/index.js";
import { fitHarmModel, learnedCostTrial, phraseFlattery, phraseHarm, phraseTask } from "../../lib/src/worlds/index.js";

const task = phraseTask();

describe("costs of the phrase task", () => {
  it("flattery counts very, .3558 of them in a reply of the reference; harm is very good", () => {
    const flattery = phraseFlattery(task);
    expect(exactExpectation(task.reference[0], flattery)).to.be.closeTo(0.3558, 5e-5);
    const of = (...words: string[]) =>
      sequenceIndex(
        task.tree,
        words.map((w) => task.words.indexOf(w)),
      );
    expect(flattery[of("very", "bad", "very", "<end>")]).to.equal(2);
    const harm = phraseHarm(task);
    expect(harm[of("very", "good", "whale", "<end>")]).to.equal(1);
    expect(harm[of("good", "very", "whale", "<end>")]).to.equal(0);
    expect(harm[of("very", "not", "good", "<end>")]).to.equal(0);
  });

  it("a model that sees pairs learns harm, one that sees words cannot", () => {
    const harm = phraseHarm(task);
    const wrong = (features: "words" | "pairs") => {
      const { cost } = fitHarmModel(key(1), task, { labels: 2000, features });
      return exactExpectation(
        task.reference[0],
        cost.map((p, y) => Math.abs(p - harm[y])),
      );
    };
    expect(wrong("pairs")).to.be.below(0.02);
    expect(wrong("words")).to.be.greaterThan(0.05);
  });

  it("pessimism adds standard deviations of the log-odds, which fall with more labels", () => {
    const model = fitHarmModel(key(1), task, { labels: 100, features: "pairs", pessimism: 2 });
    for (const y of [0, 100, 5000]) {
      expect(model.cost[y]).to.be.closeTo(sigmoid(model.logOdds[y] + 2 * model.deviation[y]), 1e-12);
    }
    const many = fitHarmModel(key(1), task, { labels: 1000, features: "pairs" });
    expect(exactExpectation(task.reference[0], many.deviation)).to.be.below(
      exactExpectation(task.reference[0], model.deviation),
    );
  });

  it("a trial keeps the modelled limit exactly, and refuses what it cannot do", () => {
    const { modelled } = learnedCostTrial(key(2), task, { labels: 400, features: "words" });
    expect(modelled).to.be.closeTo(0.15, 1e-9);
    expect(() => learnedCostTrial(key(2), task, { labels: 0, features: "words" })).to.throw(DomainError, "labels");
    expect(() => learnedCostTrial(key(2), task, { labels: 9, features: "words", flipped: 2 })).to.throw(
      DomainError,
      "flipped",
    );
    expect(() => learnedCostTrial(key(2), task, { labels: 9, features: "words", pessimism: -1 })).to.throw(
      DomainError,
      "pessimism",
    );
  });
});
