import { expect } from "chai";
import { DomainError } from "../../lib/src/core/index.js";
import { exactEntropy, exactExpectation, exactKL, logSumExp } from "../../lib/src/numerics/index.js";
import { key } from "../../lib/src/random/index.js";
import { sequenceIndex, sequenceRows } from "../../lib/src/trees/index.js";
import {
  lexiconScore,
  phraseDemonstrations,
  phraseTask,
  phraseText,
  phraseUtility,
  phraseWords,
} from "../../lib/src/worlds/index.js";

const ids = (text: string) => text.split(" ").map((word) => phraseWords.indexOf(word as (typeof phraseWords)[number]));
const utility = (prompt: string, reply: string) => phraseUtility(ids(prompt)[0], ids(reply));

describe("worlds/phraseTask", () => {
  const task = phraseTask();

  it("has 9331 replies to each of two prompts, each of them once", () => {
    expect(task.tree.sequences).to.have.length(9331); // 6^5 cut off + 1555 ended
    expect(task.tree.prefixes).to.have.length(1555);
    expect(new Set(task.tree.sequences.map(String)).size).to.equal(9331);
    task.tree.sequences.forEach((reply, n) => {
      const end = reply.indexOf(0);
      expect(end === -1 ? reply.length === 5 : end === reply.length - 1).to.equal(true);
      if (n % 97 === 0) expect(sequenceIndex(task.tree, reply)).to.equal(n);
    });
  });

  it("values moods near and far, the topic, and an end", () => {
    expect(utility("whale", "good whale <end>")).to.deep.equal({ mood: 1, topic: 1, ending: 0, total: 2 });
    expect(utility("sea", "good whale <end>").topic).to.equal(-1);
    expect(utility("sea", "sea whale <end>").topic).to.equal(0);
    expect(utility("whale", "very good <end>").mood).to.equal(2);
    expect(utility("whale", "not very good <end>").mood).to.equal(-2);
    expect(utility("whale", "not whale good <end>").mood).to.equal(-1);
    expect(utility("whale", "not not bad <end>").mood).to.equal(-1);
    expect(utility("whale", "good good good <end>").mood).to.equal(1.75);
    expect(utility("whale", "not bad good <end>").mood).to.equal(2);
    expect(utility("whale", "whale whale whale whale whale")).to.deep.equal({
      mood: 0,
      topic: 1,
      ending: -1,
      total: 0,
    });
  });

  it("has a proxy whose best reply is a poor one", () => {
    const best = task.lexicon.indexOf(Math.max(...task.lexicon));
    expect(phraseText(task.tree.sequences[best])).to.equal("good good good good good ...");
    expect(task.utility[0][best]).to.equal(0.9375);
    const trueBest = Math.max(...task.utility[0]);
    expect(trueBest).to.equal(3.5);
    expect(phraseText(task.tree.sequences[task.utility[0].indexOf(trueBest)])).to.match(/very good.*good/);
    expect(lexiconScore(ids("not good <end>"))).to.equal(1);
  });

  it("has a reference that is a distribution, gives every reply a probability, and favours the topic", () => {
    for (const [i, reference] of task.reference.entries()) {
      expect(logSumExp(reference)).to.be.closeTo(0, 1e-12);
      expect(Math.min(...reference)).to.be.greaterThan(-30);
      const topic = Float64Array.from(task.tree.sequences, (reply) => phraseUtility(task.prompts[i], reply).topic);
      expect(exactExpectation(reference, topic)).to.be.within(0.05, 0.5);
    }
    // The two prompts are mirror images.
    expect(exactEntropy(task.reference[0])).to.be.closeTo(exactEntropy(task.reference[1]), 1e-12);
    expect(exactKL(task.reference[0], task.reference[1])).to.be.greaterThan(0.05);
    expect(exactExpectation(task.reference[0], task.utility[0])).to.be.closeTo(
      exactExpectation(task.reference[1], task.utility[1]),
      1e-12,
    );
  });

  it("draws demonstrations with the reference's frequencies (chi-square, 99.9 %)", () => {
    const n = 20_000;
    const drawn = phraseDemonstrations(key(7), task, n);
    // Pool replies into the 40 most likely and the rest.
    const order = [...task.reference[0].keys()]
      .sort((a, b) => task.reference[0][b] - task.reference[0][a])
      .slice(0, 40);
    const counts = new Map<number, number>();
    for (const { prompt, reply } of drawn) if (prompt === 0) counts.set(reply, (counts.get(reply) ?? 0) + 1);
    let statistic = 0;
    let restExpected = n / 2;
    let restCount = n / 2;
    for (const reply of order) {
      const expected = (n / 2) * Math.exp(task.reference[0][reply]);
      const count = counts.get(reply) ?? 0;
      statistic += (count - expected) ** 2 / expected;
      restExpected -= expected;
      restCount -= count;
    }
    statistic += (restCount - restExpected) ** 2 / restExpected;
    expect(statistic).to.be.below(73.4); // chi-square, 40 degrees, 99.9 %
    const first = drawn[0];
    expect(first.tokens).to.have.length(6);
    expect(first.tokens[0]).to.equal(task.prompts[0]);
    expect(first.tokens.slice(1, 1 + task.tree.sequences[first.reply].length)).to.deep.equal(
      task.tree.sequences[first.reply],
    );
  });

  it("gives all replies as rows for a neural model", () => {
    const { tokens, mask, rows, width } = sequenceRows(task.tree, [5]);
    expect([rows, width]).to.deep.equal([9331, 6]);
    expect(mask.reduce((sum, m) => sum + m, 0)).to.equal(task.tree.sequences.reduce((sum, s) => sum + s.length, 0));
    const row = sequenceIndex(task.tree, ids("good whale <end>"));
    expect([...tokens.subarray(6 * row, 6 * row + 6)]).to.deep.equal([5, 1, 5, 0, 0, 0]);
    expect([...mask.subarray(6 * row, 6 * row + 6)]).to.deep.equal([0, 1, 1, 1, 0, 0]);
  });

  it("says what is wrong", () => {
    expect(() => phraseTask({ length: 9 })).to.throw(DomainError, /length/);
    expect(() => phraseTask({ slip: 0 })).to.throw(DomainError, /slip/);
    expect(() => phraseUtility(1, [0])).to.throw(DomainError, /prompt/);
    expect(() => sequenceIndex(task.tree, [1])).to.throw(DomainError, /finished/);
    expect(() => sequenceIndex(task.tree, [0, 1])).to.throw(DomainError);
  });
});
