// Wrong answers to the exercises of lesson 07. Each must be rejected, with its own words.

import { softmax } from "rlhf-lab/numerics";
import { reinforce } from "rlhf-lab/policy";
import { categorical, foldIn, type Key } from "rlhf-lab/random";
import { type SequenceTree, tabularContexts, treePolicy } from "rlhf-lab/trees";

const total = (values: number[]) => values.reduce((a, b) => a + b, 0);
const square = (values: number[]) => total(values.map((x) => x * x));
const score = (logits: number[], action: number) => softmax(logits).map((p, v) => (v === action ? 1 : 0) - p);
const naiveSoftmax = (logits: number[]) => {
  const weights = logits.map(Math.exp);
  return weights.map((w) => w / total(weights));
};
const entropy = (p: number[]) => total(p.map((q) => (q > 0 ? -q * Math.log(q) : 0)));
const slope = (logits: number[]) => {
  const p = softmax(logits);
  return p.map((q) => (q > 0 ? -q * (Math.log(q) + entropy(p)) : 0));
};

/** Equation (8) with one thing changed. */
function needed(
  gradients: number[][],
  epsilon: number,
  wrong: { power?: number; divisor?: number; share?: number; ownNoise?: boolean; root?: boolean },
): number {
  const n = gradients.length;
  const mean = gradients[0].map((_, d) => total(gradients.map((g) => g[d])) / n);
  const spread = total(gradients.map((g) => square(g.map((x, d) => x - mean[d]))));
  const variance = spread / (wrong.divisor ?? n - 1) / (wrong.share ?? 1);
  const norm = square(mean) - (wrong.ownNoise ? 0 : variance / n);
  return variance / (epsilon ** (wrong.power ?? 2) * (wrong.root ? Math.sqrt(norm) : norm));
}

/** Rewards less the mean of those that count: the pairs (i, j) of which `counts` holds. */
function compared(rewards: number[], counts: (i: number, j: number) => boolean, divisor = (n: number) => n): number[] {
  return rewards.map((own, i) => {
    const others = rewards.filter((_, j) => counts(i, j));
    return own - total(others) / divisor(others.length);
  });
}

interface Plan {
  steps: number;
  group: number;
  rate: number;
}
type Loop = [key: Key, tree: SequenceTree, tables: Float64Array[], rewards: Float64Array[], plan: Plan];

interface LoopChange {
  credit?: (own: number[], all: number[]) => number[];
  drawKey?: (key: Key, step: number, x: number) => Key;
  scale?: (plan: Plan) => number;
  stale?: boolean;
}

const others = (rewards: number[]) => compared(rewards, (i, j) => i !== j);

/** The loop with one thing changed. */
function loop(change: LoopChange) {
  return {
    learn: (...[key, tree, tables, rewards, plan]: Loop) => {
      const { credit = others, drawKey = (k, step, x) => foldIn(foldIn(k, step), x), scale } = change;
      const logits = tables.map((table) => table.slice());
      const rows = tabularContexts(tree);
      const look = () => logits.map((table, x) => reinforce.enumeratePolicy(treePolicy(tree, table, rows), rewards[x]));
      let policies = look();
      for (let step = 1; step <= plan.steps; step++) {
        if (!change.stale) policies = look();
        const drawn = policies.map(({ logProbs }, x) => categorical(drawKey(key, step, x), logProbs, plan.group));
        const earned = drawn.map((replies, x) => Array.from(replies, (n) => rewards[x][n]));
        for (const [x, policy] of policies.entries()) {
          const advantages = credit(earned[x], earned.flat());
          for (const [i, reply] of drawn[x].entries()) {
            const push = advantages[i] * (scale?.(plan) ?? plan.rate / plan.group);
            reinforce.replyScore(policy, reply).forEach((s, d) => {
              logits[x][d] += push * s;
            });
          }
        }
      }
      return logits;
    },
  };
}

type Sample = [logits: number[], action: number, reward: number];

export const mutants = {
  "07/score": {
    "no-expectation": {
      sampleGradient: (...[logits, action, reward]: Sample) => logits.map((_, v) => (v === action ? reward : 0)),
    },
    "wrong-sign": {
      sampleGradient: (...[logits, action, reward]: Sample) => score(logits, action).map((s) => -reward * s),
    },
    "probability-slope": {
      sampleGradient: (...[logits, action, reward]: Sample) =>
        score(logits, action).map((s) => reward * softmax(logits)[action] * s),
    },
    "no-reward": { sampleGradient: (...[logits, action]: Sample) => score(logits, action) },
    overflow: {
      sampleGradient: (...[logits, action, reward]: Sample) =>
        naiveSoftmax(logits).map((p, v) => reward * ((v === action ? 1 : 0) - p)),
    },
  },
  "07/optimal-baseline": {
    mean: { bestBaseline: (_: number[][], rewards: number[]) => total(rewards) / rewards.length },
    unsquared: {
      bestBaseline: (scores: number[][], rewards: number[]) => {
        const weights = scores.map((s) => Math.sqrt(square(s)));
        return total(weights.map((w, n) => w * rewards[n])) / total(weights);
      },
    },
    "no-division": {
      bestBaseline: (scores: number[][], rewards: number[]) => total(scores.map((s, n) => square(s) * rewards[n])),
    },
    "own-mean": {
      bestBaseline: (scores: number[][], rewards: number[]) =>
        total(scores.map((s, n) => square(s) * rewards[n])) / rewards.length,
    },
  },
  "07/leave-one-out": {
    "includes-itself": {
      leaveOneOut: (rewards: number[]) => {
        if (rewards.length < 2) throw new Error("too few");
        return rewards.map((r) => r - total(rewards) / rewards.length);
      },
    },
    "divides-by-n": {
      leaveOneOut: (rewards: number[]) => rewards.map((r) => r - (total(rewards) - r) / rewards.length),
    },
    "baseline-only": {
      leaveOneOut: (rewards: number[]) => rewards.map((r) => (total(rewards) - r) / (rewards.length - 1)),
    },
    "wrong-sign": {
      leaveOneOut: (rewards: number[]) => rewards.map((r) => (total(rewards) - r) / (rewards.length - 1) - r),
    },
    "drops-equal": {
      leaveOneOut: (rewards: number[]) => {
        if (rewards.length < 2) throw new Error("too few");
        return rewards.map((own) => {
          const rest = rewards.filter((r) => r !== own);
          return own - total(rest) / rest.length;
        });
      },
    },
    alone: {
      leaveOneOut: (rewards: number[]) =>
        rewards.map((r) => r - (total(rewards) - r) / Math.max(1, rewards.length - 1)),
    },
  },
  "07/same-prompt": {
    "drops-equal": {
      promptAdvantages: (prompts: number[], rewards: number[]) =>
        compared(rewards, (i, j) => rewards[i] !== rewards[j] && prompts[i] === prompts[j]),
    },
    "any-prompt": { promptAdvantages: (_: number[], rewards: number[]) => others(rewards) },
    "includes-itself": {
      promptAdvantages: (prompts: number[], rewards: number[]) =>
        compared(rewards, (i, j) => prompts[i] === prompts[j]),
    },
    "divides-by-n": {
      promptAdvantages: (prompts: number[], rewards: number[]) =>
        compared(
          rewards,
          (i, j) => i !== j && prompts[i] === prompts[j],
          (n) => n + 1,
        ),
    },
  },
  "07/loop": {
    "any-prompt": loop({
      credit: (own, all) => own.map((r) => r - (total(all) - r) / (all.length - 1)),
    }),
    "includes-itself": loop({ credit: (own) => own.map((r) => r - total(own) / own.length) }),
    "no-baseline": loop({ credit: (own) => own }),
    "wrong-sign": loop({ scale: ({ rate, group }) => -rate / group }),
    sum: loop({ scale: ({ rate }) => rate }),
    stale: loop({ stale: true }),
    "same-draws": loop({ drawKey: (key, _, x) => foldIn(key, x) }),
  },
  "07/reward-to-go": {
    "past-included": { rewardsToGo: (rewards: number[]) => rewards.map(() => total(rewards)) },
    "past-only": { rewardsToGo: (rewards: number[]) => rewards.map((_, t) => total(rewards.slice(0, t + 1))) },
    "skips-own": { rewardsToGo: (rewards: number[]) => rewards.map((_, t) => total(rewards.slice(t + 1))) },
  },
  "07/replies-needed": {
    "own-noise": { repliesNeeded: (g: number[][], e: number) => needed(g, e, { ownNoise: true }) },
    "not-squared": { repliesNeeded: (g: number[][], e: number) => needed(g, e, { power: 1 }) },
    "per-coordinate": { repliesNeeded: (g: number[][], e: number) => needed(g, e, { share: g[0].length }) },
    population: { repliesNeeded: (g: number[][], e: number) => needed(g, e, { divisor: g.length }) },
    "unsquared-length": { repliesNeeded: (g: number[][], e: number) => needed(g, e, { root: true }) },
  },
  "07/entropy-gradient": {
    "wrong-sign": { entropyGradient: (logits: number[]) => slope(logits).map((g) => -g) },
    "no-entropy-term": {
      entropyGradient: (logits: number[]) => softmax(logits).map((q) => (q > 0 ? -q * Math.log(q) : 0)),
    },
    "no-probability": {
      entropyGradient: (logits: number[]) => {
        const p = softmax(logits);
        return p.map((q) => (q > 0 ? -(Math.log(q) + entropy(p)) : 0));
      },
    },
    "zero-log": {
      entropyGradient: (logits: number[]) => {
        const p = softmax(logits);
        const h = total(p.map((q) => -q * Math.log(q)));
        return p.map((q) => -q * (Math.log(q) + h));
      },
    },
    bits: { entropyGradient: (logits: number[]) => slope(logits).map((g) => g / Math.LN2) },
  },
};
