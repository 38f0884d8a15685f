import { complaint, DomainError } from "../core/index.js";
import { reinforce } from "../policy/index.js";
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
  const { end, length } = task.tree;
  return reinforce.differenceRewards(task.tree, (tokens) => {
    const { mood, topic, ending } = phraseUtility(asked, tokens);
    const finished = tokens.length === length || tokens.at(-1) === end;
    return mood + topic + (finished ? ending : 0);
  });
}
