import { expect } from "chai";
import fc from "fast-check";
import { DomainError, ShapeError } from "../../lib/src/core/index.js";
import { key, normal, randint, split } from "../../lib/src/random/index.js";
import {
  bagOfWords,
  featurePairs,
  fitWordScores,
  labelPairs,
  linearReward,
  type WordGroup,
  wordScoreReward,
} from "../../lib/src/rewards/index.js";

/** Groups of four texts of a few words each, and labelers who go by the sum of the words' worth. */
function world(
  groups: number,
  words: number,
  seed: number,
): { groups: WordGroup[]; vocabulary: string[]; worth: number[] } {
  const [worthKey, textKey] = split(key(seed));
  const vocabulary = Array.from({ length: words }, (_, j) => `w${j}`);
  const worth = Array.from(normal(worthKey, words));
  const total = (text: readonly string[]) => text.reduce((sum, word) => sum + worth[vocabulary.indexOf(word)], 0);
  const made = split(textKey, groups).map((own): WordGroup => {
    const [wordKey, labelKey] = split(own);
    const texts = split(wordKey, 4).map((k) => Array.from(randint(k, 3, 0, words), (j) => vocabulary[j]));
    const pairs = [0, 1, 2, 3].flatMap((i) => [0, 1, 2, 3].filter((j) => j > i).map((j): [number, number] => [i, j]));
    const at = (which: 0 | 1) => pairs.map((pair) => total(texts[pair[which]]));
    const labels = labelPairs(labelKey, at(0), at(1));
    return { texts, wins: pairs.map(([i, j], k) => (labels[k] === 1 ? [i, j] : [j, i])) };
  });
  return { groups: made, vocabulary, worth };
}

describe("fitWordScores", () => {
  it("is the linear reward on word counts, by Newton's method", () => {
    const { groups, vocabulary } = world(40, 12, 1);
    const deviation = 0.7;
    const bag = bagOfWords(vocabulary);
    const pairs = groups.flatMap(({ texts, wins }) =>
      wins.map(([i, j]) => [bag.counts(texts[i]), bag.counts(texts[j])]),
    );
    const dense = featurePairs(
      pairs.map(([chosen]) => chosen),
      pairs.map(([, rejected]) => rejected),
    );
    const { theta } = linearReward.fit(dense, { l2: 1 / (dense.rows * deviation ** 2), method: "newton" });
    const table = fitWordScores(groups, { deviation, tolerance: 1e-8, iterations: 1000 });
    vocabulary.forEach((word, j) => void expect(table.get(word)).to.be.closeTo(theta[j], 1e-7));
  });

  it("two words and one question: the closed form", () => {
    // The optimum of log sigmoid(2 s) - s^2 / deviation^2: s = deviation^2 sigmoid(-2 s), and -s for the other word.
    const table = fitWordScores([{ texts: [["glad"], ["sad"]], wins: [[0, 1]] }], { deviation: 2, tolerance: 1e-10 });
    const s = table.get("glad") as number;
    expect(s).to.be.closeTo(4 / (1 + Math.exp(2 * s)), 1e-9);
    expect(table.get("sad")).to.be.closeTo(-s, 1e-9);
  });

  it("finds what words are worth, and rare words stay near 0", () => {
    const { groups, vocabulary, worth } = world(1500, 12, 2);
    const table = fitWordScores(groups, { deviation: 2 });
    const at = (j: number) => (table.get(vocabulary[j]) as number) - (table.get(vocabulary[0]) as number);
    worth.forEach((value, j) => void expect(at(j)).to.be.closeTo(value - worth[0], 0.25));
    const rare: WordGroup = { texts: [["rare", "w1"], ["w1"]], wins: [[0, 1]] };
    expect(fitWordScores([...groups, rare], { deviation: 0.5 }).get("rare")).to.be.within(0.01, 0.13);
  });

  it("the same answers in another order, or the same texts twice as often with half the prior's precision, change nothing", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1000 }), (seed) => {
        const { groups } = world(6, 5, seed);
        const exact = { tolerance: 1e-9, iterations: 500 };
        const table = fitWordScores(groups, { ...exact, deviation: 1 });
        const turned = groups.map(({ texts, wins }) => ({ texts, wins: [...wins].reverse() })).reverse();
        const twice = groups.map(({ texts, wins }) => ({ texts, wins: [...wins, ...wins] }));
        const other = fitWordScores(turned, { ...exact, deviation: 1 });
        const doubled = fitWordScores(twice, { ...exact, deviation: Math.SQRT1_2 });
        for (const [word, score] of table) {
          expect(other.get(word)).to.be.closeTo(score, 1e-6);
          expect(doubled.get(word)).to.be.closeTo(score, 1e-6);
        }
      }),
      { numRuns: 20, seed: 7 },
    );
  });

  it("a word that it has never seen adds nothing, and one that comes twice counts twice", () => {
    const table = new Map([["good", 1.5]]);
    expect(wordScoreReward(table, ["good", "whale", "good"])).to.equal(3);
    expect(wordScoreReward(table, [])).to.equal(0);
  });

  it("an empty text is one without reward; groups that were never asked leave all words at 0", () => {
    const table = fitWordScores([{ texts: [["glad"], []], wins: [[0, 1]] }]);
    expect(table.get("glad")).to.be.above(0);
    expect([...fitWordScores([{ texts: [["a"], ["b"]], wins: [] }])]).to.deep.equal([
      ["a", 0],
      ["b", 0],
    ]);
  });

  it("refuses what cannot be", () => {
    const group = (wins: [number, number][]): WordGroup => ({ texts: [["a"], ["b"]], wins });
    expect(() => fitWordScores([])).to.throw(ShapeError, "groups");
    expect(() => fitWordScores([group([[0, 2]])])).to.throw(DomainError, "two places from 0 to 1");
    expect(() => fitWordScores([group([[1, 1]])])).to.throw(DomainError, "wins of group 0");
    for (const deviation of [0, -1, Number.NaN]) {
      expect(() => fitWordScores([group([[0, 1]])], { deviation })).to.throw(DomainError, "deviation");
    }
  });
});
