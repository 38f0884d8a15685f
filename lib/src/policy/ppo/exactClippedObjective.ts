import { complaint, ShapeError } from "../../core/index.js";
import { exactPolicyGradient, nextTokenLogProbs, prefixLogitGradient, type TreePolicy } from "../../trees/index.js";
import { type ClipOptions, clipRange } from "./clip.js";
import { clippedObjectiveOf } from "./clippedObjective.js";

/**
 * What PPO would maximise with endless data and a perfect critic: the expectation, over sequences of the old policy, of
 * the sum over tokens of min(r_t A_t, clip(r_t) A_t), with the exact advantages A = Q - V of the old policy. And its
 * gradient in the new policy's logits, [rows, V]. No sampling: what goes wrong here is the objective's own doing.
 * `reward` [N], one number per sequence. At new = old it is 0, and its gradient that of E[reward].
 * @throws ShapeError if the policies do not share their tree and rows; DomainError unless clip > 0
 */
export function exactClippedObjective(
  old: TreePolicy,
  policy: TreePolicy,
  reward: ArrayLike<number>,
  options: ClipOptions = {},
): { objective: number; gradient: Float64Array } {
  const range = clipRange(options);
  const { tree, contexts } = policy;
  if (old.tree !== tree || old.contexts.length !== contexts.length || old.logits.length !== policy.logits.length) {
    throw new ShapeError(complaint("policy", "the tree and the table of the old one", policy.logits));
  }
  const V = tree.vocabulary;
  const { Q, V: values, reach } = exactPolicyGradient(old, reward);
  const [before, now] = [nextTokenLogProbs(old), nextTokenLogProbs(policy)];
  const slopes = new Float64Array(now.length);
  let sum = 0;
  for (let p = 0; p < contexts.length; p++) {
    for (let v = 0; v < V; v++) {
      const at = p * V + v;
      const weight = reach[p] * Math.exp(before[at]);
      if (weight === 0) continue;
      const { objective, slope } = clippedObjectiveOf(now[at] - before[at], Q[at] - values[p], range);
      sum += weight * objective;
      slopes[at] = weight * slope;
    }
  }
  return { objective: sum, gradient: prefixLogitGradient(policy, slopes) };
}
