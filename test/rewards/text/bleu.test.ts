import { readFileSync } from "node:fs";
import { expect } from "chai";
import * as fc from "fast-check";
import { DomainError, ShapeError } from "../../../lib/src/core/index.js";
import {
  addBleuStatistics,
  bleuOf,
  brevityPenalty,
  clippedMatches,
  corpusBleu,
  distinctN,
  ngramCounts,
  sentenceBleu,
  splitAtSpaces,
  tokenise13a,
} from "../../../lib/src/rewards/index.js";

type Case = [
  candidates: number[],
  references: number[][],
  options: {
    tokenize?: "none";
    lowercase?: boolean;
    smooth_method?: "exp" | "floor" | "add-k" | "none";
    smooth_value?: number;
    max_ngram_order?: number;
    effective_order?: boolean;
  },
  score: number,
  penalty: number,
  matched: number[],
  total: number[],
];
const golden = JSON.parse(readFileSync(new URL("../../golden/text-rewards.json", import.meta.url), "utf8")) as {
  texts: string[];
  tokens13a: string[];
  bleu: Case[];
};
const word = fc.constantFrom("the", "whale", "sea", "is", "good", ".");
const sentence = fc.array(word, { minLength: 1, maxLength: 12 });

describe("BLEU", () => {
  it("gives the figures that sacrebleu's own tests hold", () => {
    const candidates = ["The dog bit the man.", "It wasn't surprising.", "The man had just bitten him."];
    const references = [
      ["The dog bit the man.", "The dog had bit the man."],
      ["It was not unexpected.", "No one was surprised."],
      ["The man bit him first.", "The man had bitten the dog."],
    ];
    expect(corpusBleu(candidates, references).score).to.be.closeTo(48.530827, 1e-6);
    expect(corpusBleu(candidates, references, { tokenise: splitAtSpaces }).score).to.be.closeTo(49.1919566, 1e-6);
    expect(corpusBleu(candidates, references, { smoothing: "none" }).score).to.be.closeTo(48.530827, 1e-6);
    expect(corpusBleu(["", "", ""], references).score).to.equal(0);
    const statistics = { matched: [9, 7, 5, 3], total: [10, 8, 6, 4], length: 11, referenceLength: 11 };
    expect(bleuOf(statistics).score).to.be.closeTo(83.75922397, 1e-7);
    const raw = { tokenise: splitAtSpaces, smoothing: "floor", smoothingValue: 0.01, effectiveOrder: true } as const;
    expect(corpusBleu(["test"], [["a test"]], raw).score).to.be.closeTo(36.78794411714425, 1e-10);
    expect(corpusBleu(["a little test"], [["a test"]], raw).score).to.be.closeTo(3.218297948685433, 1e-10);
  });

  it("tokenises odd texts as sacrebleu does", () => {
    golden.tokens13a.forEach((tokens, i) => {
      expect(tokenise13a(golden.texts[i]).join(" "), JSON.stringify(golden.texts[i])).to.equal(tokens);
    });
  });

  it(`agrees with sacrebleu in ${golden.bleu.length} generated cases`, () => {
    const text = (place: number) => golden.texts[place];
    golden.bleu.forEach(([candidates, references, options, score, penalty, matched, total], k) => {
      const got = corpusBleu(
        candidates.map(text),
        references.map((list) => list.map(text)),
        {
          ...(options.tokenize === "none" ? { tokenise: splitAtSpaces } : {}),
          lowercase: options.lowercase,
          order: options.max_ngram_order,
          smoothing: options.smooth_method,
          smoothingValue: options.smooth_value,
          effectiveOrder: options.effective_order,
        },
      );
      const name = `case ${k}: ${JSON.stringify(options)}`;
      expect(got.matched, name).to.deep.equal(matched);
      expect(got.total, name).to.deep.equal(total);
      expect(got.brevityPenalty, name).to.be.closeTo(penalty, 1e-8);
      expect(got.score, name).to.be.closeTo(score, 1e-8 * Math.max(score, 1));
    });
  });

  it("is 100 for a copy, 0 for strangers, and never above 100", () => {
    fc.assert(
      fc.property(sentence, sentence, (a, b) => {
        expect(sentenceBleu(a.join(" "), [a.join(" "), b.join(" ")]).score).to.be.closeTo(100, 1e-9);
        const { score, precisions } = sentenceBleu(a.join(" "), [b.join(" ")]);
        for (const value of [score, ...precisions]) expect(value).to.be.within(0, 100 + 1e-9);
        expect(sentenceBleu("fish", [b.join(" ")]).score).to.equal(0);
      }),
    );
  });

  it("clips: a word counts as often as one reference has it", () => {
    // Papineni et al. 2002, example 2: the clipped precision is 2/7.
    const the = "the the the the the the the".split(" ");
    const references = ["the cat is on the mat".split(" "), "there is a cat on the mat".split(" ")];
    expect(clippedMatches(the, references, 1)).to.deep.equal({ matched: 2, total: 7 });
    fc.assert(
      fc.property(sentence, sentence, fc.integer({ min: 1, max: 4 }), (a, b, n) => {
        const { matched, total } = clippedMatches(a, [b], n);
        expect(matched).to.equal(clippedMatches(b, [a], n).matched);
        expect(matched).to.be.at.most(total);
        expect([...ngramCounts(a, n).values()].reduce((x, y) => x + y, 0)).to.equal(total);
        expect(clippedMatches(a, [a], n)).to.deep.equal({ matched: total, total });
      }),
    );
    expect(distinctN(the, 1)).to.equal(1 / 7);
  });

  it("prices brevity, and nothing else", () => {
    expect(brevityPenalty(10, 10)).to.equal(1);
    expect(brevityPenalty(20, 10)).to.equal(1);
    expect(brevityPenalty(5, 10)).to.be.closeTo(Math.exp(-1), 1e-15);
    expect(brevityPenalty(0, 10)).to.equal(0);
    expect(brevityPenalty(0, 0)).to.equal(1);
  });

  it("of a corpus is not the mean of its sentences'", () => {
    const [texts, references] = [
      ["a b c d", "a x y z"],
      [["a b c d"], ["a b c d"]],
    ];
    const single = texts.map((text, i) => sentenceBleu(text, references[i]).score);
    expect(corpusBleu(texts, references).score).to.not.be.closeTo((single[0] + single[1]) / 2, 1);
  });

  it("refuses what has no answer", () => {
    expect(() => sentenceBleu("a", [])).to.throw(DomainError, "references: expected at least one");
    expect(() => corpusBleu(["a"], [])).to.throw(ShapeError, "1 lists, one per candidate");
    expect(() => corpusBleu([], [])).to.throw(DomainError, "at least one text");
    expect(() => addBleuStatistics([])).to.throw(DomainError);
    expect(() => ngramCounts(["a"], 0)).to.throw(DomainError, "n: expected a whole number");
    expect(() => clippedMatches(["a"], [], 1)).to.throw(DomainError);
    expect(() => sentenceBleu("a", ["b"], { smoothing: "floor", smoothingValue: -1 })).to.throw(DomainError);
    expect(() => brevityPenalty(-1, 3)).to.throw(DomainError, "length: expected");
  });
});
