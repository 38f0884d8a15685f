import { checkLength } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import { adamDescent } from "../../numerics/adamDescent.js";
import { penalisedRewards } from "../../numerics/index.js";
import { categorical, foldIn, type Key } from "../../random/index.js";
import { sequenceLogitGradient, sequenceLogProbsOf, type TreePolicy } from "../../trees/index.js";
import { leaveOneOutAdvantages } from "./advantages.js";

/** A policy on the way, and what it has cost so far. */
export interface DrawnPolicy {
  /** Replies drawn until here, in all. */
  readonly drawn: number;
  /** log pi(y) of every sequence, [N]. */
  readonly logProbs: Float64Array;
}

export interface TreeRlooOptions {
  /** Reward of every sequence, [N]. */
  readonly reward: ArrayLike<number>;
  /** log-probabilities of the reference, [N], and the price of a nat of KL from it, which is taken from the reward. */
  readonly logRef: ArrayLike<number>;
  readonly beta: number;
  /** Replies a step, all to the same prompt. */
  readonly group: number;
  readonly steps: number;
  /** Adam's. */
  readonly rate: number;
  /** Report every so many steps. */
  readonly every: number;
}

/**
 * RLOO on an enumerable world, as it would run on a large one: each step draws a group of replies, takes from
 * each reward the mean of the others' and climbs. Ahmadian et al. 2024, arXiv:2402.14740. Returns the policy
 * after every `every` steps.
 * @throws ShapeError if reward or logRef is not as long as there are sequences; DomainError for
 *   a group of less than two
 */
export function treeRloo(key: Key, start: TreePolicy, options: TreeRlooOptions): DrawnPolicy[] {
  const { reward, logRef, beta, group, steps, rate, every } = options;
  const { tree, contexts } = start;
  for (const [name, list] of Object.entries({ reward, logRef })) {
    checkLength(name, list, tree.sequences.length, "one per sequence");
  }
  if (!(Number.isInteger(group) && group >= 2)) {
    throw new DomainError(complaint("group", "at least two replies", group));
  }
  const points: DrawnPolicy[] = [];
  adamDescent(
    start.logits,
    (logits, step) => {
      const policy = { tree, contexts, logits };
      const logProbs = sequenceLogProbsOf(policy);
      const drawn = categorical(foldIn(key, step), logProbs, group);
      const paid = penalisedRewards(reward, logProbs, logRef, beta);
      const rewards = Array.from(drawn, (y) => paid[y]);
      const advantages = leaveOneOutAdvantages(rewards, { group });
      const slopes = new Float64Array(logProbs.length);
      drawn.forEach((y, i) => {
        slopes[y] -= advantages[i] / group;
      });
      return { gradient: sequenceLogitGradient(policy, slopes) };
    },
    {
      steps,
      rate,
      watch: (logits, step) => {
        if (step === 0 || step % every !== 0) return;
        points.push({ drawn: step * group, logProbs: sequenceLogProbsOf({ tree, contexts, logits }) });
      },
    },
  );
  return points;
}
