import { expect } from "chai";
import { DomainError } from "../../../lib/src/core/index.js";
import { generator, leftPad } from "../../../lib/src/models/index.js";
import { key } from "../../../lib/src/random/index.js";
import { tokenScoreReward } from "../../../lib/src/rewards/tokenScoreReward.tensor.js";
import { transformerReward } from "../../../lib/src/rewards/transformerReward.tensor.js";
import { disposeTree, tf } from "../../../lib/src/tensor/index.js";
import { CharacterTokenizer } from "../../../lib/src/tokenizers/index.js";
import {
  completionsOf,
  readsCompletion,
  readsLastToken,
  referenceReward,
  rewardFromModel,
  textReward,
} from "../../../lib/src/train/index.js";
import { model, start } from "./phraseWorld.js";

describe("reward functions of a trainer", () => {
  // Prompts of two lengths, so that the shorter one is padded on the left while the policy writes.
  const prompts = [[5], [6, 1], [5]];
  const padded = leftPad(prompts);
  const rollout = generator(model, { newTokens: 2, stop: 0 })(key(3), start, padded);
  const completions = completionsOf(rollout, prompts);
  const size = { vocabulary: 7, context: 4, width: 8, layers: 1, heads: 2 };

  it("a reward model reads prompt and completion from column 0, whatever the padding: at the last token, or token by token", () => {
    const atEnd = transformerReward(size);
    const everywhere = tokenScoreReward(size);
    const [endParams, scoreParams] = [atEnd.init(key(4)), everywhere.init(key(5))];
    scoreParams.head.weight = tf.randomStandardNormal([8, 1], "float32", 6) as tf.Tensor2D;
    const [byEnd, byScore] = [
      rewardFromModel(atEnd, endParams, readsLastToken)(completions),
      rewardFromModel(everywhere, scoreParams, readsCompletion)(completions),
    ];
    completions.written.forEach((written, b) => {
      // One row alone, without any padding at all.
      const bare = [...prompts[b], ...written];
      const tokens = tf.tensor2d([bare], undefined, "int32");
      const ends = tf.tensor1d([bare.length - 1], "int32");
      const mask = tf.tensor2d([bare.map((_, t) => (t < prompts[b].length ? 0 : 1))]);
      expect(byEnd[b]).to.be.closeTo(atEnd.rewards(endParams, { tokens, ends }).dataSync()[0], 1e-5);
      expect(byScore[b]).to.be.closeTo(everywhere.rewards(scoreParams, { tokens, mask }).dataSync()[0], 1e-5);
    });
  });

  it("a text reward reads what was written, and the prompt, in words", () => {
    const tokenizer = new CharacterTokenizer([..."abcde"]);
    const seen: string[] = [];
    const reward = textReward(tokenizer, (completion, prompt) => {
      seen.push(`${prompt}|${completion}`);
      return completion.length;
    });
    const values = Array.from(reward(completions));
    expect(seen).to.deep.equal(
      completions.written.map((written, b) => `${tokenizer.decode(prompts[b])}|${tokenizer.decode([...written])}`),
    );
    expect(values).to.deep.equal(seen.map((text) => text.split("|")[1].length));
  });

  it("a reference reward compares with what was written after the same prompt, and knows no other prompt", () => {
    const tokenizer = new CharacterTokenizer([..."abcde"]);
    const demonstrations = [
      { prompt: [5], completion: [3, 4] },
      { prompt: [6, 1], completion: [2] },
      { prompt: [5], completion: [6] },
    ];
    const seen: string[][] = [];
    const score = (text: string, references: readonly string[]) => seen.push([text, ...references]);
    expect(Array.from(referenceReward(tokenizer, demonstrations, score)(completions))).to.deep.equal([1, 2, 3]);
    const written = completions.written.map((tokens) => tokenizer.decode(tokens));
    const [twice, once] = [[[3, 4], [6]].map((tokens) => tokenizer.decode(tokens)), [tokenizer.decode([2])]];
    expect(seen).to.deep.equal([
      [written[0], ...twice],
      [written[1], ...once],
      [written[2], ...twice],
    ]);
    expect(() => referenceReward(tokenizer, demonstrations.slice(0, 1), score)(completions)).to.throw(
      DomainError,
      "prompts[1]: expected a prompt of the demonstrations",
    );
  });

  after(() => disposeTree([rollout, padded]));
});
