import { checkNumbers, checkPositive } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";
import { exactPolicyGradient, type SequenceTree, treePolicy } from "../trees/index.js";
import { checkScores, type Scores } from "./checkScores.js";

/** From the gradients of all objectives [k][D] to a direction [D], uphill. */
export type JointDirection = (gradients: readonly Float64Array[], step: number) => ArrayLike<number>;

/**
 * A tabular policy that climbs several rewards at once by exact gradients: logits <- logits + rate * direction(g_1 ..
 * g_k). Returns E[reward] of each before every step and after the last, [steps + 1][k]: the road that a rule such as
 * `pcgrad` takes.
 * @param logits where it begins, [P, V] row-major, for `treePolicy`
 * @param rewards [k][N]
 * @throws ShapeError if lengths differ; DomainError if a number is not finite, rate is not positive, steps no count
 */
export function climbTogether(
  tree: SequenceTree,
  logits: ArrayLike<number>,
  rewards: Scores,
  direction: JointDirection,
  { steps, rate }: { steps: number; rate: number },
): Float64Array[] {
  checkScores("rewards", rewards);
  checkNumbers("rewards[0]", rewards[0], tree.sequences.length);
  checkPositive("rate", rate);
  if (!(Number.isInteger(steps) && steps >= 0)) throw new DomainError(complaint("steps", "a count", steps));
  const at = Float64Array.from(logits);
  const values: Float64Array[] = [];
  for (let step = 0; step <= steps; step++) {
    const known = rewards.map((reward) => exactPolicyGradient(treePolicy(tree, at), reward));
    values.push(Float64Array.from(known, ({ value }) => value));
    if (step === steps) break;
    const move = direction(
      known.map(({ gradient }) => gradient),
      step,
    );
    checkNumbers("direction", move, at.length);
    for (let i = 0; i < at.length; i++) at[i] += rate * move[i];
  }
  return values;
}
