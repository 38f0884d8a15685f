import { checkDiscount, checkLength, checkNumbers } from "../core/checks.js";
import type { SequenceTree } from "./sequenceTree.js";

/**
 * A reward for every token of a tree of sequences: [P, V] row-major, the reward for writing token v after prefix p.
 * Added up along its path they are the reward of a whole sequence, whose optimum can be computed.
 */
export type TokenRewards = Float64Array;

/**
 * The sparse form, as from a reward model that reads finished sequences: 0 for every token but a sequence's last, which
 * gets the sequence's reward, from rewards [N].
 * @throws ShapeError unless there is one reward for each sequence
 */
export function terminalRewards(tree: SequenceTree, rewards: ArrayLike<number>): TokenRewards {
  checkLength("rewards", rewards, tree.sequences.length, "one per sequence");
  return Float64Array.from(tree.next, (node) => (node >= 0 ? 0 : rewards[-1 - node]));
}

/**
 * Potential-based shaping for every token: discount Phi(next prefix) - Phi(prefix), from the potentials of prefixes
 * [P]. Finished sequences have potential 0 unless `ends` [N] gives them another, which changes what is best: with
 * discount 1 a sequence's tokens then add up to its own less Phi of the empty prefix.
 * @throws ShapeError, DomainError unless there is a finite potential for each; DomainError unless 0 <= discount <= 1
 */
export function potentialTokenRewards(
  tree: SequenceTree,
  potential: ArrayLike<number>,
  { discount = 1, ends }: { discount?: number; ends?: ArrayLike<number> } = {},
): TokenRewards {
  checkNumbers("potential", potential, tree.prefixes.length);
  if (ends !== undefined) checkNumbers("ends", ends, tree.sequences.length);
  checkDiscount(discount);
  return Float64Array.from(tree.next, (node, step) => {
    const after = node >= 0 ? potential[node] : (ends?.[-1 - node] ?? 0);
    return discount * after - potential[Math.floor(step / tree.vocabulary)];
  });
}

/**
 * The (discounted) sum of its tokens' rewards for every sequence, [N]: sum over t of discount^t r_t, t from 0.
 * @throws ShapeError, DomainError unless there is a finite reward for each token; DomainError unless 0 <= discount <= 1
 */
export function sumOfTokenRewards(
  tree: SequenceTree,
  rewards: ArrayLike<number>,
  { discount = 1 }: { discount?: number } = {},
): Float64Array {
  checkNumbers("rewards", rewards, tree.next.length);
  checkDiscount(discount);
  const V = tree.vocabulary;
  const sums = new Float64Array(tree.prefixes.length);
  const out = new Float64Array(tree.sequences.length);
  for (let p = 0; p < tree.prefixes.length; p++) {
    const weight = discount ** tree.prefixes[p].length;
    for (let v = 0; v < V; v++) {
      const sum = sums[p] + weight * rewards[p * V + v];
      const node = tree.next[p * V + v];
      if (node >= 0) sums[node] = sum;
      else out[-1 - node] = sum;
    }
  }
  return out;
}

/** The prefixes that a finished sequence passes through, the empty one first, as their numbers, one per token. */
export function prefixesOf(tree: SequenceTree, sequence: number): number[] {
  const tokens = tree.sequences[sequence];
  const passed = [0];
  for (let t = 0; t + 1 < tokens.length; t++) passed.push(tree.next[passed[t] * tree.vocabulary + tokens[t]]);
  return passed;
}
