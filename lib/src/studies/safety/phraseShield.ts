import { completions, generator, leftPad, type Transformer, type TransformerParams } from "../../models/index.js";
import { logSumExp } from "../../numerics/index.js";
import type { Key } from "../../random/index.js";
import { disposeTree } from "../../tensor/index.js";
import { isAccepted, type TokenAutomaton } from "../../tokenizers/index.js";
import { completionLogProbs } from "../../train/index.js";
import { sequenceIndex } from "../../trees/index.js";
import { type PhraseTask, phraseTaskAutomaton, type ShieldedPhrases, shieldedPhrases } from "../../worlds/index.js";

/** A transformer left alone, masked, and conditioned, by enumeration; and the automaton that says what is safe. */
export interface PhraseShield extends ShieldedPhrases {
  readonly automaton: TokenAutomaton;
}

/**
 * What a shield does to a transformer that writes replies to the phrase task's first prompt: constrained decoding
 * (a mask with look-ahead) beside the exact conditional. `model` needs a context of 1 + the task's length.
 * @throws DomainError for phrases that the model cannot avoid
 */
export function phraseShield(
  task: PhraseTask,
  model: Transformer,
  params: TransformerParams,
  phrases: readonly string[] = ["very bad"],
): PhraseShield {
  const { tree, prompts } = task;
  const rows = tree.sequences.map((completion) => ({ prompt: [prompts[0]], completion }));
  const sums = completionLogProbs(model, params, rows, { batch: Math.min(rows.length, 2048) });
  const total = logSumExp(sums); // float32's rounding
  const automaton = phraseTaskAutomaton(task, phrases);
  const isSafe = tree.sequences.map((reply) => isAccepted(automaton, reply));
  const logProbs = sums.map((logp) => logp - total);
  return { automaton, ...shieldedPhrases(task, isSafe, logProbs) };
}

/** n replies by constrained decoding, as numbers in the task's tree: draws from `masked`. */
export function shieldedReplies(
  key: Key,
  task: PhraseTask,
  model: Transformer,
  params: TransformerParams,
  { n, automaton }: { n: number; automaton: TokenAutomaton },
): Int32Array {
  const { tree, prompts } = task;
  const generate = generator(model, { newTokens: tree.length, stop: tree.end, pad: tree.end, automaton });
  const asked = leftPad(new Array<number[]>(n).fill([prompts[0]]));
  const rollout = generate(key, params, asked);
  const replies = Int32Array.from(completions(rollout), (reply) => sequenceIndex(tree, reply));
  disposeTree([rollout, asked]);
  return replies;
}
