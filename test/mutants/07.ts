// Wrong answers to the exercises of lesson 07. Each must be rejected, with its own words.
import { softmax } from "../../lib/src/numerics/index.js";

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
    alone: {
      leaveOneOut: (rewards: number[]) =>
        rewards.map((r) => r - (total(rewards) - r) / Math.max(1, rewards.length - 1)),
    },
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
