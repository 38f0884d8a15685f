import { checkCount } from "../../core/checks.js";
import { categorical, type Key, split } from "../../random/index.js";
import { conditionalLogProbs, prefixesOf, type SequenceTree, treePolicy } from "../../trees/index.js";
import type { LabelledSteps } from "../processReward.js";
import { rolloutLabels } from "./rolloutLabels.js";

/**
 * Replies that a policy drew, and what rollouts say of all their beginnings: what process and outcome
 * reward models learn from.
 */
export interface DrawnSteps {
  /** Numbers of the replies, [n]. */
  readonly sequences: Int32Array;
  /** 1 for each that ended well, 0 for others, [n]. */
  readonly outcomes: readonly number[];
  /**
   * Numbers of the prefixes that each passed, the empty one first; and a label for each, the share of
   * rollouts that ended well.
   */
  readonly prefixes: readonly (readonly number[])[];
  readonly labels: readonly Float64Array[];
}

/**
 * Draws `replies` sequences and labels every beginning by `rollouts` rollouts of the policy (`rolloutLabels`).
 * `logProbs` [N] are the policy's, of whole sequences; `good` [N] is 1 for those that end well.
 * @throws DomainError unless replies and rollouts are counts of at least 1
 */
export function drawLabelledSteps(
  key: Key,
  tree: SequenceTree,
  logProbs: Float64Array,
  good: ArrayLike<number>,
  { replies, rollouts }: { replies: number; rollouts: number },
): DrawnSteps {
  checkCount("replies", replies);
  const [draw, roll] = split(key);
  const sequences = categorical(draw, logProbs, replies);
  const prefixes = Array.from(sequences, (y) => prefixesOf(tree, y));
  const policy = treePolicy(tree, conditionalLogProbs(tree, logProbs));
  const { soft } = rolloutLabels(roll, policy, good, { prefixes: prefixes.flat(), rollouts });
  let at = 0;
  const labels = prefixes.map((passed) => {
    at += passed.length;
    return soft.slice(at - passed.length, at);
  });
  return { sequences, outcomes: Array.from(sequences, (y) => good[y]), prefixes, labels };
}

/** The same for a process reward model of tokens: a label after every token of the reply, the last one its outcome. */
export function labelledSteps(tree: SequenceTree, prompt: number, drawn: DrawnSteps): LabelledSteps[] {
  return Array.from(drawn.sequences, (y, i) => ({
    prompt: [prompt],
    completion: tree.sequences[y],
    labels: [...drawn.labels[i].subarray(1), drawn.outcomes[i]],
  }));
}
