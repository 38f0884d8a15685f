import { expect } from "chai";
import { DomainError } from "../../lib/src/core/index.js";
import { mobyDick } from "../../lib/src/data/index.js";
import { key } from "../../lib/src/random/index.js";
import { moodContinuation } from "../../lib/src/worlds/text/index.js";

describe("moodContinuation", () => {
  const chapters = mobyDick().slice(0, 12);
  const task = moodContinuation(key(1), { chapters, vocabulary: 400, promptTokens: 5, newTokens: 7 });

  it("cuts sentences of the book into prompts and continuations of the sizes asked for", () => {
    expect(task.demonstrations.length).to.be.above(200);
    expect(task.heldOut.length).to.be.above(10);
    for (const { prompt, completion } of [...task.demonstrations.slice(0, 50), ...task.heldOut.slice(0, 10)]) {
      expect([prompt.length, completion.length]).to.deep.equal([5, 7]);
    }
    const { prompt, completion } = task.demonstrations[0];
    expect(task.tokenizer.decode([...prompt, ...completion])).to.match(/^Call me Ishmael|^[A-Z"]/);
  });

  it("holds whole chapters out: no prompt of one part with its continuation is in the other", () => {
    const rows = new Set(task.demonstrations.map((row) => [...row.prompt, ...row.completion].join()));
    for (const row of task.heldOut) expect(rows.has([...row.prompt, ...row.completion].join())).to.equal(false);
  });

  it("draws prompts from the part that was asked for, the same for the same key", () => {
    const known = new Set(task.heldOut.map(({ prompt }) => prompt.join()));
    const drawn = task.prompts(key(2), 40, "heldOut");
    for (const prompt of drawn) expect(known.has(prompt.join())).to.equal(true);
    expect(task.prompts(key(2), 40, "heldOut")).to.deep.equal(drawn);
    expect(task.prompts(key(3), 40, "heldOut")).to.not.deep.equal(drawn);
  });

  it("knows the mood: AFINN's valences of different words", () => {
    expect(task.mood("a good good day, not a bad one")).to.equal(0); // good 3, bad -3; a word counts once
    expect(task.mood("happy")).to.equal(3);
    expect(task.mood("whale")).to.equal(0);
  });

  it("refuses sizes that cannot be", () => {
    expect(() => moodContinuation(key(1), { chapters, promptTokens: 0 })).to.throw(DomainError, "promptTokens");
  });
});
