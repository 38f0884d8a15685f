import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CheckpointError, complaint, DomainError } from "../core/index.js";
import { type HostTensor, type tf, toHost, toTensor, writeSafetensors } from "../tensor/index.js";
import type { BlockParams } from "./block.js";
import { type TransformerConfig, transformerConfig } from "./config.js";
import { readRecord, readWeights } from "./folderWeights.js";
import type { TransformerParams } from "./transformerParams.js";

// Hugging Face's GPT-2 folder: config.json and model.safetensors. Its "Conv1D" weights are [in, out] as ours, so
// nothing is transposed, and its tied head is not stored. Where a weight of ours goes, per block and for the whole:

const BLOCK_NAMES: [name: string, get: (block: BlockParams) => tf.Tensor][] = [
  ["ln_1.weight", (block) => block.attentionNorm.gain],
  ["ln_1.bias", (block) => block.attentionNorm.bias],
  ["attn.c_attn.weight", (block) => block.attention.qkv.weight],
  ["attn.c_attn.bias", (block) => block.attention.qkv.bias],
  ["attn.c_proj.weight", (block) => block.attention.out.weight],
  ["attn.c_proj.bias", (block) => block.attention.out.bias],
  ["ln_2.weight", (block) => block.mlpNorm.gain],
  ["ln_2.bias", (block) => block.mlpNorm.bias],
  ["mlp.c_fc.weight", (block) => block.mlp.up.weight],
  ["mlp.c_fc.bias", (block) => block.mlp.up.bias],
  ["mlp.c_proj.weight", (block) => block.mlp.down.weight],
  ["mlp.c_proj.bias", (block) => block.mlp.down.bias],
];

/** Special tokens, for config.json. */
export interface Gpt2Ids {
  bos?: number;
  eos?: number;
  pad?: number;
  /**
   * Where a folder names several end tokens: all of them, the first of which is `eos`;
   * `generator` takes them as `stop`.
   */
  ends?: readonly number[];
}

/** A GPT-2 folder on the way in or out: the body, what stands on it, and the config's further entries. */
export interface Gpt2Folder {
  config: TransformerConfig;
  ids: Gpt2Ids;
  body: TransformerParams;
}

/**
 * Writes config.json and model.safetensors: the body, and the head's tensors by their names. `more` joins the config.
 * @throws CheckpointError if the parameters are not those of the config
 */
export function writeGpt2Folder(
  folder: string,
  { config, ids, body }: Gpt2Folder,
  { heads = {}, more }: { heads?: Record<string, HostTensor>; more: Record<string, unknown> },
): void {
  const tensors: Record<string, HostTensor> = {
    "transformer.wte.weight": toHost(body.tokens),
    "transformer.wpe.weight": toHost(body.positions),
    "transformer.ln_f.weight": toHost(body.norm.gain),
    "transformer.ln_f.bias": toHost(body.norm.bias),
  };
  for (let layer = 0; layer < config.layers; layer++) {
    for (const [name, get] of BLOCK_NAMES) tensors[`transformer.h.${layer}.${name}`] = toHost(get(body.blocks[layer]));
  }
  for (const [name, shape] of gpt2Shapes(config)) {
    checkShape(folder, name, shape, tensors[`transformer.${name}`].shape);
  }
  mkdirSync(folder, { recursive: true });
  writeSafetensors(join(folder, "model.safetensors"), {
    tensors: { ...tensors, ...heads },
    metadata: { format: "pt" },
  });
  writeFileSync(join(folder, "config.json"), `${JSON.stringify({ ...gpt2Config(config, ids), ...more }, null, 2)}\n`);
}

/**
 * Reads the body of a GPT-2 folder, and hands over the tensors that are not of the body. Names of the body have the
 * prefix "transformer." or none, and may stand behind what a wrapper put before all names ("module.", "_orig_mod.").
 * @throws CheckpointError if a file is missing or damaged, or a weight of the body is missing or has another shape
 */
export function readGpt2Folder(
  folder: string,
): Gpt2Folder & { file: string; heads: Record<string, HostTensor>; embedding: HostTensor } {
  const { config, ids } = readConfig(join(folder, "config.json"));
  const { file, tensors } = readWeights(folder);
  const prefix = findPrefix(file, Object.keys(tensors));
  // One by one: a config that asks for a billion layers fails at the first that the file has not.
  const names = new Set<string>();
  for (const [name, shape] of gpt2Shapes(config)) {
    checkTensor(file, prefix + name, shape, tensors[prefix + name]);
    names.add(prefix + name);
  }
  const wrapper = prefix.replace(/(^|\.)transformer\.$/, "$1");
  const heads: Record<string, HostTensor> = {};
  for (const [name, tensor] of Object.entries(tensors)) {
    // Old files also hold the causal mask of every layer, as attn.bias and attn.masked_bias.
    const mask = name.startsWith(prefix) && /^h\.\d+\.attn\.(masked_)?bias$/.test(name.slice(prefix.length));
    if (!names.has(name) && !mask) heads[name.startsWith(wrapper) ? name.slice(wrapper.length) : name] = tensor;
  }
  const take = (name: string) => toTensor(tensors[prefix + name], name);
  const blocks: Record<string, BlockParams> = {};
  for (let layer = 0; layer < config.layers; layer++) {
    const part = (name: string) => ({
      weight: take(`h.${layer}.${name}.weight`),
      bias: take(`h.${layer}.${name}.bias`),
    });
    const norm = (name: string) => ({ gain: take(`h.${layer}.${name}.weight`), bias: take(`h.${layer}.${name}.bias`) });
    blocks[layer] = {
      attentionNorm: norm("ln_1"),
      attention: { qkv: part("attn.c_attn"), out: part("attn.c_proj") },
      mlpNorm: norm("ln_2"),
      mlp: { up: part("mlp.c_fc"), down: part("mlp.c_proj") },
    };
  }
  const body = {
    tokens: take("wte.weight"),
    positions: take("wpe.weight"),
    blocks,
    norm: { gain: take("ln_f.weight"), bias: take("ln_f.bias") },
  };
  return { config, ids, body, file, heads, embedding: tensors[`${prefix}wte.weight`] };
}

/** What stands before "wte.weight" in the one tensor of that name. */
function findPrefix(file: string, names: string[]): string {
  const found = names.filter((name) => /(^|\.)wte\.weight$/.test(name));
  if (found.length > 1) {
    throw new CheckpointError(complaint(`${file}: wte.weight`, "one tensor of this name, of one model", found));
  }
  if (found.length === 0) {
    throw new CheckpointError(
      `${complaint(`${file}: tensors`, "wte.weight, as a GPT-2 has it", names)}. Nothing was loaded`,
    );
  }
  return found[0].slice(0, -"wte.weight".length);
}

/** @throws CheckpointError unless the tensor is there, has the shape, and holds numbers */
export function checkTensor(file: string, name: string, shape: number[], found: HostTensor | undefined): void {
  if (found === undefined) throw new CheckpointError(`${file}: tensor ${name} is missing. Nothing was loaded`);
  checkShape(file, name, shape, found.shape);
  if (!(found.values instanceof Float32Array || found.values instanceof Float64Array)) {
    throw new CheckpointError(`${file}: tensor ${name} holds integers. Nothing was loaded`);
  }
}

/** Every tensor of a GPT-2 of this size by its name without prefix, with its shape. */
function* gpt2Shapes(config: TransformerConfig): Generator<[name: string, shape: number[]]> {
  const { vocabulary: V, context: C, width: D, layers } = config;
  yield ["wte.weight", [V, D]];
  yield ["wpe.weight", [C, D]];
  yield ["ln_f.weight", [D]];
  yield ["ln_f.bias", [D]];
  const block: [string, number[]][] = [
    ["ln_1.weight", [D]],
    ["ln_1.bias", [D]],
    ["attn.c_attn.weight", [D, 3 * D]],
    ["attn.c_attn.bias", [3 * D]],
    ["attn.c_proj.weight", [D, D]],
    ["attn.c_proj.bias", [D]],
    ["ln_2.weight", [D]],
    ["ln_2.bias", [D]],
    ["mlp.c_fc.weight", [D, 4 * D]],
    ["mlp.c_fc.bias", [4 * D]],
    ["mlp.c_proj.weight", [4 * D, D]],
    ["mlp.c_proj.bias", [D]],
  ];
  for (let layer = 0; layer < layers; layer++) {
    for (const [name, shape] of block) yield [`h.${layer}.${name}`, shape];
  }
}

function gpt2Config(config: TransformerConfig, ids: Gpt2Ids): Record<string, unknown> {
  return {
    model_type: "gpt2",
    vocab_size: config.vocabulary,
    n_positions: config.context,
    n_embd: config.width,
    n_layer: config.layers,
    n_head: config.heads,
    n_inner: null,
    activation_function: "gelu_new",
    layer_norm_epsilon: config.epsilon,
    initializer_range: config.deviation,
    resid_pdrop: config.dropout,
    embd_pdrop: config.dropout,
    attn_pdrop: config.dropout,
    bos_token_id: ids.bos ?? null,
    eos_token_id: ids.ends ?? ids.eos ?? null,
    pad_token_id: ids.pad ?? null,
    tie_word_embeddings: true,
    dtype: "float32",
  };
}

function readConfig(file: string): { config: TransformerConfig; ids: Gpt2Ids } {
  if (!existsSync(file)) throw new CheckpointError(complaint("GPT-2 folder", "a file config.json", file));
  const json = readRecord(file);
  /** Settings that change the computation, and what we compute. A file that does not mention one means the first. */
  const computed: Record<string, unknown[]> = {
    model_type: ["gpt2"],
    activation_function: ["gelu_new", "gelu_pytorch_tanh"],
    n_inner: [null, 4 * Number(json.n_embd)],
    scale_attn_weights: [true],
    scale_attn_by_inverse_layer_idx: [false],
    tie_word_embeddings: [true],
    add_cross_attention: [false],
  };
  for (const [name, allowed] of Object.entries(computed)) {
    const value = json[name] ?? allowed[0];
    if (!allowed.includes(value)) throw new CheckpointError(complaint(`${file}: ${name}`, allowed.join(" or "), value));
  }
  try {
    const config = transformerConfig({
      vocabulary: json.vocab_size as number,
      context: (json.n_positions ?? json.n_ctx) as number,
      width: json.n_embd as number,
      layers: json.n_layer as number,
      heads: json.n_head as number,
      epsilon: (json.layer_norm_epsilon ?? 1e-5) as number,
      deviation: (json.initializer_range ?? 0.02) as number,
      dropout: (json.resid_pdrop ?? 0.1) as number,
    });
    return { config, ids: readIds(json) };
  } catch (error) {
    throw new CheckpointError(`${file}: ${(error as Error).message}`);
  }
}

/**
 * Ids outside of the vocabulary stay as they are: many a small model's config keeps GPT-2's own 50256, or -1 for none.
 * @throws DomainError for an id that is no whole number
 */
function readIds(json: Record<string, unknown>): Gpt2Ids {
  const id = (name: string, value: unknown): number | undefined => {
    if (value === undefined || value === null) return undefined;
    if (Number.isSafeInteger(value)) return value as number;
    throw new DomainError(complaint(name, "a token's id, or null", value));
  };
  const list = json.eos_token_id;
  const ends = (Array.isArray(list) ? list : [list]).map((end) => id("eos_token_id", end) as number);
  return {
    bos: id("bos_token_id", json.bos_token_id),
    eos: ends[0],
    pad: id("pad_token_id", json.pad_token_id),
    ...(ends.length > 1 && { ends }),
  };
}

function checkShape(file: string, name: string, expected: number[], got: number[]): void {
  if (expected.join() !== got.join()) {
    throw new CheckpointError(
      `${file}: tensor ${name}: expected shape [${expected}], got [${got}]. Nothing was loaded`,
    );
  }
}
