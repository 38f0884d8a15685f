import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { DataError, DomainError } from "../../../lib/src/core/index.js";
import { encodeComparisons, readComparisons } from "../../../lib/src/data/index.js";
import { transformer } from "../../../lib/src/models/index.js";
import { key } from "../../../lib/src/random/index.js";
import { completionInputs, tokenScoreReward } from "../../../lib/src/rewards/tensor.js";
import { adam } from "../../../lib/src/tensor/index.js";
import { CharacterTokenizer } from "../../../lib/src/tokenizers/index.js";
import { directMethods, trainDirect, trainRewardModel } from "../../../lib/src/train/index.js";

const tokenizer = new CharacterTokenizer("abcdefghijklmnopqrstuvwxyz :\nHA");
const encode = (text: string) => tokenizer.encode(text);

describe("comparisons, from texts to tokens", () => {
  it("keep the end of a prompt and the beginning of an answer, and count what was cut", async () => {
    const texts = [
      { prompt: "a long question", chosen: "yes sir", rejected: "no" },
      { prompt: "b", chosen: "ok", rejected: "no" },
    ];
    const { comparisons, cut, left } = await encodeComparisons(tokenizer, texts, {
      promptTokens: 8,
      completionTokens: 3,
    });
    expect(comparisons).to.deep.equal([
      { prompt: encode("question"), chosen: encode("yes"), rejected: encode("no") },
      { prompt: encode("b"), chosen: encode("ok"), rejected: encode("no") },
    ]);
    expect({ cut, left }).to.deep.equal({ cut: { prompts: 1, answers: 1 }, left: { empty: 0, alike: 0 } });
  });

  it("say how many teach nothing: an empty answer, two that are the same once cut", async () => {
    const texts = [
      { prompt: "a", chosen: "", rejected: "no" },
      { prompt: "a", chosen: "yes", rejected: "yesterday" },
      { prompt: "a", chosen: "yes", rejected: "no" },
    ];
    const end = tokenizer.special.eos;
    const whole = await encodeComparisons(tokenizer, texts, { end });
    expect(whole.left).to.deep.equal({ empty: 1, alike: 0 });
    expect(whole.comparisons[0].chosen).to.deep.equal([...encode("yes"), end]);
    const short = await encodeComparisons(tokenizer, texts, { completionTokens: 3, end });
    expect(short.left).to.deep.equal({ empty: 1, alike: 1 });
    expect(short.comparisons).to.have.length(1);
    expect(short.comparisons[0].rejected).to.deep.equal([...encode("no"), end]);
  });

  it("refuse lengths and ends that cannot be, and name the comparison that cannot be written", async () => {
    const thrown = (texts: object[], options = {}) =>
      encodeComparisons(tokenizer, texts as never, options).then(
        () => undefined,
        (error) => error as Error,
      );
    expect(await thrown([], { promptTokens: 0 })).to.be.instanceOf(DomainError);
    expect(await thrown([], { completionTokens: 1.5 })).to.be.instanceOf(DomainError);
    expect(await thrown([], { end: 999 })).to.be.instanceOf(DomainError);
    const fine = { prompt: "a", chosen: "b", rejected: "c" };
    const error = await thrown([fine, { ...fine, chosen: "ß" }]);
    expect(error).to.be.instanceOf(DataError);
    expect(error?.message).to.match(/^comparison 2: /);
  });

  it("go from an HH-RLHF file to a reward model and to DPO in five lines", async () => {
    const folder = mkdtempSync(join(tmpdir(), "rlhf-lab-comparisons-"));
    try {
      const dialogue = (question: string, answer: string) => `\n\nHuman: ${question}\n\nAssistant: ${answer}`;
      const lines = Array.from("abcdefghij", (letter) =>
        JSON.stringify({ chosen: dialogue(letter, "very good"), rejected: dialogue(letter, "very bad") }),
      );
      writeFileSync(join(folder, "train.jsonl"), lines.join("\n"));
      const options = { vocabulary: tokenizer.vocabularySize, context: 32, width: 16, layers: 1, heads: 2 };
      const [model, rewardModel] = [transformer(options), tokenScoreReward(options)];
      const shared = { optimizer: adam({ rate: 1e-2 }), steps: 30, batch: 8, label: false } as const;

      const file = readComparisons(join(folder, "train.jsonl"));
      const { comparisons } = await encodeComparisons(tokenizer, file, { promptTokens: 16, completionTokens: 16 });
      const reward = await trainRewardModel(key(1), {
        ...shared,
        model: rewardModel,
        train: completionInputs(comparisons),
      });
      const start = model.init(key(2));
      const policy = await trainDirect(key(3), { ...shared, model, start, method: directMethods.dpo(), comparisons });

      expect(reward.history[29].accuracy).to.equal(1);
      expect(policy.history[29].accuracy).to.equal(1);
      expect(policy.history[29].margin).to.be.above(policy.history[0].margin + 0.5);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
