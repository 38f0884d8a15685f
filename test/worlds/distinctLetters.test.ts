import { expect } from "chai";
import { DomainError } from "../../lib/src/core/index.js";
import { key } from "../../lib/src/random/index.js";
import { distinctLetters } from "../../lib/src/worlds/index.js";

const task = distinctLetters({ letters: 3, size: 2 });

describe("distinct letters", () => {
  it("has every prompt once, with its letters once and in order", () => {
    expect(task.solved.map(({ prompt, completion }) => `${prompt.join("")}:${completion.join("")}`)).to.deep.equal([
      "11:10",
      "21:120",
      "31:130",
      "12:120",
      "22:20",
      "32:230",
      "13:130",
      "23:230",
      "33:30",
    ]);
  });

  it("pays for the right completion and for nothing else", () => {
    const written = [[1, 2, 0], [2, 1, 0], [1, 2], [1, 2, 2, 0], [0], []];
    expect(task.reward({ prompts: written.map(() => [2, 1]), written })).to.deep.equal([1, 0, 0, 0, 0, 0]);
  });

  it("demonstrates rightly as often as it is told", () => {
    const rightOf = (skill: number) => {
      const demonstrations = distinctLetters().demonstrations(key(1), 4000, { skill });
      const written = demonstrations.map(({ completion }) => completion);
      const prompts = demonstrations.map(({ prompt }) => prompt);
      return distinctLetters()
        .reward({ prompts, written })
        .reduce((sum, paid) => sum + paid, 0);
    };
    expect(rightOf(1)).to.equal(4000);
    // A letter by chance is right now and then; four standard errors of 4,000 draws are 3 %.
    expect(rightOf(0) / 4000).to.be.below(0.06);
    expect(rightOf(0.3) / 4000).to.be.closeTo(0.3 + 0.7 * (rightOf(0) / 4000), 0.03);
  });

  it("draws prompts evenly, and none that there is not", () => {
    const drawn = task.prompts(key(2), 9000).map((prompt) => prompt.join(""));
    expect(new Set(drawn).size).to.equal(9);
    for (const { prompt } of task.solved) {
      expect(drawn.filter((text) => text === prompt.join("")).length).to.be.closeTo(1000, 150);
    }
  });

  it("refuses what cannot be", () => {
    expect(() => distinctLetters({ letters: 0 })).to.throw(DomainError, "letters^size");
    expect(() => distinctLetters({ letters: 100, size: 3 })).to.throw(DomainError, "10,000");
    expect(() => task.demonstrations(key(1), 2, { skill: 2 })).to.throw(DomainError, "skill");
  });
});
