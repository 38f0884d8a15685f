import { complaint, DomainError } from "../core/index.js";
import { potentialTokenRewards } from "../trees/index.js";
import { type PhraseTask, phraseUtility } from "./phrases.js";

/**
 * The phrase task's true utility, token by token: mood and topic as they appear, the fine for not ending on the last
 * token. Adds up to `task.utility[prompt]`.
 */
export function phraseTokenRewards(task: PhraseTask, prompt = 0): Float64Array {
  const asked = task.prompts[prompt];
  if (asked === undefined) {
    throw new DomainError(complaint("prompt", `a place from 0 to ${task.prompts.length - 1}`, prompt));
  }
  const soFar = (tokens: readonly number[]) => {
    const { mood, topic } = phraseUtility(asked, tokens);
    return mood + topic;
  };
  const atEnd = (tokens: readonly number[]) => soFar(tokens) + phraseUtility(asked, tokens).ending;
  const { prefixes, sequences } = task.tree;
  return potentialTokenRewards(task.tree, prefixes.map(soFar), { ends: sequences.map(atEnd) });
}
