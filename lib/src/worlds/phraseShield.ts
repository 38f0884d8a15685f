import { exactExpectation, exactKL } from "../numerics/index.js";
import { exactShield, forbiddenPhrases, maskedPolicy } from "../safety/index.js";
import { type TokenAutomaton, toBytes } from "../tokenizers/index.js";
import { conditionalLogProbs, sequenceLogProbs } from "../trees/index.js";
import { type PhraseTask, phraseText } from "./phrases.js";

/**
 * World: shields on the phrase task, whose replies to the first prompt are conditioned on a set of safe ones, or masked
 * with look-ahead. Known: the utility of every reply. Oracle: enumeration. Size: 9,331 replies. Lesson 20.
 */
export interface ShieldedPhrases {
  readonly free: ShieldedPolicy;
  readonly masked: ShieldedPolicy;
  readonly conditioned: ShieldedPolicy;
  /** KL(conditioned || free) = -ln P(safe), the least price of safety; and the mask's, KL(masked || free). Nats. */
  readonly price: { readonly conditioned: number; readonly masked: number };
  /** KL(conditioned || masked), nats. */
  readonly kl: number;
  /** Half of the sum of |conditioned - masked| over replies. */
  readonly totalVariation: number;
}

/** A policy over replies, exactly. */
export interface ShieldedPolicy {
  /** log-probability of each reply, [N], nats. */
  readonly logProbs: Float64Array;
  /** E of the true utility. */
  readonly utility: number;
  /** P(a reply that is not safe). */
  readonly unsafe: number;
}

/**
 * A policy left alone, masked with look-ahead, and conditioned.
 * @param isSafe which replies may be written, one per sequence, [N]
 * @param logProbs log pi(y) of each reply to the first prompt, [N]; the task's reference when left out
 * @throws ShapeError for other lengths; DomainError where nothing safe can be written
 */
export function shieldedPhrases(
  task: PhraseTask,
  isSafe: ArrayLike<boolean | number>,
  logProbs: Float64Array = task.reference[0],
): ShieldedPhrases {
  const { tree } = task;
  const conditionals = conditionalLogProbs(tree, logProbs);
  const exact = exactShield(tree, conditionals, isSafe);
  const policyOf = (logp: Float64Array): ShieldedPolicy => ({
    logProbs: logp,
    utility: exactExpectation(logp, task.utility[0]),
    unsafe: logp.reduce((sum, log, y) => sum + (isSafe[y] ? 0 : Math.exp(log)), 0),
  });
  const free = policyOf(logProbs);
  const conditioned = policyOf(sequenceLogProbs(tree, exact.conditionals));
  const masked = policyOf(sequenceLogProbs(tree, maskedPolicy(tree, conditionals, { isSafe }).conditionals));
  const difference = (logp: number, y: number) => Math.abs(Math.exp(logp) - Math.exp(masked.logProbs[y]));
  return {
    free,
    masked,
    conditioned,
    price: { conditioned: exact.kl, masked: exactKL(masked.logProbs, free.logProbs) },
    kl: exactKL(conditioned.logProbs, masked.logProbs),
    totalVariation: conditioned.logProbs.reduce((sum, logp, y) => sum + difference(logp, y), 0) / 2,
  };
}

/**
 * An automaton over the task's tokens that stops phrases of its words.
 * @throws DomainError for a phrase without letters
 */
export function phraseTaskAutomaton(task: PhraseTask, phrases: readonly string[]): TokenAutomaton {
  const { end } = task.tree;
  const vocabulary = task.words.map((word, id) => toBytes(id === end ? "" : ` ${word}`));
  return forbiddenPhrases(vocabulary, phrases, { wholeWords: true, end });
}

/** The replies whose probability is raised most from one policy to another: words, and both probabilities. */
export function mostRaised(
  task: PhraseTask,
  { from, to }: { from: ShieldedPolicy; to: ShieldedPolicy },
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
