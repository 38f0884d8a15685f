import { readFileSync } from "node:fs";
import { expect } from "chai";
import * as fc from "fast-check";
import { nltkPorterStem, porterStem, rougeL, rougeLsum, rougeN } from "../../../lib/src/rewards/index.js";

const golden = JSON.parse(readFileSync(new URL("../../golden/porter-stem.json", import.meta.url), "utf8")) as {
  words: [word: string, paper: string, nltk: string][];
  pairs: [candidate: string, reference: string, ...precisionAndRecall: number[]][];
};
const lowercase = fc.string({ unit: fc.constantFrom(..."abcdefghiklmnostuyz"), maxLength: 12 });

describe("stems", () => {
  it(`are Porter's, and NLTK's, of ${golden.words.length} words`, () => {
    for (const [word, paper, nltk] of golden.words) {
      expect(porterStem(word), `Porter's of ${word}`).to.equal(paper);
      expect(nltkPorterStem(word), `NLTK's of ${word}`).to.equal(nltk);
    }
  });

  it("are those of the examples in Porter's paper", () => {
    const examples =
      "caresses caress ponies poni ties ti cats cat feed feed plastered plaster bled bled motoring motor sing sing conflated conflat " +
      "hopping hop falling fall hissing hiss failing fail filing file happy happi sky sky relational relat conditional condit " +
      "rational ration digitizer digit vietnamization vietnam operator oper decisiveness decis formative form electrical electr " +
      "goodness good revival reviv adjustable adjust replacement replac adoption adopt probate probat rate rate cease ceas controlling control roll roll";
    const words = examples.split(" ");
    for (let i = 0; i < words.length; i += 2) expect(porterStem(words[i]), words[i]).to.equal(words[i + 1]);
  });

  it("differ in the eight places that nltkPorterStem names, and there as it says", () => {
    const places: [what: string, word: string, paper: string, nltk: string][] = [
      ["irregular", "dying", "dy", "die"],
      ["two letters", "as", "a", "as"],
      ["-ies of four letters", "dies", "di", "die"],
      ["-ied", "died", "di", "die"],
      ["-ied behind consonants alone", "spied", "spi", "spi"],
      ["short words of two letters", "used", "us", "use"],
      ["y behind a vowel", "enjoy", "enjoi", "enjoy"],
      ["y without a vowel", "fly", "fly", "fli"],
      ["alli first", "rationally", "ration", "ration"],
      ["bli", "possibly", "possibli", "possibl"],
      ["fulli", "carefully", "carefulli", "care"],
      ["logi", "geology", "geologi", "geolog"],
    ];
    for (const [what, word, paper, nltk] of places) {
      expect([porterStem(word), nltkPorterStem(word)], what).to.deep.equal([paper, nltk]);
    }
  });

  it("are never longer than their words, and the empty word has an empty stem", () => {
    fc.assert(
      fc.property(lowercase, (word) => {
        for (const stem of [porterStem, nltkPorterStem]) expect(stem(word).length).to.be.at.most(word.length);
      }),
    );
    for (const stem of [porterStem, nltkPorterStem]) expect(stem("")).to.equal("");
  });

  it(`make ROUGE what rouge-score's use_stemmer=True makes of ${golden.pairs.length} pairs of texts, to the last bit`, () => {
    const reading = { stem: nltkPorterStem };
    for (const [candidate, reference, ...want] of golden.pairs) {
      const scores = [
        rougeN(1, candidate, reference, reading),
        rougeN(2, candidate, reference, reading),
        rougeL(candidate, reference, reading),
        rougeLsum(candidate, reference, reading),
      ];
      expect(scores.flatMap(({ precision, recall }) => [precision, recall])).to.deep.equal(want);
    }
  });

  it("conflate what plain ROUGE tells apart", () => {
    const [candidate, reference] = ["The whale hunted the ships", "The whales are hunting a ship"];
    expect(rougeN(1, candidate, reference).recall).to.equal(1 / 6);
    expect(rougeN(1, candidate, reference, { stem: nltkPorterStem }).recall).to.equal(4 / 6);
  });
});
