import { checkLength } from "../core/checks.js";
import { complaint, DomainError, ShapeError } from "../core/index.js";
import { foldIn, type Key, uniform } from "../random/index.js";
import { deterministicPolicy, policyReturn, type TabularMdp } from "./tabularMdp.js";

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
  /** A shield: 0 for the pairs that are never tried, [states * actions]; where a state has no other, all are. */
  allowed?: ArrayLike<number>;
}

/**
 * Tabular Q-learning (Watkins 1989) in `mdp`, from Q = 0. After every `judgeEvery` episodes the greedy policy is judged
 * in the world `judge`, exactly: the curve [episodes / judgeEvery] of its return there. An episode ends at the horizon
 * or where no action leads away. Of equal actions one is taken by chance. `entries` counts how often each state was
 * come to while learning (staying in one included), [states].
 * @throws ShapeError if `judge` or `allowed` does not fit; DomainError for a rate outside (0, 1]
 */
export function qLearningCurve(
  key: Key,
  mdp: TabularMdp,
  judge: TabularMdp,
  { episodes, horizon, rate, explore, judgeEvery = 1, allowed }: QLearningOptions,
): { curve: Float64Array; Q: Float64Array; entries: Float64Array } {
  const { states, actions, transitions } = mdp;
  if (judge.states !== states || judge.actions !== actions) {
    throw new ShapeError(complaint("judge", `${states} states and ${actions} actions`, [judge.states, judge.actions]));
  }
  if (!(rate > 0 && rate <= 1)) throw new DomainError(complaint("rate", "a number in (0, 1]", rate));
  if (allowed !== undefined) checkLength("allowed", allowed, states * actions, "states times actions");
  const Q = new Float64Array(states * actions);
  const entries = new Float64Array(states);
  const open = Array.from({ length: states }, (_, s) => {
    const all = Array.from({ length: actions }, (_, a) => a);
    const left = all.filter((a) => allowed === undefined || allowed[s * actions + a] !== 0);
    return left.length === 0 ? all : left;
  });
  const draw = (row: (i: number) => number, n: number, u: number) => {
    let sum = 0;
    for (let i = 0; i < n; i++) {
      sum += row(i);
      if (u < sum) return i;
    }
    return n - 1;
  };
  const most = (s: number) => open[s].reduce((x, a) => Math.max(x, Q[s * actions + a]), Number.NEGATIVE_INFINITY);
  const best = (s: number, u: number) => {
    const top = most(s);
    const equal = open[s].filter((a) => Q[s * actions + a] === top);
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
      const a = dice < explore ? open[s][Math.floor(which * open[s].length)] : best(s, tie);
      const pair = s * actions + a;
      const next = draw((i) => transitions[pair * states + i], states, move);
      const ahead = isEnd[next] ? 0 : most(next);
      Q[pair] += rate * (mdp.rewards[pair] + mdp.discount * ahead - Q[pair]);
      entries[next]++;
      s = next;
    }
    if ((episode + 1) % judgeEvery === 0) curve.push(policyReturn(judge, greedy()));
  }
  return { curve: Float64Array.from(curve), Q, entries };
}
