import { checkCount, checkNumbers, checkPositive } from "../../core/checks.js";
import { complaint, ShapeError } from "../../core/index.js";
import { zeroSumEquilibrium } from "../../games/index.js";
import { dot } from "../../numerics/dot.js";
import { softmax } from "../../numerics/index.js";

export interface GroupRobust {
  /** Probabilities of the actions, [A]. */
  policy: Float64Array;
  /** The mixture of groups that nature holds against it, [G]. */
  weights: Float64Array;
  /** E reward of the group that is worst off under `policy`. */
  value: number;
}

/**
 * The policy whose worst group is as well off as can be, max over pi of min over g of sum_a pi(a) rewards[g][a]: the
 * equilibrium of a game against whoever picks the group, by linear programming. `rewards` is [G][A].
 * @throws ShapeError without a group or an action, or if rows differ in length; DomainError for a reward not finite
 * @example (await groupRobust([[3, 0, 1.6], [0, 3, 1.6]])).policy // [0, 0, 1]
 */
export async function groupRobust(rewards: ReadonlyArray<ArrayLike<number>>): Promise<GroupRobust> {
  const actions = checkGroups(rewards);
  const byAction = Array.from({ length: actions }, (_, a) => rewards.map((row) => row[a]));
  const { row, column } = await zeroSumEquilibrium(byAction);
  return { policy: row, weights: column, value: worstGroup(rewards, row) };
}

/**
 * The same by exponentiated gradient, as group DRO is trained (Sagawa et al. 2020, arXiv:1911.08731): the group that is
 * badly off gains weight, w_g <- w_g e^(-rate reward_g) / Z, and the policy takes the action that is best for the
 * weights. Single steps jump from action to action for ever; their average comes within
 * ln G / (rate steps) + rate span^2 / 8 of the optimum, span = greatest less least reward.
 * `policy` and `weights` are averages, `value` is the worst group of the average policy; `last` is the last action.
 * @throws as `groupRobust`; DomainError unless rate > 0 and steps is a whole number of at least 1
 * @example groupRobustDescent([[2, 0], [0, 1]], { rate: 0.1, steps: 1000 }).value // 0.664
 */
export function groupRobustDescent(
  rewards: ReadonlyArray<ArrayLike<number>>,
  { rate, steps }: { rate: number; steps: number },
): GroupRobust & { last: number } {
  const actions = checkGroups(rewards);
  checkPositive("rate", rate);
  checkCount("steps", steps);
  const logits = new Float64Array(rewards.length);
  const policy = new Float64Array(actions);
  const weights = new Float64Array(rewards.length);
  let last = 0;
  for (let step = 0; step < steps; step++) {
    const now = softmax(logits);
    let [best, most] = [0, Number.NEGATIVE_INFINITY];
    for (let a = 0; a < actions; a++) {
      const own = rewards.reduce((sum, row, g) => sum + now[g] * row[a], 0);
      if (own > most) [best, most] = [a, own];
    }
    policy[best] += 1 / steps;
    rewards.forEach((row, g) => {
      weights[g] += now[g] / steps;
      logits[g] -= rate * row[best];
    });
    last = best;
  }
  return { policy, weights, value: worstGroup(rewards, policy), last };
}

/** E reward of the group that is worst off. */
function worstGroup(rewards: ReadonlyArray<ArrayLike<number>>, policy: ArrayLike<number>): number {
  return rewards.reduce((least, row) => Math.min(least, dot(policy, row)), Number.POSITIVE_INFINITY);
}

function checkGroups(rewards: ReadonlyArray<ArrayLike<number>>): number {
  const actions = rewards[0]?.length ?? 0;
  if (actions === 0) throw new ShapeError(complaint("rewards", "at least one group and one action", rewards));
  rewards.forEach((row, g) => {
    checkNumbers(`rewards[${g}]`, row, actions);
  });
  return actions;
}
