import { expect } from "chai";
import fc from "fast-check";
import { DataError, DomainError } from "../../lib/src/core/index.js";
import {
  corpusCharacters,
  corpusTokenizer,
  everyWindow,
  loadCorpus,
  mobyDick,
  normaliseProse,
  randomWindows,
  unigramEntropy,
} from "../../lib/src/data/corpus.js";
import { key } from "../../lib/src/random/index.js";

describe("data/corpus", () => {
  const corpus = loadCorpus(key(1));

  it("has the 135 chapters and the epilogue in the book's order", () => {
    const chapters = mobyDick();
    expect(chapters).to.have.length(136);
    expect(chapters[0].title).to.equal("Loomings.");
    expect(chapters[0].text).to.match(/^Call me Ishmael\. Some years ago/);
    expect(chapters[135].text).to.include("orphan");
    expect(chapters.reduce((sum, { text }) => sum + text.length, 0)).to.be.greaterThan(1_150_000);
  });

  it("reduces prose to 62 characters, 64 tokens in all", () => {
    expect(corpusCharacters).to.have.length(62);
    expect(corpusTokenizer().vocabularySize).to.equal(64);
    expect(normaliseProse("“So-so,”  said he—(aside: café 1851)\nand\n\n\n  left .*")).to.equal(
      '"So-so," said he--, aside; cafe, and\nleft.',
    );
  });

  it("normalises any text to known characters", () => {
    const tokenizer = corpusTokenizer();
    const sign = fc.oneof(fc.constantFrom(..." \n\n,.;!?()[]—:\"'-*1aZé"), fc.string({ unit: "binary", maxLength: 1 }));
    fc.assert(
      fc.property(fc.array(sign, { maxLength: 30 }), (signs) => {
        const text = normaliseProse(signs.join(""));
        expect(tokenizer.decode(tokenizer.encode(text))).to.equal(text);
      }),
      { numRuns: 3000, seed: 1 },
    );
  });

  it("holds out whole chapters: none in common, none lost, about a tenth of the text", () => {
    const names = [...corpus.trainChapters, ...corpus.validationChapters].map(({ name }) => name);
    expect(new Set(names).size).to.equal(136);
    const share = corpus.validation.length / (corpus.validation.length + corpus.train.length);
    expect(share).to.be.within(0.1, 0.14);
    const text = corpus.tokenizer.decode(corpus.train);
    for (const chapter of corpus.validationChapters) expect(text).to.not.include(chapter.text.slice(0, 200));
    for (const chapter of corpus.trainChapters) expect(text).to.include(chapter.text);
  });

  it("is the same for the same key and another for another", () => {
    expect(loadCorpus(key(1)).validation).to.deep.equal(corpus.validation);
    const held = loadCorpus(key(2)).validationChapters.map(({ name }) => name);
    expect(held).to.not.deep.equal(corpus.validationChapters.map(({ name }) => name));
  });

  it("cuts windows that are pieces of the text, the first and last place included", () => {
    const tokens = Int32Array.from({ length: 10 }, (_, i) => i);
    const windows = randomWindows(key(3), tokens, 400, 4);
    const starts = new Set<number>();
    for (let row = 0; row < 400; row++) {
      const start = windows[4 * row];
      starts.add(start);
      expect([...windows.subarray(4 * row, 4 * row + 4)]).to.deep.equal([start, start + 1, start + 2, start + 3]);
    }
    expect([...starts].sort()).to.deep.equal([0, 1, 2, 3, 4, 5, 6]);
  });

  it("visits every token once as a target", () => {
    const tokens = Int32Array.from({ length: 10 }, (_, i) => i);
    const windows = everyWindow(tokens, 4);
    expect([...windows]).to.deep.equal([0, 1, 2, 3, 3, 4, 5, 6, 6, 7, 8, 9]);
  });

  it("gives the entropy of the frequencies", () => {
    expect(unigramEntropy([1, 1, 2, 2])).to.be.closeTo(Math.log(2), 1e-12);
    expect(unigramEntropy(corpus.train)).to.be.within(2.8, 3.1);
  });

  it("says what is wrong", () => {
    expect(() => randomWindows(key(1), Int32Array.of(1, 2), 1, 3)).to.throw(DomainError, /window length/);
    expect(() => loadCorpus(key(1), { validationShare: 0 })).to.throw(DomainError, /validationShare/);
    expect(() => loadCorpus(key(1), { chapters: mobyDick().slice(0, 1) })).to.throw(DomainError, /at least two/);
    expect(() => loadCorpus(key(1), { normalise: (text) => text })).to.throw(DataError, /character/);
    expect(() => unigramEntropy([])).to.throw(DomainError);
  });
});
