import { checkCount, checkFinite, checkNumbers } from "../core/checks.js";
import { complaint, DomainError, InfeasibleError } from "../core/index.js";
import { exactExpectation } from "../numerics/index.js";
import { foldIn, type Key, uniform } from "../random/index.js";

/**
 * The mixture of actions with the greatest mean reward whose mean cost is at most `limit`, [actions]: at most two of
 * them are mixed, so all pairs are tried. Of equal ones the first.
 * @throws InfeasibleError if every action costs more
 * @example mixtureUnderLimit([0.3, 0.6, 0.9], [0.05, 0.3, 0.6], 0.2) // [0.4, 0.6, 0]
 */
export function mixtureUnderLimit(rewards: ArrayLike<number>, costs: ArrayLike<number>, limit: number): Float64Array {
  const n = rewards.length;
  checkNumbers("rewards", rewards, n);
  checkNumbers("costs", costs, n);
  checkFinite("limit", limit);
  let best: { value: number; mix: Float64Array } | undefined;
  const offer = (i: number, j: number, share: number) => {
    const value = (1 - share) * rewards[i] + share * rewards[j];
    if (best !== undefined && value <= best.value) return;
    const mix = new Float64Array(n);
    mix[i] += 1 - share;
    mix[j] += share;
    best = { value, mix };
  };
  for (let i = 0; i < n; i++) {
    if (costs[i] > limit) continue;
    offer(i, i, 0);
    for (let j = 0; j < n; j++) if (costs[j] > limit) offer(i, j, (limit - costs[i]) / (costs[j] - costs[i]));
  }
  if (best === undefined) throw new InfeasibleError(complaint("limit", "at least the least cost", limit));
  return best.mix;
}

/** What a learner believes of a cost that it has seen n times: the mean, or the end of its interval. */
export type CostBelief = "optimistic" | "plug-in" | "pessimistic";

export interface SafeBandit {
  /** Mean reward and probability of harm of each action, in [0, 1]. */
  readonly rewards: readonly number[];
  readonly costs: readonly number[];
  readonly limit: number;
  /** An action known to be safe, and its cost: the learner may always take it. */
  readonly safe: number;
}

/**
 * Learning while safe: each round a mixture of actions is chosen, an action drawn, and its reward and harm (0 or 1)
 * seen. Rewards are taken optimistically (mean + w); of the costs the learner believes mean - w, the mean, or mean + w,
 * w = sqrt(2 ln t / n), all kept within [0, 1]; the safe action's cost is known. Returns the sums over rounds of the
 * *expected* excess of the mixture's cost, [C - limit]_+, and of the regret to the best safe mixture (negative where
 * safety was broken for reward). After Amani, Alizadeh and Thrampoulidis 2019, arXiv:1908.05814, for few actions.
 */
export function safeBanditRun(
  key: Key,
  { rewards, costs, limit, safe }: SafeBandit,
  { rounds, belief }: { rounds: number; belief: CostBelief },
): { violation: Float64Array; regret: Float64Array } {
  checkCount("rounds", rounds);
  if (!(costs[safe] <= limit)) throw new DomainError(complaint("safe", "an action within the limit", safe));
  const mean = (mix: Float64Array, of: ArrayLike<number>) => exactExpectation(mix.map(Math.log), of);
  const best = mean(mixtureUnderLimit(rewards, costs, limit), rewards);
  const counts = rewards.map(() => 0);
  const won = rewards.map(() => 0);
  const hurt = rewards.map(() => 0);
  const violation = new Float64Array(rounds);
  const regret = new Float64Array(rounds);
  const sign = { optimistic: -1, "plug-in": 0, pessimistic: 1 }[belief];
  const within = (x: number) => Math.min(Math.max(x, 0), 1);
  for (let t = 0; t < rounds; t++) {
    const width = counts.map((n) => (n === 0 ? 1 : Math.sqrt((2 * Math.log(t + 1)) / n)));
    const hoped = counts.map((n, a) => (n === 0 ? 1 : within(won[a] / n + width[a])));
    const feared = counts.map((n, a) => {
      if (a === safe) return costs[a];
      return within((n === 0 ? (sign > 0 ? 1 : 0) : hurt[a] / n) + sign * width[a]);
    });
    const mix = mixtureUnderLimit(hoped, feared, limit);
    const [which, pays, hurts] = uniform(foldIn(key, t), 3);
    let action = 0;
    for (let sum = mix[0]; which >= sum && action < mix.length - 1; sum += mix[action]) action++;
    counts[action]++;
    if (pays < rewards[action]) won[action]++;
    if (hurts < costs[action]) hurt[action]++;
    violation[t] = (t === 0 ? 0 : violation[t - 1]) + Math.max(0, mean(mix, costs) - limit);
    regret[t] = (t === 0 ? 0 : regret[t - 1]) + best - mean(mix, rewards);
  }
  return { violation, regret };
}
