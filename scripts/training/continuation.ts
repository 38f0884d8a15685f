// What `npm run rlhf` leaves to go on with elsewhere: the reward model beside the policy, prompts, and the folder
// `continue` with a script for TRL.
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writePrompts } from "rlhf-lab/data";
import { exportPolicy, exportTokenReward, type TransformerParams } from "rlhf-lab/models";
import type { BeforeOptimising } from "rlhf-lab/studies";
import type { MoodContinuation } from "rlhf-lab/worlds/text";

const scripts = fileURLToPath(new URL("continue", import.meta.url));
const PROMPTS = { train: 4000, "held-out": 1000 };

/** Writes policy-huggingface, reward-huggingface and continue into a run's folder. */
export async function writeContinuation(
  folder: string,
  { task, model, reward }: Pick<BeforeOptimising, "task" | "model" | "reward">,
  policy: TransformerParams,
): Promise<void> {
  exportPolicy(join(folder, "policy-huggingface"), model, policy, task.tokenizer);
  const rewardFolder = join(folder, "reward-huggingface");
  exportTokenReward(rewardFolder, model, reward.params, task.tokenizer);
  const table = { words: Object.fromEntries(reward.words), offset: reward.offset };
  writeFileSync(join(rewardFolder, "words.json"), `${JSON.stringify(table)}\n`);

  const next = join(folder, "continue");
  mkdirSync(next, { recursive: true });
  cpSync(scripts, next, { recursive: true });
  await writePrompts(join(next, "prompts-train.jsonl"), promptTexts(task, "demonstrations", PROMPTS.train));
  await writePrompts(join(next, "prompts-held-out.jsonl"), promptTexts(task, "heldOut", PROMPTS["held-out"]));
  writeFileSync(join(next, "settings.json"), `${JSON.stringify({ newTokens: task.newTokens })}\n`);
}

/**
 * Different prompts as texts, spread over the chapters; only those that become the same tokens again: where a
 * sentence was cut within a word, its text may have other tokens, and more of them.
 */
function promptTexts(task: MoodContinuation, part: "demonstrations" | "heldOut", most: number): string[] {
  const texts = task[part].flatMap(({ prompt }) => {
    const text = task.tokenizer.decode(prompt);
    return task.tokenizer.encode(text).join() === prompt.join() ? [text] : [];
  });
  const different = [...new Set(texts)];
  const every = Math.max(1, different.length / most);
  return Array.from({ length: Math.min(most, different.length) }, (_, i) => different[Math.floor(i * every)]);
}
