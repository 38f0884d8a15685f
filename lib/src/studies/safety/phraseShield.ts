import { completions, generator, leftPad, type Transformer, type TransformerParams } from "../../models/index.js";
import { exactExpectation, exactKL, logSumExp } from "../../numerics/index.js";
import type { Key } from "../../random/index.js";
import { exactShield, forbiddenPhrases, maskedPolicy } from "../../safety/index.js";
import { disposeTree } from "../../tensor/index.js";
import { isAccepted, type TokenAutomaton, toBytes } from "../../tokenizers/index.js";
import { completionLogProbs } from "../../train/index.js";
import { conditionalLogProbs, sequenceIndex, sequenceLogProbs } from "../../trees/index.js";
import { type PhraseTask, phraseText } from "../../worlds/index.js";

/** An automaton over the phrase task's tokens, for phrases of its words: "very bad". A reply may end anywhere else. */
export function phraseTaskAutomaton(task: PhraseTask, phrases: readonly string[]): TokenAutomaton {
  const { end } = task.tree;
  const vocabulary = task.words.map((word, id) => toBytes(id === end ? "" : ` ${word}`));
  return forbiddenPhrases(vocabulary, phrases, { wholeWords: true, end });
}

/** A policy over replies, exactly. */
export interface ShieldedPolicy {
  /** log-probability of each reply, [N], nats. */
  readonly logProbs: Float64Array;
  /** E of the true utility. */
  readonly utility: number;
  /** P(the reply has one of the phrases). */
  readonly wrong: number;
}

/** A transformer left alone, masked, and conditioned, by enumeration of all replies to the first prompt. */
export interface PhraseShield {
  readonly automaton: TokenAutomaton;
  readonly free: ShieldedPolicy;
  readonly masked: ShieldedPolicy;
  readonly conditioned: ShieldedPolicy;
  /** KL(conditioned || free) = -ln P(safe), the least price of safety; and the mask's KL(masked || free). */
  readonly price: { readonly conditioned: number; readonly masked: number };
  /** KL(conditioned || masked), nats, and half of the sum of differences. */
  readonly kl: number;
  readonly totalVariation: number;
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
  const logFree = sums.map((logp) => logp - total);
  const automaton = phraseTaskAutomaton(task, phrases);
  const isSafe = tree.sequences.map((reply) => isAccepted(automaton, reply));
  const conditionals = conditionalLogProbs(tree, logFree);
  const exact = exactShield(tree, conditionals, isSafe);
  const policyOf = (logProbs: Float64Array): ShieldedPolicy => ({
    logProbs,
    utility: exactExpectation(logProbs, task.utility[0]),
    wrong: logProbs.reduce((sum, logp, y) => sum + (isSafe[y] ? 0 : Math.exp(logp)), 0),
  });
  const free = policyOf(logFree);
  const conditioned = policyOf(sequenceLogProbs(tree, exact.conditionals));
  const masked = policyOf(sequenceLogProbs(tree, maskedPolicy(tree, conditionals, { isSafe }).conditionals));
  const difference = (logp: number, y: number) => Math.abs(Math.exp(logp) - Math.exp(masked.logProbs[y]));
  return {
    automaton,
    free,
    masked,
    conditioned,
    price: { conditioned: exact.kl, masked: exactKL(masked.logProbs, free.logProbs) },
    kl: exactKL(conditioned.logProbs, masked.logProbs),
    totalVariation: conditioned.logProbs.reduce((sum, logp, y) => sum + difference(logp, y), 0) / 2,
  };
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

/** The replies whose probability a shield raised most against another one: words, and both probabilities. */
export function mostRaised(
  task: PhraseTask,
  to: ShieldedPolicy,
  from: ShieldedPolicy,
  count = 5,
): { reply: string; from: number; to: number }[] {
  const rise = to.logProbs.map((logp, y) => Math.exp(logp) - Math.exp(from.logProbs[y]));
  const order = Array.from(rise.keys()).sort((a, b) => rise[b] - rise[a]);
  return order.slice(0, count).map((y) => ({
    reply: phraseText(task.tree.sequences[y]),
    from: Math.exp(from.logProbs[y]),
    to: Math.exp(to.logProbs[y]),
  }));
}
