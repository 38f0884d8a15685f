// A folder with one of everything that we export for Python, of small numbers that are the same on every machine.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  chosenDemonstrations,
  type Message,
  type TextComparison,
  unpair,
  writeComparisons,
  writeDemonstrations,
  writePrompts,
  writeUnpairedPreferences,
} from "../../lib/src/data/index.js";
import {
  exportPolicy,
  exportReward,
  type ScalarModelParams,
  saveGpt2Tokenizer,
  scalarModel,
  type TransformerParams,
  transformer,
} from "../../lib/src/models/index.js";
import { key } from "../../lib/src/random/index.js";
import { mapTree, tf } from "../../lib/src/tensor/index.js";
import { BytePairTokenizer, CharacterTokenizer } from "../../lib/src/tokenizers/index.js";

export const tokenizer = CharacterTokenizer.train(
  "\n\n Human: Assistant: System: Why is the sky blue, or a whale white?",
);
const size = { vocabulary: tokenizer.vocabularySize, context: 64, width: 8, layers: 2, heads: 2 };
export const policy = transformer(size);
export const reward = scalarModel(size);

export const texts = ["Why is the sky blue?", "a whale", "or white\n\n  "];

export const messages: Message[] = [
  { role: "system", content: "whale" },
  { role: "user", content: "Why is the sky blue?" },
  { role: "assistant", content: "a whale is" },
];

export const comparisons: TextComparison[] = [
  { prompt: "Why is the ", chosen: "whale white?", rejected: "sky blue?" },
  { prompt: "\n\nHuman: Why?\n\nAssistant:", chosen: " a sky", rejected: " or a whale" },
  { prompt: "", chosen: "is", rejected: "a" },
  { prompt: "the same", chosen: " blue", rejected: " white" },
];

/**
 * White space of every kind, marks that look like it, controls, signs of several code points; each
 * in several surroundings.
 */
const odd = [
  ..."\t\n\v\f\r\x1c\x1d\x1e\x1f \x00\x07\x7f\u0085\u00a0\u00ad\u0301\u034f\u1680\u180e\u2000\u2002\u2003\u2009\u200a\u200b\u200c",
  ..."\u200d\u200e\u2028\u2029\u202e\u202f\u205f\u2060\u3000\ufe0f\ufeff\ufffd\ufffe\u{10ffff}",
  ...[
    "\r\n",
    "\u{1f600}",
    "\u{1f469}\u200d\u{1f393}",
    "e\u0301",
    "\u00e9",
    "\u0130",
    "\u01c5",
    "\u0e01\u0e33",
    "\u2167",
    "\u00bd",
    "\u{1d7d9}",
  ],
];
export const oddTexts = odd.flatMap((c) => [`a${c}b`, `a ${c} b`, `${c}${c}1${c}2`, `.${c}${c}`, ` ${c}\n${c} `]);
export const bytePairs = BytePairTokenizer.train(oddTexts.join("") + odd.join("").repeat(3), 600);
export const letters = CharacterTokenizer.train(oddTexts.join(""));

/** Eighths between -1/2 and 1/2 that look random: exact, whatever the machine. */
function fill<P extends TransformerParams | ScalarModelParams>(params: P): P {
  let state = 1;
  return mapTree(params, (leaf) => {
    const values = Float32Array.from({ length: leaf.size }, () => {
      state = (state * 48271) % 2147483647;
      return ((state % 9) - 4) / 8;
    });
    leaf.dispose();
    return tf.tensor(values, leaf.shape);
  });
}

export const policyParams = () => fill(policy.init(key(0)));
export const rewardParams = () => fill(reward.init(key(0)));

/** Writes it all. */
export async function writeExports(folder: string): Promise<void> {
  exportPolicy(join(folder, "policy"), policy, policyParams(), tokenizer);
  exportReward(join(folder, "reward"), reward, rewardParams(), tokenizer);
  for (const form of ["texts", "messages"]) {
    const options = { messages: form === "messages" };
    const path = (kind: string) => join(folder, `${kind}-${form}.jsonl`);
    await writeComparisons(path("preference"), comparisons, options);
    await writeUnpairedPreferences(path("unpaired"), unpair(comparisons), options);
    await writeDemonstrations(path("demonstration"), chosenDemonstrations(comparisons), options);
    const prompts = comparisons.map(({ prompt }) => prompt).filter((prompt) => prompt !== "");
    await writePrompts(path("prompt"), prompts, options);
  }
  await writePrompts(join(folder, "odd.jsonl"), oddTexts);
  saveGpt2Tokenizer(join(folder, "bytePairs"), bytePairs, size);
  saveGpt2Tokenizer(join(folder, "letters"), letters, size);
  writeFileSync(join(folder, "inputs.json"), JSON.stringify({ texts, messages, oddTexts }));
}
