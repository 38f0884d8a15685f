import { CheckpointError } from "../core/index.js";
import { disposeTree, type HostTensor } from "../tensor/index.js";
import type { TransformerConfig } from "./config.js";
import { type Gpt2Ids, readGpt2Folder, writeGpt2Folder } from "./gpt2Folder.js";
import type { TransformerParams } from "./transformerParams.js";

/**
 * Writes a folder that transformers loads: `GPT2LMHeadModel.from_pretrained(folder)`. The weights are written in one
 * step; a folder that is there already is overwritten.
 * @throws CheckpointError if the parameters are not those of the config
 */
export function saveGpt2(
  folder: string,
  config: TransformerConfig,
  params: TransformerParams,
  ids: Gpt2Ids = {},
): void {
  writeGpt2Folder(folder, { config, ids, body: params }, { more: { architectures: ["GPT2LMHeadModel"] } });
}

/**
 * Reads a GPT-2 folder as transformers writes it: names with the prefix "transformer." (a language model) or without (a
 * bare body, and OpenAI's own files). `dropout` of the config is resid_pdrop. `ids` are config.json's special tokens.
 * @throws CheckpointError if a file is missing or damaged, if the config asks for what is not GPT-2 (another
 *   activation, an untied head, another inner width), or if a weight is missing or has another shape
 */
export function loadGpt2(folder: string): { config: TransformerConfig; params: TransformerParams; ids: Gpt2Ids } {
  const { config, ids, body, file, heads, embedding } = readGpt2Folder(folder);
  const refuse = (why: string) => {
    disposeTree(body);
    return new CheckpointError(`${file}: ${why}. Nothing was loaded`);
  };
  for (const [name, tensor] of Object.entries(heads)) {
    if (name !== "lm_head.weight") throw refuse(`tensor ${name} is not a part of GPT-2`);
    if (!sameValues(tensor, embedding)) throw refuse("lm_head.weight differs from wte.weight; our head is tied");
  }
  return { config, params: body, ids };
}

function sameValues(a: HostTensor, b: HostTensor): boolean {
  const [x, y] = [a.values as ArrayLike<unknown>, b.values as ArrayLike<unknown>];
  return x.length === y.length && Array.prototype.every.call(x, (value, i) => value === y[i]);
}
