import { readFileSync } from "node:fs";
import { expect } from "chai";
import * as fc from "fast-check";
import { DomainError } from "../../../lib/src/core/index.js";
import {
  bestRouge,
  lcsLength,
  lcsPlaces,
  nltkPorterStem,
  type Rouge,
  rougeL,
  rougeLsum,
  rougeN,
  rougeTokens,
} from "../../../lib/src/rewards/index.js";

const golden = JSON.parse(readFileSync(new URL("../../golden/text-rewards.json", import.meta.url), "utf8")) as {
  texts: string[];
  rouge: number[][];
  lsum: [candidate: string, reference: string, hits: number][];
};
/** The two texts of rouge-score's test file that were scored by ROUGE-1.5.5. */
const perl = {
  target:
    "ZfbCUIUuePaiLVUlCaUXxkpu XPeWing tUHfPMuZ',-Xd Y BrUgVJing M-HV.-DgdDaY.rFDJCRing Ht-LM EKBDXkME,yz'RBr q'wtion wIojNbN wL,b .a-'XdQggyFl jB-RPP'iyOIcUxer tKM L",
  prediction: "rFDJCRtion Ht-LM EKtDXkME,yz'RBr q'wer wrojNbN wL,b .a-'XdQggyFl jB-RPP'iyOIcUxi",
};
const sentence = fc.array(fc.constantFrom("the", "whale", "sea", "is"), { maxLength: 8 });

function expectScore(got: Rouge, [precision, recall, fMeasure]: number[], places = 1e-6): void {
  expect(got.precision).to.be.closeTo(precision, places);
  expect(got.recall).to.be.closeTo(recall, places);
  if (fMeasure !== undefined) expect(got.fMeasure).to.be.closeTo(fMeasure, places);
}

describe("ROUGE", () => {
  it("gives the figures that rouge-score's own tests hold", () => {
    expectScore(rougeN(1, perl.prediction, perl.target), [0.6875, 0.40741, 0.51163], 5e-6);
    expectScore(rougeN(2, perl.prediction, perl.target), [0.53333, 0.30769, 0.39024], 5e-6);
    expectScore(rougeL(perl.prediction, perl.target), [0.6875, 0.40741, 0.51163], 5e-6);
    expectScore(rougeL("testing two", "testing one two"), [1, 2 / 3, 0.8]);
    expectScore(rougeN(2, "testing one", "testing one two"), [1, 1 / 2, 2 / 3]);
    expectScore(rougeLsum("w1 w2 w6 w7 w8\nw1 w3 w8 w9 w5", "w1 w2 w3 w4 w5"), [0.4, 0.8, 0.8 / 1.5]);
    expectScore(rougeLsum("Second sentence.\nFirst Sentence.", "First sentence.\nSecond Sentence."), [1, 1, 1]);
    expectScore(rougeLsum("Second sentence. First Sentence.", "First sentence. Second Sentence."), [0.5, 0.5, 0.5]);
  });

  it(`agrees with rouge-score in ${golden.rouge.length} generated cases`, () => {
    for (const [c, r, stemmed, ...want] of golden.rouge) {
      const [candidate, reference] = [golden.texts[c], golden.texts[r]];
      const reading = stemmed ? { stem: nltkPorterStem } : {};
      const got = [
        rougeN(1, candidate, reference, reading),
        rougeN(2, candidate, reference, reading),
        rougeL(candidate, reference, reading),
        rougeLsum(candidate, reference, reading),
      ];
      got.forEach((score, k) => {
        expectScore(score, want.slice(2 * k, 2 * k + 2));
      });
    }
  });

  it(`counts the hits of Lsum as rouge-score does, in ${golden.lsum.length} texts of few words and several lines`, () => {
    const spell = (text: string) =>
      text
        .split("|")
        .map((sentence) => [...sentence].join(" "))
        .join("\n");
    const length = (text: string) => text.replaceAll("|", "").length;
    for (const [candidate, reference, hits] of golden.lsum) {
      const got = rougeLsum(spell(candidate), spell(reference));
      expectScore(got, [hits / length(candidate), hits / length(reference)], 1e-12);
    }
  });

  it("swaps precision and recall with its texts (not Lsum), and F stays", () => {
    fc.assert(
      fc.property(sentence, sentence, (a, b) => {
        for (const score of [rougeL, rougeN.bind(null, 1), rougeN.bind(null, 2)]) {
          const [there, back] = [score(a.join(" "), b.join(" ")), score(b.join(" "), a.join(" "))];
          expect(there.precision).to.equal(back.recall);
          expect(there.fMeasure).to.be.closeTo(back.fMeasure, 1e-15);
        }
        const text = a.join(" ");
        expect(rougeLsum(text, b.join(" ")).fMeasure).to.be.closeTo(rougeL(text, b.join(" ")).fMeasure, 1e-15);
      }),
    );
  });

  it("finds a longest common subsequence: against every subsequence", () => {
    const isWithin = (part: readonly string[], whole: readonly string[]) => {
      let place = 0;
      for (const token of whole) if (place < part.length && part[place] === token) place++;
      return place === part.length;
    };
    fc.assert(
      fc.property(sentence, sentence, (a, b) => {
        let longest = 0;
        for (let bits = 0; bits < 2 ** a.length; bits++) {
          const part = a.filter((_, i) => (bits >> i) & 1);
          if (part.length > longest && isWithin(part, b)) longest = part.length;
        }
        expect(lcsLength(a, b)).to.equal(longest);
        const places = lcsPlaces(a, b);
        expect(places.length).to.equal(longest);
        expect(
          isWithin(
            places.map((i) => a[i]),
            b,
          ),
        ).to.equal(true);
        expect([...places].sort((x, y) => x - y)).to.deep.equal(places);
      }),
      { numRuns: 60 },
    );
  });

  it("scores 0 where there is nothing to compare", () => {
    for (const score of [rougeL, rougeLsum, rougeN.bind(null, 1), rougeN.bind(null, 2)]) {
      for (const [a, b] of [
        ["", "a"],
        ["a", ""],
        ["", ""],
        ["/", "a"],
      ]) {
        expect(score(a, b)).to.deep.equal({ precision: 0, recall: 0, fMeasure: 0 });
      }
    }
  });

  it("takes the best of several references", () => {
    const scores = ["first text", "first something"].map((target) => rougeL("text first", target));
    expect(bestRouge(scores).fMeasure).to.equal(0.5);
    expect(() => bestRouge([])).to.throw(DomainError, "at least one reference");
    expect(() => rougeN(0, "a", "b")).to.throw(DomainError, "n: expected a whole number");
  });

  it("stems long words only", () => {
    expect(rougeTokens("Whales, the SEA's 3 x", { stem: (token) => token.slice(0, 2) })).to.deep.equal([
      "wh",
      "the",
      "sea",
      "s",
      "3",
      "x",
    ]);
  });
});
