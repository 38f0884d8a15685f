import { expect } from "chai";
import { DomainError, key } from "rlhf-lab";
import { completions, generator, leftPad, rolloutFunction, transformer } from "rlhf-lab/models";
import { split, uniform32 } from "rlhf-lab/random";
import { forbiddenPhrases } from "rlhf-lab/safety";
import { mapTree, normalInit, tf } from "rlhf-lab/tensor";
import { isAccepted } from "rlhf-lab/tokenizers";
import { completionLogProbs } from "rlhf-lab/train";
import { maskTokens, sequenceIndex, sequenceLogProbs, sequenceTree } from "rlhf-lab/trees";

// Token 0 ends; the others are letters and a gap.
const names = ["", "a", "b", " "];
const vocabulary = names.map((name) => new TextEncoder().encode(name));
const automaton = forbiddenPhrases(vocabulary, ["ab", "b", "bbbb"], { wholeWords: true, end: 0 });
const model = transformer({ vocabulary: 4, context: 8, width: 16, layers: 2, heads: 2 });
const keys = split(key(3), 100);
let leaf = 0;
const params = mapTree(model.init(key(1)), (weights, path) =>
  path.endsWith("gain") ? weights : normalInit(keys[leaf++], weights.shape, 0.5),
);
const N = 4;

describe("constrained decoding by an automaton", () => {
  it("writes only what it lets through, from what is in the prompt, to the last token", () => {
    const prompts = Array.from({ length: 64 }, (_, i) => [[1], [3], [1, 2, 3], [3, 2]][i % 4]);
    const rollout = generator(model, { newTokens: N, stop: 0, automaton })(key(5), params, leftPad(prompts));
    const written = completions(rollout);
    const seen = new Set<string>();
    written.forEach((completion, b) => {
      expect(isAccepted(automaton, completion, prompts[b])).to.equal(true);
      seen.add(completion.map((id) => names[id]).join(""));
    });
    expect(seen.size).to.be.above(10);
    const free = completions(generator(model, { newTokens: N, stop: 0 })(key(5), params, leftPad(prompts)));
    const wrong = free.filter((completion, b) => !isAccepted(automaton, completion, prompts[b]));
    expect(wrong.length).to.be.above(2);
  });

  it("draws from the masked policy, exactly: the probability of every completion, by enumeration", () => {
    const tree = sequenceTree(4, N);
    const prompt = [3];
    const logp = completionLogProbs(
      model,
      params,
      tree.sequences.map((completion) => ({ prompt, completion })),
    );
    // Conditionals of the model, read off the sums.
    const sums = new Map<string, number>();
    tree.sequences.forEach((y, n) => {
      for (let t = 0; t <= y.length; t++) {
        const prefix = y.slice(0, t).join();
        sums.set(prefix, (sums.get(prefix) ?? 0) + Math.exp(logp[n]));
      }
    });
    const conditionals = tree.prefixes.flatMap((prefix) =>
      names.map((_, v) => Math.log((sums.get([...prefix, v].join()) as number) / (sums.get(prefix.join()) as number))),
    );
    const goesOn = (tokens: readonly number[]): boolean =>
      tokens.length === N || tokens.at(-1) === 0
        ? isAccepted(automaton, tokens, prompt)
        : names.some((_, v) => goesOn([...tokens, v]));
    const masked = maskTokens(tree, conditionals, (p, v) => goesOn([...tree.prefixes[p], v]));
    expect(masked.stuck.every((x) => x === 0)).to.equal(true);
    const exact = sequenceLogProbs(tree, masked.conditionals);
    const B = 512;
    const prompts = leftPad(new Array(B).fill(prompt));
    const rollout = generator(model, { newTokens: N, stop: 0, automaton })(key(6), params, prompts);
    const perToken = rollout.samplingLogProbs.sum(1).arraySync() as number[];
    const underModel = rollout.logProbs.sum(1).arraySync() as number[];
    const counts = new Float64Array(tree.sequences.length);
    completions(rollout).forEach((completion, b) => {
      const y = sequenceIndex(tree, completion);
      counts[y]++;
      expect(perToken[b]).to.be.closeTo(exact[y], 1e-4);
      expect(underModel[b]).to.be.closeTo(logp[y], 1e-4);
    });
    // Total variation of B draws from K outcomes: at most sqrt(K / B) / 2 on average; twice that with room.
    const distance = counts.reduce((sum, count, y) => sum + Math.abs(count / B - Math.exp(exact[y])), 0) / 2;
    expect(distance).to.be.below(Math.sqrt(counts.filter((_, y) => exact[y] > Number.NEGATIVE_INFINITY).length / B));
  });

  it("captured gives the same bits, with top-k, a temperature, and at temperature 0", () => {
    const rows = Array.from({ length: 17 }, (_, i) => (i % 2 === 0 ? [1] : [2, 1, 3]));
    for (const more of [{}, { temperature: 0.7, topK: 3 }, { temperature: 0 }]) {
      const options = { newTokens: N, stop: 0, automaton, ...more };
      const prompts = leftPad(rows);
      const states = tf.tensor1d(
        rows.map((row) => automaton.stateAfter(row)),
        "int32",
      );
      const noise = tf.tensor2d(uniform32(key(7), 17 * N), [17, N]);
      const plain = rolloutFunction(model, options)(params, { ...prompts, states }, noise);
      const fast = generator(model, options)(key(7), params, prompts);
      expect([...fast.tokens.dataSync()]).to.deep.equal([...plain.tokens.dataSync()]);
      expect([...fast.samplingLogProbs.dataSync()]).to.deep.equal([...plain.samplingLogProbs.dataSync()]);
      completions(fast).forEach((completion, b) => {
        expect(isAccepted(automaton, completion, rows[b])).to.equal(true);
      });
    }
  });

  it("two automata over one model are not taken for each other", () => {
    const other = forbiddenPhrases(vocabulary, ["a"], { end: 0 });
    const prompts = leftPad(new Array(32).fill([3]));
    const write = (rule: typeof other) =>
      completions(generator(model, { newTokens: N, stop: 0, automaton: rule })(key(8), params, prompts));
    expect(write(other).some((completion) => completion.includes(1))).to.equal(false);
    expect(write(automaton).some((completion) => completion.includes(1))).to.equal(true);
  });

  it("refuses an automaton over other tokens, an end that it does not know, and a prompt without a way out", () => {
    const refuse = (vocab: Uint8Array[], phrases: string[], options: object, words: string) => {
      const rule = forbiddenPhrases(vocab, phrases, options);
      expect(() => {
        generator(model, { newTokens: N, stop: 0, automaton: rule })(key(9), params, leftPad([[1]]));
      }).to.throw(DomainError, words);
    };
    refuse(vocabulary.slice(1), ["a"], {}, "automaton");
    refuse(vocabulary, ["a"], { wholeWords: true }, "automaton.end");
    refuse(vocabulary, ["a"], { end: 3 }, "would not be watched");
    const closed = forbiddenPhrases(vocabulary.slice(1), ["ab", "aa", "a "]);
    const three = transformer({ vocabulary: 3, context: 8, width: 16, layers: 1, heads: 2 });
    expect(() =>
      generator(three, { newTokens: 2, automaton: closed })(key(1), three.init(key(1)), leftPad([[0]])),
    ).to.throw(DomainError, "row 0");
  });

  it("without a state for each row it is refused", () => {
    const run = rolloutFunction(model, { newTokens: N, stop: 0, automaton });
    const noise = tf.tensor2d(uniform32(key(7), N), [1, N]);
    expect(() => run(params, leftPad([[1]]), noise)).to.throw(DomainError, "states");
  });
});
