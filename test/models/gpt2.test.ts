import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { CheckpointError, DomainError } from "../../lib/src/core/index.js";
import { loadGpt2, saveGpt2, saveGpt2Tokenizer, transformer } from "../../lib/src/models/index.js";
import { key } from "../../lib/src/random/index.js";
import { namedLeaves, readSafetensors, tf, writeSafetensors } from "../../lib/src/tensor/index.js";
import { BytePairTokenizer, CharacterTokenizer } from "../../lib/src/tokenizers/index.js";
import { asksPython, environment, skipped } from "../realPython.js";

const here = dirname(fileURLToPath(import.meta.url));
const golden = join(here, "../golden/gpt2");
const expected = JSON.parse(readFileSync(join(golden, "expected.json"), "utf8")) as {
  tokens: number[][];
  logits: number[][][];
};

const POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${"0".repeat(64)}\nsize 548105171\n`;

describe("models/gpt2", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "rlhf-lab-gpt2-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const logitsOf = ({ config, params }: ReturnType<typeof loadGpt2>) => {
    const tokens = tf.tensor2d(expected.tokens, undefined, "int32");
    return transformer(config).logits(params, tokens).dataSync();
  };
  const worst = (got: ArrayLike<number>) =>
    expected.logits.flat(2).reduce((most, want, i) => Math.max(most, Math.abs(got[i] - want)), 0);

  it("gives the logits that transformers computes, with and without the prefix of names, to 1e-4", () => {
    for (const layout of ["causal", "body"]) {
      const loaded = loadGpt2(join(golden, layout));
      expect(loaded.config).to.include({ vocabulary: 50, context: 16, width: 16, layers: 2, heads: 4, dropout: 0.1 });
      expect(loaded.ids).to.deep.equal({ bos: 1, eos: 1, pad: undefined });
      expect(worst(logitsOf(loaded)), layout).to.be.below(1e-4);
    }
    expect(Math.max(...expected.logits.flat(2))).to.be.greaterThan(3); // nothing near zero everywhere
  });

  it("writes what it reads, bit for bit, under the names that transformers uses", () => {
    const loaded = loadGpt2(join(golden, "causal"));
    saveGpt2(folder, loaded.config, loaded.params, loaded.ids);
    const [ours, theirs] = [folder, join(golden, "causal")].map(
      (path) => readSafetensors(join(path, "model.safetensors")).tensors,
    );
    expect(Object.keys(ours).sort()).to.deep.equal(Object.keys(theirs).sort());
    for (const name of Object.keys(ours)) expect(ours[name], name).to.deep.equal(theirs[name]);
    const config = JSON.parse(readFileSync(join(folder, "config.json"), "utf8"));
    const original = JSON.parse(readFileSync(join(golden, "causal/config.json"), "utf8"));
    for (const name of Object.keys(config)) expect(config[name], name).to.deep.equal(original[name]);
  });

  it("saves a model of ours and loads it again, special tokens included", () => {
    const model = transformer({ vocabulary: 11, context: 6, width: 8, layers: 3, heads: 2, dropout: 0.2 });
    const params = model.init(key(1));
    saveGpt2(folder, model.config, params, { bos: 1, eos: 1, pad: 0 });
    const loaded = loadGpt2(folder);
    expect(loaded.config).to.deep.equal(model.config);
    expect(loaded.ids).to.deep.equal({ bos: 1, eos: 1, pad: 0 });
    const values = (tree: typeof params) => namedLeaves(tree).map(([name, leaf]) => [name, [...leaf.dataSync()]]);
    expect(values(loaded.params)).to.deep.equal(values(params));
  });

  it("takes a stored head that equals the embedding, and the masks of old files", () => {
    cpSync(join(golden, "body"), folder, { recursive: true });
    const file = join(folder, "model.safetensors");
    const content = readSafetensors(file);
    content.tensors["lm_head.weight"] = content.tensors["wte.weight"];
    content.tensors["h.0.attn.bias"] = { type: "F32", shape: [1, 1, 2, 2], values: new Float32Array(4) };
    writeSafetensors(file, content);
    expect(worst(logitsOf(loadGpt2(folder)))).to.be.below(1e-4);
  });

  it("refuses what is not the GPT-2 it computes, and says why", () => {
    const refuse = (change: (folder: string) => void, words: RegExp) => {
      cpSync(join(golden, "causal"), folder, { recursive: true });
      change(folder);
      expect(() => loadGpt2(folder)).to.throw(CheckpointError, words);
    };
    const config = (changes: object) => (path: string) => {
      const file = join(path, "config.json");
      writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, "utf8")), ...changes }));
    };
    const weights = (change: (tensors: ReturnType<typeof readSafetensors>["tensors"]) => void) => (path: string) => {
      const file = join(path, "model.safetensors");
      const content = readSafetensors(file);
      change(content.tensors);
      writeSafetensors(file, content);
    };
    refuse(config({ activation_function: "relu" }), /activation_function.*gelu_new.*relu/);
    refuse(config({ tie_word_embeddings: false }), /tie_word_embeddings/);
    refuse(config({ model_type: "llama" }), /model_type/);
    refuse(config({ n_head: 3 }), /config\.width/);
    refuse(config({ vocab_size: 51 }), /wte\.weight.*\[51,16\].*\[50,16\]/);
    refuse((path) => writeFileSync(join(path, "config.json"), "{"), /not JSON/);
    refuse((path) => rmSync(join(path, "config.json")), /config\.json/);
    for (const text of ["null", "[]", "3"]) {
      refuse((path) => writeFileSync(join(path, "config.json"), text), /config\.json: expected a JSON object, got/);
    }
    refuse((path) => writeFileSync(join(path, "config.json"), '{"n_head": 4, "n_head": 2}'), /"n_head" twice/);
    refuse((path) => writeFileSync(join(path, "config.json"), POINTER), /config\.json.*git lfs pull/);
    // Refused before anything is allocated, however large the numbers are.
    refuse(config({ n_layer: 1e15 }), /transformer\.h\.2\.ln_1\.weight is missing/);
    refuse(config({ n_embd: 2 ** 50 }), /wte\.weight: expected shape/);
    refuse(config({ n_embd: 1e300 }), /wte\.weight: expected shape/);
    refuse(config({ n_positions: 1e12 }), /wpe\.weight: expected shape/);
    refuse(config({ resid_pdrop: "0.1" }), /dropout/);
    refuse(config({ eos_token_id: "1" }), /eos_token_id: expected a token's id, or null, got "1"/);
    refuse(config({ eos_token_id: [1, 0.5] }), /eos_token_id/);
    refuse((path) => rmSync(join(path, "model.safetensors")), /there is no model\.safetensors. There is: config\.json/);
    refuse((path) => writeFileSync(join(path, "model.safetensors"), POINTER), /Git LFS pointer.*git lfs pull/);
    refuse(
      (path) => writeFileSync(join(path, "model.safetensors"), "PK\x03\x04 and more"),
      /zip archive, as torch.save/,
    );
    refuse((path) => writeFileSync(join(path, "model.safetensors"), "<!DOCTYPE html><html>"), /web page/);
    refuse(
      weights((tensors) => {
        tensors["transformer.wte.weight"] = { type: "I32", shape: [50, 16], values: new Int32Array(800) };
      }),
      /holds integers/,
    );
    refuse(
      weights((tensors) => {
        tensors["ref.wte.weight"] = tensors["transformer.wte.weight"];
      }),
      /one tensor of this name.*"ref\.wte\.weight"/,
    );
    refuse(
      weights((tensors) => delete tensors["transformer.wte.weight"]),
      /expected wte\.weight, as a GPT-2 has it, got \["/,
    );
    refuse(
      weights((tensors) => delete tensors["transformer.h.1.mlp.c_fc.bias"]),
      /h\.1\.mlp\.c_fc\.bias is missing/,
    );
    refuse(
      weights((tensors) => {
        tensors["transformer.h.2.ln_1.bias"] = tensors["transformer.h.1.ln_1.bias"];
      }),
      /not a part/,
    );
    refuse(
      weights((tensors) => {
        tensors["lm_head.weight"] = { type: "F32", shape: [50, 16], values: new Float32Array(800) };
      }),
      /tied/,
    );
  });

  /** The tensors of a golden folder under other names, as one file or as several with their index. */
  const rewrite = (rename: (name: string) => string, parts = 1) => {
    cpSync(join(golden, "causal"), folder, { recursive: true });
    const whole = join(folder, "model.safetensors");
    const entries = Object.entries(readSafetensors(whole).tensors).map(
      ([name, tensor]) => [rename(name), tensor] as const,
    );
    const write = (file: string, some: typeof entries) =>
      writeSafetensors(join(folder, file), { tensors: Object.fromEntries(some), metadata: { format: "pt" } });
    rmSync(whole);
    if (parts === 1) return write("model.safetensors", entries);
    const file = (part: number) => `model-0000${part + 1}-of-0000${parts}.safetensors`;
    for (let part = 0; part < parts; part++)
      write(
        file(part),
        entries.filter((_, i) => i % parts === part),
      );
    const map = Object.fromEntries(entries.map(([name], i) => [name, file(i % parts)]));
    return writeFileSync(
      join(folder, "model.safetensors.index.json"),
      JSON.stringify({ metadata: {}, weight_map: map }),
    );
  };

  it("reads folders as they lie on hubs: parts with an index, wrappers' prefixes, a byte-order mark, lists of ids", () => {
    const wrappers = ["module.transformer.", "_orig_mod.transformer.", "module.", "model.transformer."];
    for (const prefix of wrappers) {
      rewrite((name) => name.replace("transformer.", prefix));
      expect(worst(logitsOf(loadGpt2(folder))), prefix).to.be.below(1e-4);
    }
    const whole = readSafetensors(join(folder, "model.safetensors"));
    whole.tensors["model.lm_head.weight"] = whole.tensors["model.transformer.wte.weight"];
    whole.tensors["model.transformer.h.0.attn.masked_bias"] = { type: "F32", shape: [], values: new Float32Array(1) };
    writeSafetensors(join(folder, "model.safetensors"), whole);
    expect(worst(logitsOf(loadGpt2(folder)))).to.be.below(1e-4);
    rewrite((name) => name, 3);
    expect(worst(logitsOf(loadGpt2(folder)))).to.be.below(1e-4);
    const config = join(folder, "config.json");
    const json = { ...JSON.parse(readFileSync(config, "utf8")), eos_token_id: [7, 1], pad_token_id: [] };
    writeFileSync(config, `\uFEFF${JSON.stringify({ ...json, pad_token_id: null })}`);
    expect(loadGpt2(folder).ids).to.deep.equal({ bos: 1, eos: 7, pad: undefined, ends: [7, 1] });
    writeFileSync(config, JSON.stringify({ ...json, eos_token_id: [7], pad_token_id: null }));
    expect(loadGpt2(folder).ids).to.deep.equal({ bos: 1, eos: 7, pad: undefined });
  });

  it("says what a folder without the weights holds instead, and what is wrong with an index", () => {
    const index = join(folder, "model.safetensors.index.json");
    const refused = (words: RegExp) => expect(() => loadGpt2(folder)).to.throw(CheckpointError, words);
    rewrite((name) => name, 2);
    const map = JSON.parse(readFileSync(index, "utf8")).weight_map as Record<string, string>;
    const change = (weight_map: unknown) => writeFileSync(index, JSON.stringify({ weight_map }));
    const [first, second] = Object.keys(map);
    change({ ...map, [first]: map[second] });
    refused(/holds transformer\..*which the list has in model-00002/);
    change({ ...map, more: map[first] });
    refused(/model-00001-of-00002\.safetensors does not hold more/);
    change({ ...map, [first]: "../model-00001-of-00002.safetensors" });
    refused(/a safetensors file of this folder/);
    change(null);
    refused(/weight_map: expected an object/);
    change({ ...map, more: "model-00003-of-00002.safetensors" });
    refused(/model-00003-of-00002/);
    rmSync(index);
    for (const name of ["pytorch_model.bin", "tf_model.h5", "adapter_model.safetensors"]) {
      writeFileSync(join(folder, name), "x");
      refused(new RegExp(`there is no model\\.safetensors. There is ${name}, .*save_pretrained`));
      rmSync(join(folder, name));
    }
  });

  it("writes a folder that transformers loads: the same ids, texts and logits (needs the bench's Python)", function () {
    if (!asksPython) {
      console.log(skipped);
      this.skip();
    }
    const python = join(environment, "bin/python");
    const prose =
      "Call me Ishmael. Some years ago - never mind how long precisely - I thought I would sail about. ".repeat(3);
    const texts = ["Call me Ishmael. ", "some   years\n\nago  "];
    const tokenizers = {
      characters: CharacterTokenizer.train(`${prose}\n`),
      bytePairs: BytePairTokenizer.train(prose, 300),
    };
    const jobs = Object.entries(tokenizers).map(([name, tokenizer]) => {
      const more = name === "bytePairs" ? [...texts, "It's 1851: caf\u00e9, \u{1f433}!  "] : texts;
      const size = {
        vocabulary: tokenizer.vocabularySize,
        context: 40,
        width: 12,
        layers: 2,
        heads: 3,
        deviation: 0.3,
      };
      const model = transformer(size);
      const params = model.init(key(4));
      const path = join(folder, name);
      saveGpt2(path, model.config, params, tokenizer.special);
      saveGpt2Tokenizer(path, tokenizer, model.config);
      return { path, texts: more, tokenizer, model, params };
    });
    const script = `
import json, sys, torch, transformers
answers = []
for job in json.loads(sys.argv[1]):
    tokenizer = transformers.AutoTokenizer.from_pretrained(job["path"])
    model = transformers.GPT2LMHeadModel.from_pretrained(job["path"]).eval()
    ids = [tokenizer(text)["input_ids"] for text in job["texts"]]
    with torch.no_grad():
        logits = model(torch.tensor([ids[0]])).logits.flatten().tolist()
    answers.append({"ids": ids, "decoded": [tokenizer.decode(row) for row in ids], "logits": logits,
                    "special": [tokenizer.pad_token_id, tokenizer.bos_token_id, tokenizer.eos_token_id], "eos": model.config.eos_token_id})
print(json.dumps(answers))`;
    const request = JSON.stringify(jobs.map(({ path, texts }) => ({ path, texts })));
    const output = execFileSync(python, ["-c", script, request], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    const answers = JSON.parse(output.trim().split("\n").at(-1) as string);
    jobs.forEach(({ texts, tokenizer, model, params }, i) => {
      const { ids, decoded, logits, special, eos } = answers[i];
      expect(ids).to.deep.equal(texts.map((text) => tokenizer.encode(text)));
      expect(decoded).to.deep.equal(texts);
      expect(special).to.deep.equal([tokenizer.special.pad, tokenizer.special.bos, tokenizer.special.eos]);
      expect(eos).to.equal(tokenizer.special.eos);
      const ours = model.logits(params, tf.tensor2d([tokenizer.encode(texts[0])], undefined, "int32")).dataSync();
      expect(logits).to.have.length(ours.length);
      const apart = (logits as number[]).reduce((most, want, j) => Math.max(most, Math.abs(ours[j] - want)), 0);
      expect(apart).to.be.below(1e-4);
    });
  });

  it("refuses to write a tokenizer that the other format cannot say", () => {
    const tokenizer = CharacterTokenizer.train("abc", { unknown: "bytes" });
    expect(() => saveGpt2Tokenizer(folder, tokenizer, { context: 8 })).to.throw(DomainError, /tokenizer/);
    // Two tokens that look alike, half a character, and no name at all.
    const special = (pad: string) => ({ special: { pad, bos: "<end>", eos: "<end>" } });
    for (const [odd, words] of [
      [CharacterTokenizer.train("abc", special("a")), /token 2: expected another name than token 0's, got "a"/],
      [BytePairTokenizer.train("abc", 258, special("\u0120").special), /another name than token 0's/],
      [CharacterTokenizer.train("abc\ud83d"), /half of a pair/],
      [CharacterTokenizer.train("abc", special("")), /not empty/],
    ] as const) {
      expect(() => saveGpt2Tokenizer(folder, odd, { context: 8 })).to.throw(DomainError, words);
    }
  });
});
