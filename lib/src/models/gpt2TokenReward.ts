import { CheckpointError } from "../core/index.js";
import { toHost } from "../tensor/index.js";
import type { TransformerConfig } from "./config.js";
import { type Gpt2Ids, writeGpt2Folder } from "./gpt2Folder.js";
import type { ScalarModelParams } from "./heads.js";

/**
 * Writes a reward that is a sum over tokens as a folder that transformers loads,
 * `AutoModelForTokenClassification.from_pretrained(folder)` (GPT2ForTokenClassification with one label): its logits are
 * what each token adds, in nats, [B, T, 1]. The reward of a completion is their sum over the completion's tokens.
 * @throws CheckpointError if the parameters are not those of the config
 */
export function saveGpt2TokenReward(
  folder: string,
  config: TransformerConfig,
  { body, head }: ScalarModelParams,
  ids: Gpt2Ids,
): void {
  const weight = toHost(head.weight);
  if (weight.shape.join() !== `${config.width},1`) {
    throw new CheckpointError(`${folder}: head.weight: expected shape [${config.width},1], got [${weight.shape}]`);
  }
  writeGpt2Folder(
    folder,
    { config, ids, body },
    {
      heads: { "classifier.weight": { ...weight, shape: [1, config.width] }, "classifier.bias": toHost(head.bias) },
      more: {
        architectures: ["GPT2ForTokenClassification"],
        id2label: { 0: "reward" },
        label2id: { reward: 0 },
      },
    },
  );
}
