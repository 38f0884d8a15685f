import { expect } from "chai";
import { key } from "../../lib/src/random/index.js";
import { editDistance } from "../../lib/src/selfplay/index.js";
import { mutatePhrase, phraseKind, phraseTask } from "../../lib/src/worlds/index.js";

const task = phraseTask();
const { sequences } = task.tree;

describe("kinds of replies, and changes of them", () => {
  it("are 20, each told by hand", () => {
    expect(new Set(sequences.map(phraseKind)).size).to.equal(20);
    expect([[0], [1, 0], [3, 4, 1, 5, 6], [4, 1, 5, 6, 0]].map(phraseKind)).to.deep.equal([
      "0 words",
      "1 word",
      "5 words, not, very, cut off",
      "4 words, very",
    ]);
  });

  it("change one word, and reach every neighbour of a short reply", () => {
    const words = (reply: number) => sequences[reply].filter((token) => token !== 0);
    const from = sequences.findIndex((tokens) => tokens.join() === "1,5,0");
    const reached = new Set<number>();
    for (let seed = 0; seed < 600; seed++) {
      const to = mutatePhrase(key(seed), task, from);
      expect(editDistance(words(from), words(to))).to.be.at.most(1);
      reached.add(to);
    }
    // 2 x 6 replaced (two of them as it was, once), 2 left out, 3 x 6 put in less 2 that come out twice.
    expect(reached.size).to.equal(11 + 2 + 16);
  });

  it("leave what is full at five words, and what is empty not without one", () => {
    const full = sequences.findIndex((tokens) => tokens.join() === "1,1,1,1,1");
    const empty = sequences.findIndex((tokens) => tokens.join() === "0");
    for (let seed = 0; seed < 50; seed++) {
      expect(sequences[mutatePhrase(key(seed), task, full)].length).to.equal(5);
      expect(sequences[mutatePhrase(key(seed), task, empty)].length).to.equal(2);
    }
  });
});
