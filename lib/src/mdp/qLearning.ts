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
}

/**
 * Tabular Q-learning (Watkins 1989) in `mdp`, from Q = 0. After every `judgeEvery` episodes the greedy policy is judged
 * in the world `judge`, exactly: the curve [episodes / judgeEvery] of its return there. An episode ends at the horizon
 * or where no action leads away. Of equal actions one is taken by chance.
 */
export function qLearningCurve(
  key: Key,
  mdp: TabularMdp,
  judge: TabularMdp,
  { episodes, horizon, rate, explore, judgeEvery = 1 }: QLearningOptions,
): { curve: Float64Array; Q: Float64Array } {
  const { states, actions, transitions } = mdp;
  if (judge.states !== states || judge.actions !== actions) {
    throw new ShapeError(complaint("judge", `${states} states and ${actions} actions`, [judge.states, judge.actions]));
  }
  if (!(rate > 0 && rate <= 1)) throw new DomainError(complaint("rate", "a number in (0, 1]", rate));
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
