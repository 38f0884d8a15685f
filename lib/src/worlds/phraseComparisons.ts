import type { Comparison } from "../core/index.js";
import type { Noise } from "../preferences/noise.js";
import { categorical, foldIn, type Key, randint, split } from "../random/index.js";
import { labelPairs } from "../rewards/index.js";
import type { PhraseTask } from "./phrases.js";

/** Two replies of the phrase task to the same prompt, in the order in which a labeler put them. */
export interface PhraseComparison {
  /** 0 or 1: which of the task's prompts. */
  readonly prompt: number;
  /** Numbers of the replies in `tree.sequences`. */
  readonly chosen: number;
  readonly rejected: number;
  /** True utility of chosen minus rejected, in nats: what the learner does not see. */
  readonly difference: number;
}

/**
 * n comparisons of the phrase task: a prompt by chance, two replies of the reference policy, and a labeler who knows
 * the true utility and answers with Bradley-Terry noise. The two replies may happen to be the same.
 */
export function phraseComparisons(key: Key, task: PhraseTask, n: number, noise: Noise = {}): PhraseComparison[] {
  const [promptKey, replyKey, labelKey] = split(key, 3);
  const prompts = randint(promptKey, n, 0, task.prompts.length);
  const replies = task.reference.map((logProbs, i) => categorical(foldIn(replyKey, i), logProbs, 2 * n));
  const first = Array.from(prompts, (p, k) => replies[p][2 * k]);
  const second = Array.from(prompts, (p, k) => replies[p][2 * k + 1]);
  const utility = (k: number, reply: number) => task.utility[prompts[k]][reply];
  const labels = labelPairs(
    labelKey,
    first.map((r, k) => utility(k, r)),
    second.map((r, k) => utility(k, r)),
    noise,
  );
  return Array.from(prompts, (prompt, k) => {
    const [chosen, rejected] = labels[k] === 1 ? [first[k], second[k]] : [second[k], first[k]];
    return { prompt, chosen, rejected, difference: utility(k, chosen) - utility(k, rejected) };
  });
}

/** Prompt and reply as the tokens that a model reads. */
export function phraseTokens(task: PhraseTask, prompt: number, reply: number): number[] {
  return [task.prompts[prompt], ...task.tree.sequences[reply]];
}

/** A comparison in the tokens that a model reads. */
export function comparisonTokens(
  task: PhraseTask,
  { prompt, chosen, rejected }: PhraseComparison,
): Comparison<readonly number[]> {
  const { sequences } = task.tree;
  return { prompt: [task.prompts[prompt]], chosen: sequences[chosen], rejected: sequences[rejected] };
}
