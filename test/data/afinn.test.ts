import { expect } from "chai";
import { afinn, mobyDick } from "rlhf-lab/data";
import { moodOf } from "rlhf-lab/rewards";
import { sentencesOf, wordsOf } from "rlhf-lab/tokenizers";

describe("afinn", () => {
  const valence = afinn();

  it("holds 2,462 words from -5 to 5", () => {
    expect(valence.size).to.equal(2462);
    const values = Array.from(valence.values());
    expect([Math.min(...values), Math.max(...values)]).to.deep.equal([-5, 5]);
    // Nielsen 2011: superb 5, good 3, bad -3.
    expect(["superb", "good", "bad"].map((word) => valence.get(word))).to.deep.equal([5, 3, -3]);
  });

  it("adds up a text's different words", () => {
    expect(moodOf("A good, good whale; a BAD sea.", valence)).to.equal(0);
    expect(moodOf("Good!", valence)).to.equal(3);
    expect(moodOf("", valence)).to.equal(0);
    expect(wordsOf("The whale's, don’t--sea")).to.deep.equal(["the", "whale's", "don’t", "sea"]);
  });

  it("cuts prose into sentences", () => {
    expect(sentencesOf("Call me Ishmael. Some years\nago--never mind! “Why?” He went.")).to.deep.equal([
      "Call me Ishmael.",
      "Some years ago--never mind!",
      "“Why?”",
      "He went.",
    ]);
    expect(mobyDick().flatMap(({ text }) => sentencesOf(text)).length).to.be.above(7000);
  });
});
