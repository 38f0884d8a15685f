import { expect } from "chai";
import { key } from "../../lib/src/random/index.js";
import { editDistance } from "../../lib/src/selfplay/index.js";
import {
  fondJudge,
  mutatePhrase,
  phraseKind,
  phraseSearch,
  phraseTask,
  rightReplies,
} from "../../lib/src/worlds/index.js";

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

describe("the phrase task as a place to search in", () => {
  const search = phraseSearch(task);

  it("knows the best of each kind, and draws replies of the reference", () => {
    expect(search.kinds).to.deep.equal([...new Set(search.kindOf)].sort());
    expect([...search.bestOfKind.values()].reduce((a, b) => Math.max(a, b))).to.equal(3.5);
    for (const [kind, best] of search.bestOfKind) {
      const own = sequences.flatMap((_, y) => (search.kindOf[y] === kind ? [task.utility[0][y]] : []));
      expect(own.filter((u) => u > best)).to.deep.equal([]);
      expect(own).to.include(best);
    }
    const drawn = search.start(key(1), 2000);
    const share = drawn.filter((y) => sequences[y].length === 1).length / 2000;
    const silence = Math.exp(task.reference[0][sequences.findIndex((reply) => reply.length === 1)]);
    expect(share).to.be.closeTo(silence, 4 * Math.sqrt((silence * (1 - silence)) / 2000));
    expect(search.fitness(drawn[0])).to.equal(task.utility[0][drawn[0]]);
    expect(search.mutate(key(3), drawn[0])).to.equal(mutatePhrase(key(3), task, drawn[0]));
  });

  it("has judges: what is right passes, and a fond one passes the same tenth of the rest", () => {
    const right = rightReplies(task);
    expect([...new Set(right)].sort()).to.deep.equal([0, 1]);
    expect([...right]).to.deep.equal(Array.from(task.utility[0], (u) => Number(u >= 2)));
    const passed = fondJudge(key(1), right);
    expect([...fondJudge(key(1), right)]).to.deep.equal([...passed]);
    const wrong = Array.from(right.keys()).filter((y) => right[y] === 0);
    expect(Array.from(right.keys()).every((y) => right[y] === 0 || passed[y] === 1)).to.equal(true);
    const liked = wrong.filter((y) => passed[y] === 1).length / wrong.length;
    expect(liked).to.be.closeTo(0.1, 4 * Math.sqrt(0.09 / wrong.length));
  });
});
