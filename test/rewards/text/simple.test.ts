import { expect } from "chai";
import * as fc from "fast-check";
import { DomainError } from "../../../lib/src/core/index.js";
import { afinn } from "../../../lib/src/data/index.js";
import {
  distinctN,
  endsWithSentence,
  formatReward,
  lengthBonus,
  lexiconSentiment,
  moodOf,
  repeatedShare,
  targetLengthReward,
} from "../../../lib/src/rewards/index.js";

describe("rewards of length, repetition, format and mood", () => {
  it("length: a tent around the target, a bonus with a ceiling", () => {
    const options = { target: 10, width: 4 };
    expect([0, 6, 8, 10, 11, 14, 99].map((n) => targetLengthReward(n, options))).to.deep.equal([
      0, 0, 0.5, 1, 0.75, 0, 0,
    ]);
    expect(lengthBonus(7, { perToken: 0.5 })).to.equal(3.5);
    expect(lengthBonus(7, { perToken: -0.5, most: 4 })).to.equal(-2);
    expect(() => targetLengthReward(3, { target: 3, width: 0 })).to.throw(DomainError, "width");
    expect(() => targetLengthReward(-1, options)).to.throw(DomainError, "length");
    expect(() => lengthBonus(1, { perToken: Number.NaN })).to.throw(DomainError, "perToken");
  });

  it("repetition: distinct n-grams over all of them", () => {
    expect(distinctN(["a", "b", "a", "b"], 2)).to.equal(2 / 3);
    expect(repeatedShare([1, 1, 1, 1], 1)).to.equal(0.75);
    expect(distinctN([], 1)).to.equal(1);
    expect(repeatedShare(["a"], 2)).to.equal(0);
    // Two different bigrams, though their letters put together are the same.
    expect(distinctN(["ab", "c", "a", "bc"], 2)).to.equal(1);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3 })), fc.integer({ min: 1, max: 4 }), (tokens, n) => {
        const share = distinctN(tokens, n);
        expect(share).to.be.greaterThan(0).and.at.most(1);
        expect(distinctN(tokens, n + 1)).to.be.at.least(tokens.length > n ? share - 1e-12 : 0);
      }),
    );
    expect(() => distinctN([1], 0)).to.throw(DomainError);
  });

  it("format: the whole text, the same answer each time", () => {
    const pattern = /<think>.*<\/think>\d+/gs;
    for (let time = 0; time < 3; time++) expect(formatReward("<think>a\nb</think>42", pattern)).to.equal(1);
    expect(formatReward("x <think>a</think>42", pattern)).to.equal(0);
    expect(formatReward("a|b", /a|b/)).to.equal(0);
    expect(formatReward("yes\nno", /^yes$/m)).to.equal(0);
    expect(["So it is.", 'He said "Ay!"', "Why? ", "(It ends.)", "and then", ""].map(endsWithSentence)).to.deep.equal([
      1, 1, 1, 1, 0, 0,
    ]);
  });

  it("mood: AFINN's valences, a word once or each time", () => {
    const valence = afinn();
    const text = "Good, good whale; not bad.";
    expect(lexiconSentiment(text, valence)).to.equal(moodOf(text, valence)).and.to.equal(0);
    expect(lexiconSentiment(text, valence, { repeats: true })).to.equal(3);
    expect(lexiconSentiment(text, valence, { repeats: true, perWord: true })).to.equal(0.6);
    expect(lexiconSentiment("", valence, { perWord: true })).to.equal(0);
  });
});
