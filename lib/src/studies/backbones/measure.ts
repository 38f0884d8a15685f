import { exactKL, penalisedRewards } from "../../numerics/index.js";
import { discountedReturns } from "../../policy/index.js";
import {
  exactPolicyGradient,
  sequenceLogProbs,
  tabularContexts,
  tokenIndicesOf,
  treePolicy,
} from "../../trees/index.js";
import type { PhraseTask } from "../../worlds/index.js";

/** What a policy and its critic say after one prompt: log pi(v | prefix), [P, V], and what the prefix is worth, [P]. */
export interface BackboneReading {
  readonly conditionals: Float64Array;
  readonly said: Float64Array;
}

/** Exact figures, by enumerating every reply to every prompt. */
export interface BackboneRecord {
  step: number;
  /** Explained variance of the critic against the returns, over tokens as the policy writes them. */
  explained: number;
  /** That of the true values: what no critic can exceed, since the return depends on words still to come. */
  ceiling: number;
  /** E[utility], mean over prompts. */
  reward: number;
  /** KL(pi || the policy at the start), mean over prompts, in nats. */
  kl: number;
  /** KL(the policy at the start || pi): how much of what it could say it has forgotten. */
  forgotten: number;
}

/**
 * Everything about a reading that can be known by enumeration. Of the return of a token, that is the reward of the
 * reply minus beta (log pi - log first) of this token and those after it, the critic explains the share
 * 1 - Var(return - said) / Var(return), over tokens as the policy writes them. `now` and `first` [prompts]; `first` are
 * the conditionals [P, V] that the penalty is measured from.
 */
export function measureBackbone(
  { tree, utility }: PhraseTask,
  beta: number,
  now: readonly BackboneReading[],
  first: readonly Float64Array[],
): Omit<BackboneRecord, "step"> {
  const V = tree.vocabulary;
  const rows = tabularContexts(tree);
  const tokenIndices = tree.sequences.map((_, n) => tokenIndicesOf(tree, n));
  const sums = { reward: 0, kl: 0, forgotten: 0 };
  const [returns, errors, best] = [new Spread(), new Spread(), new Spread()];
  now.forEach(({ conditionals, said }, x) => {
    const logProbs = sequenceLogProbs(tree, conditionals);
    const before = sequenceLogProbs(tree, first[x]);
    const total = penalisedRewards(utility[x], logProbs, before, beta);
    const truth = exactPolicyGradient(treePolicy(tree, conditionals, rows), total);
    sums.reward += exactPolicyGradient(treePolicy(tree, conditionals, rows), utility[x]).value / now.length;
    sums.kl += exactKL(logProbs, before) / now.length;
    sums.forgotten += exactKL(before, logProbs) / now.length;
    tokenIndices.forEach((list, n) => {
      const weight = Math.exp(logProbs[n]);
      let paid = 0; // the penalty of the tokens before this one is no part of its return
      for (const at of list) {
        const p = Math.floor(at / V);
        const g = total[n] + paid;
        returns.add(weight, g);
        errors.add(weight, g - said[p]);
        best.add(weight, total[n] - truth.V[p]);
        paid += beta * (conditionals[at] - first[x][at]);
      }
    });
  });
  return {
    explained: 1 - errors.variance() / returns.variance(),
    ceiling: 1 - best.variance() / returns.variance(),
    ...sums,
  };
}

/** A weighted variance, number by number. */
class Spread {
  private weight = 0;
  private sum = 0;
  private squares = 0;

  add(weight: number, x: number): void {
    this.weight += weight;
    this.sum += weight * x;
    this.squares += weight * x * x;
  }

  variance(): number {
    return this.squares / this.weight - (this.sum / this.weight) ** 2;
  }
}

/** A rollout's numbers, row-major [B, width]; the prompts are asked in turn, one token each. */
export interface DrawnReplies {
  readonly tokens: ArrayLike<number>;
  readonly mask: ArrayLike<number>;
  readonly logProbs: ArrayLike<number>;
  readonly width: number;
}

/** Monte Carlo returns of every drawn token, penalty included, [B, width]. */
export function penalisedReturns(
  { tree, utility }: PhraseTask,
  beta: number,
  { tokens, mask, logProbs, width }: DrawnReplies,
  first: readonly Float64Array[],
): Float32Array {
  const V = tree.vocabulary;
  const out = new Float32Array(tokens.length);
  for (let b = 0; b * width < tokens.length; b++) {
    const x = b % first.length;
    const rewards: number[] = [];
    let node = 0;
    for (let i = b * width + 1; i < (b + 1) * width && mask[i] === 1; i++) {
      rewards.push(-beta * (logProbs[i] - first[x][node * V + tokens[i]]));
      node = tree.next[node * V + tokens[i]];
    }
    rewards[rewards.length - 1] += utility[x][-1 - node];
    out.set(discountedReturns(rewards, 1), b * width + 1);
  }
  return out;
}
