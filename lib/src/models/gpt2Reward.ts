import { CheckpointError, complaint, DomainError } from "../core/index.js";
import { disposeTree, tf, toHost, toTensor } from "../tensor/index.js";
import type { TransformerConfig } from "./config.js";
import { checkTensor, type Gpt2Ids, readGpt2Folder, writeGpt2Folder } from "./gpt2Folder.js";
import type { ScalarModelParams } from "./heads.js";

// transformers' GPT2ForSequenceClassification with one label reads its score off the last token that is not padding, as
// we do. But its head w has no bias. What a head w, c says of a hidden state x = g * z + b (after the last norm) is w .
// x + c, and the same is said by w alone if c w / |w|^2 joins b. Nothing else reads x, so that is where the bias goes.

/**
 * Writes a reward model as a folder that transformers loads:
 * `AutoModelForSequenceClassification.from_pretrained(folder)`, and that TRL's trainers take for a reward. The same
 * rewards to rounding: the head's bias is folded into the last norm's.
 * @throws CheckpointError if the parameters are not those of the config; DomainError if pad is not known (the score
 *   is read at the last token that is not padding), or for a head of zeros with a bias, which that format cannot say
 */
export function saveGpt2Reward(
  folder: string,
  config: TransformerConfig,
  params: ScalarModelParams,
  ids: Gpt2Ids & { pad: number },
): void {
  if (!Number.isInteger(ids.pad)) throw new DomainError(complaint("ids.pad", "the id of the padding token", ids.pad));
  const { body, head } = params;
  const weight = toHost(head.weight);
  if (weight.shape.join() !== `${config.width},1`) {
    throw new CheckpointError(complaint("head.weight", `shape [${config.width},1]`, head.weight));
  }
  const values = weight.values as Float32Array;
  const c = head.bias.dataSync()[0];
  const square = values.reduce((sum, w) => sum + w * w, 0);
  if (c !== 0 && square === 0) {
    throw new DomainError(
      complaint("head.bias", "0, as the weights are", c, "Without weights there is no place for it"),
    );
  }
  const shift = tf.tensor1d(values.map((w) => (c === 0 ? 0 : (c * w) / square)));
  const bias = tf.add(body.norm.bias, shift);
  try {
    writeGpt2Folder(
      folder,
      { config, ids, body: { ...body, norm: { ...body.norm, bias } } },
      {
        heads: { "score.weight": { ...weight, shape: [1, config.width] } },
        more: {
          architectures: ["GPT2ForSequenceClassification"],
          id2label: { 0: "reward" },
          label2id: { reward: 0 },
        },
      },
    );
  } finally {
    tf.dispose([shift, bias]);
  }
}

/**
 * Reads a folder of GPT2ForSequenceClassification with one label; the head gets a bias of 0.
 * @throws CheckpointError as `loadGpt2`, or if there is no score of one label
 */
export function loadGpt2Reward(folder: string): { config: TransformerConfig; params: ScalarModelParams; ids: Gpt2Ids } {
  const { config, ids, body, file, heads } = readGpt2Folder(folder);
  try {
    checkTensor(file, "score.weight", [1, config.width], heads["score.weight"]);
    for (const name of Object.keys(heads)) {
      if (name === "score.weight") continue;
      throw new CheckpointError(`${file}: tensor ${name} is not a part of a GPT-2 with a score. Nothing was loaded`);
    }
  } catch (error) {
    disposeTree(body);
    throw error;
  }
  const weight = toTensor({ ...heads["score.weight"], shape: [config.width, 1] }, "score.weight");
  return { config, params: { body, head: { weight, bias: tf.zeros([1]) } }, ids };
}
