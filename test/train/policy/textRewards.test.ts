import { expect } from "chai";
import { transformer } from "../../../lib/src/models/index.js";
import { mean } from "../../../lib/src/numerics/index.js";
import { key, randint } from "../../../lib/src/random/index.js";
import { distinctN, rougeL, rougeN, sentenceBleu } from "../../../lib/src/rewards/index.js";
import { adam, cosineSchedule, disposeTree } from "../../../lib/src/tensor/index.js";
import { CharacterTokenizer } from "../../../lib/src/tokenizers/index.js";
import { algorithms, type Completions, referenceReward, trainPolicy } from "../../../lib/src/train/index.js";

// One letter is one word: two questions, y and z, each with the answer that a person gave. (No punctuation: ROUGE does
// not see it, and a policy paid by ROUGE finds that out and pads its replies with it.)
const tokenizer = new CharacterTokenizer([..."abcdefyz"]);
const spaced = (text: string) => [...text].join(" ");
const demonstrations = [
  { prompt: tokenizer.encode("y"), completion: tokenizer.encode("abcde") },
  { prompt: tokenizer.encode("z"), completion: tokenizer.encode("fedca") },
];
const model = transformer({
  vocabulary: tokenizer.vocabularySize,
  context: 11,
  width: 24,
  layers: 1,
  heads: 2,
  deviation: 0.2,
});
const start = model.init(key(1));
const iterations = 100;
const algorithm = algorithms.rloo({ group: 16 });
const optimizer = adam({ rate: cosineSchedule(1e-2, iterations), maxNorm: 1 });

async function learn(score: (text: string, references: readonly string[]) => number) {
  let last: Completions["written"] = [];
  const reward = referenceReward(tokenizer, demonstrations, (text, references) =>
    score(spaced(text), references.map(spaced)),
  );
  const { params, history } = await trainPolicy(key(2), {
    model,
    start,
    algorithm,
    optimizer,
    prompts: (k, count) => Array.from(randint(k, count, 0, 2), (which) => demonstrations[which].prompt),
    reward(completions) {
      last = completions.written;
      return reward(completions);
    },
    batch: 64,
    iterations,
    newTokens: 10,
    stop: tokenizer.special.eos,
    beta: 0,
    label: false,
  });
  disposeTree(params);
  const texts = last.map((tokens) => spaced(tokenizer.decode(tokens)));
  return { before: history[0].reward, after: history[iterations - 1].reward, texts };
}

describe("BLEU and ROUGE as rewards of a transformer policy", () => {
  it("ROUGE-L against a reference goes from under 0.3 to over 0.8, at about the reference's length", async () => {
    const { before, after, texts } = await learn((text, [reference]) => rougeL(text, reference).fMeasure);
    expect(before).to.be.below(0.3);
    expect(after).to.be.above(0.8);
    expect(mean(texts.map((text) => text.split(" ").length))).to.be.within(4, 6);
  });

  it("BLEU, smoothed, goes from under 0.1 to over 0.3: by saying a piece of the reference word for word", async () => {
    const { before, after, texts } = await learn((text, references) => sentenceBleu(text, references).score / 100);
    expect(before).to.be.below(0.1);
    expect(after).to.be.above(0.3);
    const pieces = texts.filter((text) => ["a b c d e", "f e d c a"].some((reference) => reference.includes(text)));
    expect(pieces.length).to.be.above(texts.length / 2);
  });

  it("ROUGE-1's recall alone makes the policy talk to the end, in repetitions", async () => {
    const { after, texts } = await learn((text, [reference]) => rougeN(1, text, reference).recall);
    expect(after).to.be.above(0.8);
    expect(mean(texts.map((text) => text.split(" ").length))).to.be.above(9);
    expect(mean(texts.map((text) => distinctN(text.split(" "), 1)))).to.be.below(0.7);
  });
});
