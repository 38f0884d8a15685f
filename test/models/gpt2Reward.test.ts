import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { CheckpointError, DomainError } from "../../lib/src/core/index.js";
import {
  exportPolicy,
  exportReward,
  loadGpt2,
  loadGpt2Reward,
  type ScalarModelParams,
  saveGpt2,
  saveGpt2Reward,
  scalarModel,
} from "../../lib/src/models/index.js";
import { key, randint } from "../../lib/src/random/index.js";
import { readSafetensors, tf, writeSafetensors } from "../../lib/src/tensor/index.js";
import { CharacterTokenizer } from "../../lib/src/tokenizers/index.js";

describe("models/gpt2Reward", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "rlhf-lab-gpt2-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const model = scalarModel({ vocabulary: 9, context: 6, width: 8, layers: 2, heads: 2, deviation: 0.5 });
  const tokens = tf.tensor2d(randint(key(1), 24, 0, 9), [4, 6], "int32");
  const ends = tf.tensor1d([5, 3, 0, 4], "int32");
  const say = (params: ScalarModelParams) => [...model.rewards(params, tokens, ends).dataSync()];
  const withBias = (bias: number): ScalarModelParams => {
    const params = model.init(key(2));
    return { ...params, head: { ...params.head, bias: tf.tensor1d([bias]) } };
  };

  it("gives the same rewards after the way out and back, whatever the head's bias", () => {
    for (const bias of [0, 3, -0.25]) {
      const params = withBias(bias);
      saveGpt2Reward(folder, model.backbone.config, params, { pad: 0, eos: 1 });
      const loaded = loadGpt2Reward(folder);
      expect(loaded.config).to.deep.equal(model.backbone.config);
      expect(loaded.ids).to.deep.equal({ bos: undefined, eos: 1, pad: 0 });
      expect(loaded.params.head.bias.dataSync()[0]).to.equal(0);
      const [before, after] = [say(params), say(loaded.params)];
      before.forEach((reward, i) => {
        expect(after[i]).to.be.closeTo(reward, bias === 0 ? 0 : 1e-5);
      });
      // Without a bias nothing is changed on the way.
      if (bias === 0) {
        expect([...loaded.params.body.norm.bias.dataSync()]).to.deep.equal([...params.body.norm.bias.dataSync()]);
      }
    }
  });

  it("is a folder of transformers: names, shapes, one label", () => {
    saveGpt2Reward(folder, model.backbone.config, withBias(1), { pad: 0 });
    const { tensors } = readSafetensors(join(folder, "model.safetensors"));
    expect(tensors["score.weight"].shape).to.deep.equal([1, 8]);
    expect(Object.keys(tensors)).to.have.length(4 + 2 * 12 + 1);
    const config = JSON.parse(readFileSync(join(folder, "config.json"), "utf8"));
    expect(config).to.deep.include({ architectures: ["GPT2ForSequenceClassification"], pad_token_id: 0 });
    expect(Object.keys(config.id2label)).to.deep.equal(["0"]);
  });

  it("refuses a head of zeros with a bias, no padding, another width, and folders without a score", () => {
    const { config } = model.backbone;
    const zero = { ...withBias(1), head: { weight: tf.zeros([8, 1]), bias: tf.tensor1d([1]) } };
    expect(() => saveGpt2Reward(folder, config, zero, { pad: 0 })).to.throw(DomainError, /head\.bias/);
    zero.head.bias = tf.zeros([1]);
    saveGpt2Reward(folder, config, zero, { pad: 0 });
    expect(say(loadGpt2Reward(folder).params)).to.deep.equal([0, 0, 0, 0]);
    expect(() => saveGpt2Reward(folder, config, withBias(0), {} as never)).to.throw(DomainError, /pad/);
    const narrow = { ...withBias(0), head: { weight: tf.ones([4, 1]), bias: tf.zeros([1]) } };
    expect(() => saveGpt2Reward(folder, config, narrow, { pad: 0 })).to.throw(CheckpointError, /head\.weight/);
    expect(() => loadGpt2(folder)).to.throw(CheckpointError, /score\.weight is not a part/);
    const file = join(folder, "model.safetensors");
    const content = readSafetensors(file);
    content.tensors["score.bias"] = { type: "F32", shape: [1], values: new Float32Array(1) };
    writeSafetensors(file, content);
    expect(() => loadGpt2Reward(folder)).to.throw(CheckpointError, /score\.bias is not a part/);
    saveGpt2(folder, config, withBias(0).body);
    expect(() => loadGpt2Reward(folder)).to.throw(CheckpointError, /score\.weight is missing/);
    const before = tf.memory().numTensors;
    expect(() => loadGpt2Reward(folder)).to.throw();
    expect(tf.memory().numTensors).to.equal(before);
  });

  it("exports with the tokenizer that the model was made for, not with another", () => {
    const tokenizer = CharacterTokenizer.train("abcdefg");
    const params = withBias(1);
    exportReward(folder, model, params, tokenizer);
    expect(loadGpt2Reward(folder).ids).to.deep.equal({ bos: 1, eos: 1, pad: 0 });
    exportPolicy(folder, model.backbone, params.body, tokenizer);
    expect(loadGpt2(folder).ids).to.deep.equal({ bos: 1, eos: 1, pad: 0 });
    const other = CharacterTokenizer.train("abc");
    expect(() => exportReward(folder, model, params, other)).to.throw(DomainError, /tokenizer/);
    expect(() => exportPolicy(folder, model.backbone, params.body, other)).to.throw(DomainError, /tokenizer/);
  });
});
