import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { complaint, DomainError } from "../core/index.js";
import type { Tokenizer } from "../tokenizers/index.js";
import { saveGpt2 } from "./gpt2.js";
import { saveGpt2Reward } from "./gpt2Reward.js";
import { saveGpt2Tokenizer } from "./gpt2Tokenizer.js";
import { saveGpt2TokenReward } from "./gpt2TokenReward.js";
import type { ScalarModel, ScalarModelParams } from "./heads.js";
import type { Transformer } from "./transformer.js";
import type { TransformerParams } from "./transformerParams.js";

/**
 * Writes a policy and its tokenizer as one Hugging Face folder, to go on with elsewhere: `AutoModelForCausalLM` and
 * `AutoTokenizer` load it, and so TRL, OpenRLHF and verl do. Its `generate` ends at the end token.
 * @throws DomainError if the tokenizer has not as many tokens as the model, or is one that the format cannot say;
 *   CheckpointError if the parameters are not the model's
 */
export function exportPolicy(
  folder: string,
  model: Transformer,
  params: TransformerParams,
  tokenizer: Tokenizer,
): void {
  checkVocabulary(model, tokenizer);
  const { pad, bos, eos } = tokenizer.special;
  saveGpt2(folder, model.config, params, tokenizer.special);
  saveGpt2Tokenizer(folder, tokenizer, model.config);
  const generation = { bos_token_id: bos, eos_token_id: eos, pad_token_id: pad, do_sample: true, top_k: 0 };
  writeFileSync(join(folder, "generation_config.json"), `${JSON.stringify(generation, null, 2)}\n`);
}

/**
 * Writes a reward model and its tokenizer as one Hugging Face folder: `AutoModelForSequenceClassification` loads
 * it, with one label, and TRL takes the folder's path as a reward. See `saveGpt2Reward`. @throws as
 * `exportPolicy` and `saveGpt2Reward`
 */
export function exportReward(
  folder: string,
  model: ScalarModel,
  params: ScalarModelParams,
  tokenizer: Tokenizer,
): void {
  checkVocabulary(model.backbone, tokenizer);
  saveGpt2Reward(folder, model.backbone.config, params, tokenizer.special);
  saveGpt2Tokenizer(folder, tokenizer, model.backbone.config);
}

/**
 * Writes a reward that is a sum over tokens (`tokenScoreReward`), and its tokenizer, as one Hugging Face folder:
 * `AutoModelForTokenClassification` loads it. Its body is of the shape of `model`. See `saveGpt2TokenReward`.
 * @throws as `exportPolicy`
 */
export function exportTokenReward(
  folder: string,
  model: Transformer,
  params: ScalarModelParams,
  tokenizer: Tokenizer,
): void {
  checkVocabulary(model, tokenizer);
  saveGpt2TokenReward(folder, model.config, params, tokenizer.special);
  saveGpt2Tokenizer(folder, tokenizer, model.config);
}

function checkVocabulary({ config }: Transformer, tokenizer: Tokenizer): void {
  if (tokenizer.vocabularySize === config.vocabulary) return;
  const expected = `one of ${config.vocabulary} tokens, as the model's`;
  throw new DomainError(complaint("tokenizer", expected, tokenizer.vocabularySize));
}
