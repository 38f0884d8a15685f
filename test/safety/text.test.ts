import { expect } from "chai";
import fc from "fast-check";
import { DomainError, key, ShapeError } from "rlhf-lab";
import { exactExpectation, exactKL } from "rlhf-lab/numerics";
import { normal } from "rlhf-lab/random";
import { countSpellings, exactShield, forbiddenPhrases, maskedPolicy } from "rlhf-lab/safety";
import { BytePairTokenizer, CharacterTokenizer, isAccepted, mayStopIn, type Tokenizer } from "rlhf-lab/tokenizers";
import { conditionalLogProbs, nextTokenLogProbs, sequenceLogProbs, sequenceTree, treePolicy } from "rlhf-lab/trees";
import { phraseTask, phraseText } from "rlhf-lab/worlds";

const utf8 = new TextEncoder();
const bytesOf = (tokens: readonly string[]) => tokens.map((token) => utf8.encode(token));
const vocabularyOf = (tokenizer: Tokenizer) =>
  Array.from({ length: tokenizer.vocabularySize }, (_, id) => tokenizer.bytes(id));

describe("the spellings of a word", () => {
  const parts = bytesOf(["k", "i", "l", "ki", "il", "ll", "kil", "ill", "kill"]);

  it("eight if every part of kill is a token; banning the token kill leaves seven", () => {
    expect(countSpellings(parts, "kill")).to.equal(8);
    expect(countSpellings(parts, "kill", [8])).to.equal(7);
    expect(countSpellings(parts, "killx")).to.equal(0);
    expect(countSpellings([...parts, new Uint8Array(0)], "kill")).to.equal(8);
  });

  it("and the automaton stops all eight, wherever they begin, and nothing else", () => {
    const vocabulary = [...parts, ...bytesOf(["skil", "lx"])];
    const automaton = forbiddenPhrases(vocabulary, ["kill"]);
    const names = ["k", "i", "l", "ki", "il", "ll", "kil", "ill", "kill", "skil", "lx"];
    let stopped = 0;
    const walk = (tokens: number[]) => {
      const text = tokens.map((id) => names[id]).join("");
      expect(isAccepted(automaton, tokens), text).to.equal(!text.includes("kill"));
      if (text === "kill") stopped++;
      if (tokens.length < 4) for (const id of names.keys()) walk([...tokens, id]);
    };
    walk([]);
    expect(stopped).to.equal(8);
  });
});

describe("phrases lifted to tokens", () => {
  const alphabet = fc.constantFrom("a", "b", "A", " ", ".");
  const text = (most: number) => fc.array(alphabet, { minLength: 1, maxLength: most }).map((list) => list.join(""));
  const phrase = fc
    .array(fc.constantFrom("a", "b", "ab", "a b"), { minLength: 1, maxLength: 2 })
    .map((w) => w.join(" "));
  const vocabularies = fc.array(text(4), { minLength: 2, maxLength: 6 });
  const draws = fc.array(fc.nat(), { maxLength: 8 });

  it("accept a text exactly if it holds none of them, prompt included where one begins there", () => {
    fc.assert(
      fc.property(
        vocabularies,
        fc.array(text(3), { minLength: 1, maxLength: 3 }),
        draws,
        draws,
        (names, list, p, c) => {
          const automaton = forbiddenPhrases(bytesOf(names), list);
          const [prompt, completion] = [p, c].map((ids) => ids.map((id) => id % names.length));
          const before = prompt.map((id) => names[id]).join("");
          const whole = before + completion.map((id) => names[id]).join("");
          // A phrase that ends in the completion; those that hold another one are left out.
          const shortest = list.filter((wrong) => !list.some((other) => other !== wrong && wrong.includes(other)));
          const said = shortest.some(
            (wrong) => whole.indexOf(wrong, Math.max(0, before.length - wrong.length + 1)) >= 0,
          );
          expect(isAccepted(automaton, completion, prompt)).to.equal(!said);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it("as whole words in any case: by a regular expression, on texts that may be broken off anywhere", () => {
    fc.assert(
      fc.property(vocabularies, fc.array(phrase, { minLength: 1, maxLength: 2 }), draws, (names, list, c) => {
        const automaton = forbiddenPhrases(bytesOf(names), list, { wholeWords: true, ignoreCase: true });
        const completion = c.map((id) => id % names.length);
        const written = completion.map((id) => names[id]).join("");
        const said = list.some((wrong) => {
          const words = wrong.replaceAll(" ", "[ .]+");
          return new RegExp(`(?<![a-z])${words}(?![a-z])`, "i").test(written);
        });
        expect(isAccepted(automaton, completion), JSON.stringify(written)).to.equal(!said);
      }),
      { numRuns: 2000 },
    );
  });

  it("an unfinished word may go on, but not stop: the end token and the last place know it", () => {
    const names = ["", "k", "i", "l", "t", " "];
    const [END, K, I, L, T, GAP] = names.keys();
    const automaton = forbiddenPhrases(bytesOf(names), ["kil"], { wholeWords: true, end: END });
    expect(isAccepted(automaton, [K, I, L, T])).to.equal(true); // kilt
    expect(isAccepted(automaton, [K, I, L])).to.equal(false);
    expect(isAccepted(automaton, [K, I, L, END])).to.equal(false);
    expect(isAccepted(automaton, [K, I, L, GAP])).to.equal(false);
    expect(isAccepted(automaton, [K, I, END, L, GAP])).to.equal(true); // after the end anything may stand
    // In the prompt already: not the completion's fault, and the next one is.
    expect(isAccepted(automaton, [T], [K, I, L, GAP])).to.equal(true);
    expect(isAccepted(automaton, [K, I, L, GAP], [K, I, L, GAP])).to.equal(false);
    expect(isAccepted(automaton, [GAP], [K, I, L])).to.equal(false);
    expect(isAccepted(automaton, [L, GAP], [T, END, K, I])).to.equal(false);
    const open = mayStopIn(automaton, 2);
    const state = automaton.stateAfter([K, I, L]);
    expect(open.map((row) => row[state])).to.deep.equal([0, 1, 1]);
  });

  it("look ahead: a state with no way out is closed", () => {
    // Two tokens, "a" and "b"; "ab" and "aa" forbidden: after a nothing can follow.
    const automaton = forbiddenPhrases(bytesOf(["a", "b"]), ["ab", "aa"]);
    const state = automaton.stateAfter([0]);
    expect(mayStopIn(automaton, 3).map((row) => row[state])).to.deep.equal([1, 0, 0, 0]);
    expect(mayStopIn(automaton, 3).map((row) => row[automaton.stateAfter([])])).to.deep.equal([1, 1, 1, 1]);
    const one = forbiddenPhrases(bytesOf(["a", "b"]), ["aa", "ab", "ba", "bb"]); // one token, and no second one
    expect(mayStopIn(one, 3).map((row) => row[one.stateAfter([])])).to.deep.equal([1, 1, 0, 0]);
  });

  it("hold on byte pairs that a text has taught, cut as they like", () => {
    const book = "the whale kills the killer; a kilt is no killing of a whale. ".repeat(4);
    const tokenizer = BytePairTokenizer.train(book, 300);
    const vocabulary = vocabularyOf(tokenizer);
    const inside = forbiddenPhrases(vocabulary, ["kill", "no whale"]);
    const words = forbiddenPhrases(vocabulary, ["kill", "no whale"], { wholeWords: true, ignoreCase: true });
    for (const [sample, asPart, asWord] of [
      ["the whale kills", true, false],
      ["to kill a whale", true, true],
      ["Kill", false, true],
      ["a kilt", false, false],
      ["no \n whale, kil", false, true],
      ["no whale", true, true],
    ] as const) {
      expect(isAccepted(inside, tokenizer.encode(sample)), sample).to.equal(!asPart);
      expect(isAccepted(words, tokenizer.encode(sample)), sample).to.equal(!asWord);
    }
    expect(vocabulary.some((token) => token.length > 4)).to.equal(true);
  });

  it("the bytes of tokens are what they decode to; special tokens have none", () => {
    const character = new CharacterTokenizer([..."ähi"], { unknown: "bytes" });
    const pairs = BytePairTokenizer.train("ähi hi hi ähi", 262);
    for (const tokenizer of [character, pairs]) {
      const ids = tokenizer.encode("hi ähi €");
      const bytes = ids.flatMap((id) => [...tokenizer.bytes(id)]);
      expect(new TextDecoder().decode(Uint8Array.from(bytes))).to.equal("hi ähi €");
      expect(tokenizer.bytes(tokenizer.special.eos)).to.have.length(0);
      expect(() => tokenizer.bytes(tokenizer.vocabularySize)).to.throw(DomainError, "token id");
    }
  });

  it("refuse what cannot be", () => {
    const vocabulary = bytesOf(["a", "b"]);
    expect(() => forbiddenPhrases(vocabulary, [])).to.throw(DomainError, "phrases");
    expect(() => forbiddenPhrases(vocabulary, [""])).to.throw(DomainError, "at least one byte");
    expect(() => forbiddenPhrases(vocabulary, ["..."], { wholeWords: true })).to.throw(
      DomainError,
      "at least one letter",
    );
    expect(() => forbiddenPhrases([], ["a"])).to.throw(DomainError, "vocabulary");
    expect(() => forbiddenPhrases(vocabulary, ["a"], { end: 2 })).to.throw(DomainError, "end");
    expect(() => isAccepted(forbiddenPhrases(vocabulary, ["a"]), [2])).to.throw(DomainError, "completion");
  });
});

describe("a shield of text: the mask and the exact conditional", () => {
  const task = phraseTask();
  const { tree, words } = task;
  const [reference] = task.reference;
  const [utility] = task.utility;
  const conditionals = conditionalLogProbs(tree, reference);
  const [WHALE, SEA, VERY, BAD] = ["whale", "sea", "very", "bad"].map((word) => words.indexOf(word));
  const distance = (a: Float64Array, b: Float64Array) =>
    a.reduce((sum, logp, y) => sum + Math.abs(Math.exp(logp) - Math.exp(b[y])), 0) / 2;
  const both = (isSafe: readonly boolean[]) => {
    const exact = exactShield(tree, conditionals, isSafe);
    const mask = maskedPolicy(tree, conditionals, { isSafe });
    return {
      exact,
      mask,
      logExact: sequenceLogProbs(tree, exact.conditionals),
      logMask: sequenceLogProbs(tree, mask.conditionals),
    };
  };
  const polite = tree.sequences.map((y) => !y.some((word, t) => word === VERY && y[t + 1] === BAD));

  it("never 'very bad': the mask writes 'very good whale' half as often again, and flatters", () => {
    const { exact, logExact, logMask } = both(polite);
    expect(exact.probability).to.be.closeTo(0.841107, 1e-6);
    const flattery = tree.sequences.findIndex((y) => phraseText(y) === "very good whale");
    expect(Math.exp(logMask[flattery])).to.be.closeTo(0.0511, 5e-5);
    expect(Math.exp(logExact[flattery])).to.be.closeTo(0.0314, 5e-5);
    const seen = [reference, logExact, logMask].map((logp) => exactExpectation(logp, utility));
    [-0.011, 0.246, 0.366].forEach((expected, i) => {
      expect(seen[i]).to.be.closeTo(expected, 5e-4);
    });
    expect(exactKL(logExact, logMask)).to.be.closeTo(0.0434, 5e-5);
    expect(distance(logExact, logMask)).to.be.closeTo(0.1286, 5e-5);
  });

  it("the exact one is the reference conditioned on safety, and pays -ln P(safe)", () => {
    const { exact, logExact } = both(polite);
    logExact.forEach((logp, y) => {
      const expected = polite[y] ? Math.exp(reference[y]) / exact.probability : 0;
      expect(Math.exp(logp)).to.be.closeTo(expected, 1e-12);
    });
    expect(exact.kl).to.be.closeTo(-Math.log(exact.probability), 1e-15);
    expect(exactKL(logExact, reference)).to.be.closeTo(exact.kl, 1e-10);
  });

  it("h of a prefix is the probability that the rest is safe, summed over its sequences", () => {
    const { safe } = both(polite).exact;
    for (const p of [0, 3, 17, 200]) {
      const prefix = tree.prefixes[p];
      let [all, good] = [0, 0];
      tree.sequences.forEach((y, n) => {
        if (!prefix.every((word, t) => y[t] === word)) return;
        all += Math.exp(reference[n]);
        if (polite[n]) good += Math.exp(reference[n]);
      });
      expect(safe[p]).to.be.closeTo(good / all, 1e-10);
    }
  });

  it("no always-safe policy has less KL: the mask, and 20 others", () => {
    const small = sequenceTree(4, 3);
    const policy = nextTokenLogProbs(treePolicy(small, normal(key(1), small.prefixes.length * 4)));
    const isSafe = small.sequences.map((y) => !y.includes(2) || y.includes(3));
    const logp = sequenceLogProbs(small, policy);
    const { kl } = exactShield(small, policy, isSafe);
    const masked = sequenceLogProbs(small, maskedPolicy(small, policy, { isSafe }).conditionals);
    expect(exactKL(masked, logp)).to.be.above(kl);
    for (let i = 0; i < 20; i++) {
      const other = nextTokenLogProbs(treePolicy(small, normal(key(2 + i), small.prefixes.length * 4)));
      const safeOther = sequenceLogProbs(small, exactShield(small, other, isSafe).conditionals);
      expect(exactKL(safeOther, logp)).to.be.at.least(kl - 1e-12);
    }
  });

  it("'ends, whale, no sea': a mask of what is wrong now runs out of room; with look-ahead it is another policy", () => {
    const isSafe = tree.sequences.map((y) => y.at(-1) === tree.end && y.includes(WHALE) && !y.includes(SEA));
    const { exact, mask, logExact, logMask } = both(isSafe);
    expect(exact.probability).to.be.closeTo(0.364, 5e-4);
    expect(distance(logExact, logMask)).to.be.closeTo(0.25, 5e-4);
    expect(Math.exp(mask.conditionals[WHALE])).to.be.closeTo(0.168, 5e-5);
    expect(Math.exp(exact.conditionals[WHALE])).to.be.closeTo(0.3188, 5e-5);
    expect(mask.stuck.every((probability) => probability === 0)).to.equal(true);
    logMask.forEach((logp, y) => {
      expect(logp > Number.NEGATIVE_INFINITY).to.equal(isSafe[y]);
    });
    const wrong = (y: readonly number[]) => y.includes(SEA) || (y.at(-1) === tree.end && !y.includes(WHALE));
    const now = maskedPolicy(tree, conditionals, { isWrong: wrong });
    const logNow = sequenceLogProbs(tree, now.conditionals);
    const safe = logNow.reduce((sum, logp, y) => sum + (isSafe[y] ? Math.exp(logp) : 0), 0);
    expect(1 - safe).to.be.closeTo(0.2415, 5e-5); // cut off before they end
    // Told that a cut is wrong as well, it meets prefixes where no token is left.
    const cut = (y: readonly number[]) => wrong(y) || (y.length === tree.length && y.at(-1) !== tree.end);
    const stuck = maskedPolicy(tree, conditionals, { isWrong: cut });
    const lost = stuck.stuck.reduce((a, b) => a + b);
    expect(lost).to.be.closeTo(0.0172, 5e-5);
    const written = sequenceLogProbs(tree, stuck.conditionals).reduce((sum, logp) => sum + Math.exp(logp), 0);
    expect(written + lost).to.be.closeTo(1, 1e-10);
  });

  it("everything safe changes nothing; nothing safe, other lengths and NaN are refused", () => {
    const { logExact, logMask } = both(tree.sequences.map(() => true));
    expect(distance(logExact, reference)).to.be.below(1e-12);
    expect(distance(logMask, reference)).to.be.below(1e-12);
    const none = tree.sequences.map(() => false);
    expect(() => exactShield(tree, conditionals, none)).to.throw(DomainError, "isSafe");
    expect(() => maskedPolicy(tree, conditionals, { isSafe: none })).to.throw(DomainError, "isSafe");
    expect(() => exactShield(tree, conditionals.subarray(1), polite)).to.throw(ShapeError, "conditionals");
    expect(() => exactShield(tree, conditionals, [true])).to.throw(ShapeError, "isSafe");
    const broken = conditionals.map((x, i) => (i === 7 ? Number.NaN : x));
    expect(() => exactShield(tree, broken, polite)).to.throw(DomainError, "NaN");
  });
});
