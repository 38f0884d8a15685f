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
  CharacterTokenizer,
  exportPolicy,
  exportReward,
  type ScalarModelParams,
  scalarModel,
  type TransformerParams,
  transformer,
} from "../../lib/src/models/index.js";
import { key } from "../../lib/src/random/index.js";
import { mapTree, tf } from "../../lib/src/tensor/index.js";

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
  writeFileSync(join(folder, "inputs.json"), JSON.stringify({ texts, messages }));
}
