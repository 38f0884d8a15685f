import { complain, DomainError, ShapeError } from "../../core/index.js";
import {
  deterministicPolicy,
  exactExpectation,
  nextTokenLogProbs,
  type PolicyRows,
  policyReturn,
  type SequenceTree,
  sequenceLogProbs,
  type TabularMdp,
} from "../../envs/index.js";
import { mean } from "../../numerics/index.js";
import { foldIn, type Key, uniform } from "../../random/index.js";
import { checkNumbers } from "./checks.js";
import type { StepRewards } from "./stepRewards.js";

// Two learners as plain as can be. They are here to show what a form of reward does to learning; src/policy has those to train with.

export interface QLearningOptions {
  episodes: number;
  /** The longest episode. */
  horizon: number;
  /** Step size, (0, 1]. */
  rate: number;
  /** Probability of an action by chance. */
  explore: number;
  /** Judge after every so many episodes; default 1. */
  judgeEvery?: number;
}

/**
 * Tabular Q-learning (Watkins 1989) in `mdp`, from Q = 0. After every `judgeEvery` episodes the greedy policy is judged in the world `judge`,
 * exactly: the curve [episodes / judgeEvery] of its return there. An episode ends at the horizon or where no action leads away. Of equal actions one is taken by chance.
 */
export function qLearningCurve(
  key: Key,
  mdp: TabularMdp,
  judge: TabularMdp,
  { episodes, horizon, rate, explore, judgeEvery = 1 }: QLearningOptions,
): { curve: Float64Array; Q: Float64Array } {
  const { states, actions, transitions } = mdp;
  if (judge.states !== states || judge.actions !== actions) {
    throw new ShapeError(complain("judge", `${states} states and ${actions} actions`, [judge.states, judge.actions]));
  }
  if (!(rate > 0 && rate <= 1)) throw new DomainError(complain("rate", "a number in (0, 1]", rate));
  const Q = new Float64Array(states * actions);
  const draw = (row: (i: number) => number, n: number, u: number) => {
    let sum = 0;
    for (let i = 0; i < n; i++) {
      sum += row(i);
      if (u < sum) return i;
    }
    return n - 1;
  };
  const best = (s: number, u: number) => {
    const row = Q.subarray(s * actions, (s + 1) * actions);
    const top = row.reduce((a, b) => Math.max(a, b));
    const equal = Array.from(row.keys()).filter((a) => row[a] === top);
    return equal[Math.floor(u * equal.length)];
  };
  const isEnd = Array.from({ length: states }, (_, s) =>
    Array.from({ length: actions }, (_, a) => transitions[(s * actions + a) * states + s]).every((p) => p === 1),
  );
  const greedy = () =>
    deterministicPolicy(
      judge,
      Array.from({ length: states }, (_, state) => best(state, 0)),
    );
  const curve: number[] = [];
  for (let episode = 0; episode < episodes; episode++) {
    const u = uniform(foldIn(key, episode), 4 * horizon + 1);
    let s = draw((i) => mdp.start[i], states, u[4 * horizon]);
    for (let t = 0; t < horizon && !isEnd[s]; t++) {
      const [dice, which, tie, move] = u.subarray(4 * t, 4 * t + 4);
      const a = dice < explore ? Math.floor(which * actions) : best(s, tie);
      const pair = s * actions + a;
      const next = draw((i) => transitions[pair * states + i], states, move);
      const ahead = isEnd[next] ? 0 : Q.subarray(next * actions, (next + 1) * actions).reduce((x, y) => Math.max(x, y));
      Q[pair] += rate * (mdp.rewards[pair] + mdp.discount * ahead - Q[pair]);
      s = next;
    }
    if ((episode + 1) % judgeEvery === 0) curve.push(policyReturn(judge, greedy()));
  }
  return { curve: Float64Array.from(curve), Q };
}

export interface ReinforceCurveOptions {
  /** Where learning starts, [rows, V] row-major. */
  logits: ArrayLike<number>;
  /** Which row each prefix reads. */
  rows: PolicyRows;
  steps: number;
  /** Sequences a step. */
  batch: number;
  rate: number;
  /**
   * What a token is held responsible for: the rewards of the whole sequence, its own and later ones (reward to go), or its own alone.
   * The last one is biased: it is blind for what a token makes possible.
   */
  credit: "whole" | "to go" | "own";
  /** Subtract the batch's mean from the credits; default false. */
  baseline?: boolean;
}

/**
 * REINFORCE with step rewards on a tree (Williams 1992): each step draws a batch, adds rate times the mean of sum_t credit_t grad log pi(y_t),
 * and computes the exact expectation of `judge` [N] under the new policy. Returns that curve [steps + 1], the first value before learning, and the
 * final log-probabilities of sequences [N].
 */
export function reinforceCurve(
  key: Key,
  tree: SequenceTree,
  stepRewards: StepRewards,
  judge: ArrayLike<number>,
  options: ReinforceCurveOptions,
): { curve: Float64Array; logProbs: Float64Array } {
  const { rows, steps, batch, rate, credit, baseline } = options;
  checkNumbers("stepRewards", stepRewards, tree.next.length);
  checkNumbers("judge", judge, tree.sequences.length);
  const logits = Float64Array.from(options.logits);
  const curve = new Float64Array(steps + 1);
  let conditionals = nextTokenLogProbs(tree, rows, logits);
  let logProbs = sequenceLogProbs(tree, conditionals);
  curve[0] = exactExpectation(logProbs, judge);
  for (let step = 0; step < steps; step++) {
    const gradient = reinforceGradient(foldIn(key, step), tree, stepRewards, conditionals, {
      rows,
      size: logits.length,
      batch,
      credit,
      baseline,
    });
    for (let i = 0; i < logits.length; i++) logits[i] += rate * gradient[i];
    conditionals = nextTokenLogProbs(tree, rows, logits);
    logProbs = sequenceLogProbs(tree, conditionals);
    curve[step + 1] = exactExpectation(logProbs, judge);
  }
  return { curve, logProbs };
}

/** One estimate of d E[sum of step rewards] / d logits, [size], from `batch` sequences of the policy with these conditionals [P, V]. */
export function reinforceGradient(
  key: Key,
  tree: SequenceTree,
  stepRewards: StepRewards,
  conditionals: ArrayLike<number>,
  {
    rows,
    size,
    batch,
    credit,
    baseline = false,
  }: Pick<ReinforceCurveOptions, "rows" | "batch" | "credit" | "baseline"> & { size: number },
): Float64Array {
  const V = tree.vocabulary;
  const gradient = new Float64Array(size);
  const u = uniform(key, batch * tree.length);
  const drawn = Array.from({ length: batch }, (_, b) => {
    const places: number[] = [];
    for (let node = 0, t = 0; node >= 0; t++) {
      let rest = u[b * tree.length + t];
      let v = 0;
      for (; v < V - 1; v++) {
        rest -= Math.exp(conditionals[node * V + v]);
        if (rest < 0) break;
      }
      places.push(node * V + v);
      node = tree.next[node * V + v];
    }
    const own = places.map((place) => stepRewards[place]);
    const whole = own.reduce((a, b) => a + b, 0);
    let before = 0;
    const credits = own.map((reward) => {
      const toGo = whole - before;
      before += reward;
      return credit === "whole" ? whole : credit === "to go" ? toGo : reward;
    });
    return { places, credits };
  });
  const centre = baseline ? mean(drawn.flatMap(({ credits }) => credits)) : 0;
  for (const { places, credits } of drawn) {
    places.forEach((place, t) => {
      const p = Math.floor(place / V);
      const weight = (credits[t] - centre) / batch;
      for (let v = 0; v < V; v++) gradient[rows[p] * V + v] -= weight * Math.exp(conditionals[p * V + v]);
      gradient[rows[p] * V + (place % V)] += weight;
    });
  }
  return gradient;
}
