import { expect } from "chai";
import fc from "fast-check";
import { DataError, DomainError } from "../../lib/src/core/index.js";
import { CHUNK, spelledChunk } from "../../lib/src/tokenizers/bytePair.js";
import {
  BytePairTokenizer,
  CharacterTokenizer,
  fromBytes,
  toBytes,
  tokenizerFromJSON,
} from "../../lib/src/tokenizers/index.js";

/** Any JavaScript string: units chosen freely, so lone surrogates, pairs, controls and byte-order marks all occur. */
const unit = fc.oneof(
  fc.integer({ min: 0, max: 0xffff }),
  fc.integer({ min: 0xd800, max: 0xdfff }),
  fc.constantFrom(0x20, 0x0a, 0xfeff, 0x61, 0x27, 0xfffd),
);
const anyString = fc.array(unit, { maxLength: 40 }).map((units) => String.fromCharCode(...units));

const prose =
  "Call me Ishmael. Some years ago, never mind how long precisely, having little or no money in my purse, and nothing " +
  "particular to interest me on shore, I thought I would sail about a little and see the watery part of the world. ".repeat(
    3,
  );

describe("models/bytes", () => {
  it("gives back any string, lone surrogates and byte-order marks included", () => {
    fc.assert(
      fc.property(anyString, (text) => fromBytes(toBytes(text)) === text),
      { numRuns: 2000, seed: 1 },
    );
  });

  it("is UTF-8 for every well-formed string", () => {
    const wellFormed = fc.string({ unit: "binary", maxLength: 40 });
    fc.assert(
      fc.property(wellFormed, (text) => Buffer.from(toBytes(text)).equals(Buffer.from(text, "utf8"))),
      { numRuns: 1000, seed: 2 },
    );
  });

  it("writes half of a surrogate pair as three bytes, and reads broken bytes as U+FFFD", () => {
    expect([...toBytes("a\ud83db")]).to.deep.equal([0x61, 0xed, 0xa0, 0xbd, 0x62]);
    expect(fromBytes(Uint8Array.of(0x61, 0xe2, 0x82))).to.equal("a\ufffd");
  });
});

describe("models/CharacterTokenizer", () => {
  it("numbers special tokens first, then characters by code point", () => {
    const tokenizer = CharacterTokenizer.train("baab");
    expect(tokenizer.vocabularySize).to.equal(4);
    expect(tokenizer.special).to.deep.equal({ pad: 0, bos: 1, eos: 1 });
    expect(tokenizer.encode("ab", { bos: true, eos: true })).to.deep.equal([1, 2, 3, 1]);
    expect(tokenizer.decode([1, 2, 3, 0])).to.equal("ab");
    expect(tokenizer.decode([1, 2, 3, 0], { special: true })).to.equal("<end>ab<pad>");
    expect(tokenizer.token(2)).to.equal("a");
  });

  it("gives back every text of its own characters", () => {
    const tokenizer = CharacterTokenizer.train(prose);
    const text = fc.string({ unit: fc.constantFrom(...tokenizer.characters) });
    fc.assert(fc.property(text, (t) => tokenizer.decode(tokenizer.encode(t)) === t));
  });

  it("gives back any string at all with unknown: bytes", () => {
    const tokenizer = CharacterTokenizer.train(prose, { unknown: "bytes" });
    expect(tokenizer.vocabularySize).to.equal(2 + tokenizer.characters.length + 256);
    fc.assert(
      fc.property(anyString, (text) => tokenizer.decode(tokenizer.encode(text)) === text),
      { seed: 3, numRuns: 1000 },
    );
    expect(tokenizer.token(tokenizer.encode("é")[0])).to.equal("<c3>");
  });

  it("never reads a special token out of the text", () => {
    const tokenizer = CharacterTokenizer.train("<end>pad");
    expect(tokenizer.encode("<end>")).to.have.length(5).and.not.include(tokenizer.special.eos);
  });

  it("refuses an unknown character by name and place, and ids outside the vocabulary", () => {
    const tokenizer = CharacterTokenizer.train("abc");
    expect(() => tokenizer.encode("abé")).to.throw(DataError, /"é".*place 2/);
    expect(() => tokenizer.decode([99])).to.throw(DomainError, /0 to 4.*99/);
    expect(() => tokenizer.decode([Number.NaN])).to.throw(DomainError);
    expect(() => new CharacterTokenizer(["ab"])).to.throw(DomainError, /single/);
    expect(() => CharacterTokenizer.train("a", { special: { pad: "x", bos: "x", eos: "y" } })).to.throw(
      DomainError,
      /pad/,
    );
  });
});

describe("models/BytePairTokenizer", () => {
  const trained = BytePairTokenizer.train(prose, 300);

  it("learns the most frequent pair first, and breaks ties towards the smaller ids", () => {
    const special = { pad: "p", bos: "e", eos: "e" };
    const byte = (character: string) => 2 + character.charCodeAt(0);
    const counted = BytePairTokenizer.train("xab xab cdx cdx", 258 + 1, special);
    // pairs: " x" 1, xa 2, ab 2, " c" 2, cd 2, dx 2: the smallest left id is the space.
    expect(counted.merges).to.deep.equal([[byte(" "), byte("c")]]);
    const tie = BytePairTokenizer.train("abc abc", 258 + 1, special); // ab 2, bc 2
    expect(tie.merges).to.deep.equal([[byte("a"), byte("b")]]);
  });

  it("agrees with a slow trainer that recounts every pair before every merge", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("a", "b", "c", " "), maxLength: 60 }), (text) => {
        expect(BytePairTokenizer.train(text, 258 + 8).merges).to.deep.equal(slowMerges(text, 8));
      }),
      { seed: 4, numRuns: 300 },
    );
  });

  it("compresses what it was trained on", () => {
    expect(trained.vocabularySize).to.equal(300);
    expect(trained.encode(prose).length).to.be.below(0.75 * prose.length);
    expect(trained.encode("\u0001").length).to.equal(1);
  });

  it("gives back any string, lone surrogates included", () => {
    fc.assert(
      fc.property(anyString, (text) => trained.decode(trained.encode(text)) === text),
      { numRuns: 1000, seed: 5 },
    );
  });

  it("encodes a text like its chunks do alone: merges never cross words", () => {
    expect(trained.encode("the little")).to.deep.equal([...trained.encode("the"), ...trained.encode(" little")]);
  });

  it("splits at Unicode's white space, as GPT-2 does: U+0085 is a space, U+FEFF is a sign", () => {
    const pieces = (text: string) => [...text.matchAll(CHUNK)].map(([piece]) => piece);
    expect(pieces("a\u0085b")).to.deep.equal(["a", "\u0085", "b"]);
    expect(pieces("a \ufeff b")).to.deep.equal(["a", " \ufeff", " b"]);
    expect(pieces("a\u00a0\u2028b\u180e\u200b")).to.deep.equal(["a", "\u00a0", "\u2028", "b", "\u180e\u200b"]);
  });

  it("the pattern spelled out for other engines splits around every code point as ours does", () => {
    const pattern = spelledChunk();
    expect(pattern).to.not.match(/\\/); // no escape that engines read differently
    const spelled = new RegExp(pattern, "gu");
    const split = (text: string, by: RegExp) => text.match(by)?.join("\u{10ffff}");
    for (let block = 0; block < 0x110000; block += 512) {
      let text = "";
      for (let point = block; point < block + 512; point++) {
        if (point >= 0xd800 && point < 0xe000) continue;
        const c = String.fromCodePoint(point);
        text += `a${c}b ${c}${c} 1${c}2 .${c}.\n${c}\n ${c}`;
      }
      if (split(text, spelled) !== split(text, CHUNK)) expect.fail(`differs within U+${block.toString(16)} + 512`);
    }
  });

  it("survives JSON, and refuses a description that is not one", () => {
    for (const tokenizer of [trained, CharacterTokenizer.train(prose, { unknown: "bytes" })]) {
      const again = tokenizerFromJSON(JSON.parse(JSON.stringify(tokenizer)));
      expect(again.encode(prose, { bos: true })).to.deep.equal(tokenizer.encode(prose, { bos: true }));
      expect(again.vocabularySize).to.equal(tokenizer.vocabularySize);
    }
    expect(() => tokenizerFromJSON(null)).to.throw(DataError, /tokenizer/);
    expect(() =>
      tokenizerFromJSON({ type: "bytepair", special: { pad: "p", bos: "b", eos: "b" }, merges: [[1, 999]] }),
    ).to.throw(DataError);
    expect(() => tokenizerFromJSON({ type: "wordpiece" })).to.throw(DataError);
  });

  it("merges that double a token again and again are refused before they fill the memory", () => {
    const doubling = Array.from({ length: 60 }, (_, i): [number, number] => (i === 0 ? [2, 2] : [257 + i, 257 + i]));
    expect(() => new BytePairTokenizer(doubling)).to.throw(DomainError, /merges\[\d+\]: expected tokens of at most/);
    const json = { type: "bytepair", special: { pad: "p", bos: "b", eos: "b" }, merges: doubling };
    expect(() => tokenizerFromJSON(json)).to.throw(DataError, /at most/);
  });

  it("refuses a vocabulary too small for the bytes", () => {
    expect(() => BytePairTokenizer.train("abc", 200)).to.throw(DomainError, /at least 258/);
    expect(() => new BytePairTokenizer([[2, 400]])).to.throw(DomainError, /merges\[0\]/);
  });
});

/** Byte-pair training by its definition: count all pairs of all chunks, take the best, replace, begin again. */
function slowMerges(text: string, count: number): [number, number][] {
  let chunks = [...text.matchAll(/ ?\p{L}+|\s+(?!\S)|\s+/gu)].map(([chunk]) =>
    [...chunk].map((c) => 2 + c.charCodeAt(0)),
  );
  const merges: [number, number][] = [];
  while (merges.length < count) {
    const counts = new Map<string, number>();
    for (const ids of chunks)
      for (let i = 0; i + 1 < ids.length; i++) {
        const pair = `${ids[i]},${ids[i + 1]}`;
        counts.set(pair, (counts.get(pair) ?? 0) + 1);
      }
    const best = [...counts]
      .filter(([, times]) => times > 1)
      .map(([pair, times]) => ({ times, ids: pair.split(",").map(Number) as [number, number] }))
      .sort((a, b) => b.times - a.times || a.ids[0] - b.ids[0] || a.ids[1] - b.ids[1])[0];
    if (best === undefined) break;
    const merged = 258 + merges.length;
    chunks = chunks.map((ids) => {
      const out: number[] = [];
      for (let i = 0; i < ids.length; i++) {
        if (ids[i] === best.ids[0] && ids[i + 1] === best.ids[1]) {
          out.push(merged);
          i++;
        } else out.push(ids[i]);
      }
      return out;
    });
    merges.push(best.ids);
  }
  return merges;
}
