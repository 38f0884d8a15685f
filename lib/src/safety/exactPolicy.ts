import { checkLength } from "../core/checks.js";
import { actionValue, type CostLimit, occupancy, policyValue, type TabularMdp, withRewards } from "../mdp/index.js";
import { dot } from "../numerics/dot.js";
import { logSumExp } from "../numerics/index.js";

/** Everything about a softmax policy on a table, exactly: what the algorithms estimate from samples. */
export interface ExactPolicy {
  readonly mdp: TabularMdp;
  /** log pi(a | s), [states * actions], in nats. */
  readonly logProbs: Float64Array;
  /** J: discounted reward from the start. */
  readonly value: number;
  /** C_k of each limit, discounted from the start, and how much it is above the limit. */
  readonly costs: readonly number[];
  readonly excesses: readonly number[];
  /** A(s, a) of reward and of each cost, [states * actions]; over 1 - gamma the natural gradients of J and C. */
  readonly advantages: Float64Array;
  readonly costAdvantages: readonly Float64Array[];
  /** sum over t of gamma^t P(s_t = s), [states]. */
  readonly visits: Float64Array;
}

/** The policy softmax(logits), logits [states * actions], under limits. @throws ShapeError for another length */
export function exactPolicy(mdp: TabularMdp, limits: readonly CostLimit[], logits: ArrayLike<number>): ExactPolicy {
  const { states, actions, discount } = mdp;
  checkLength("logits", logits, states * actions);
  // Less the greatest of each state: beside logits of 1e300 the ln of a sum is lost.
  const raw = Float64Array.from(logits);
  for (let s = 0; s < states; s++) {
    const row = raw.subarray(s * actions, (s + 1) * actions);
    const top = row.reduce((a, b) => Math.max(a, b));
    for (let a = 0; a < actions; a++) row[a] -= top;
  }
  const norms = Float64Array.from({ length: states }, (_, s) =>
    logSumExp(raw.subarray(s * actions, (s + 1) * actions)),
  );
  const logProbs = raw.map((logit, pair) => logit - norms[Math.floor(pair / actions)]);
  const policy = logProbs.map(Math.exp);
  const judged = (world: TabularMdp) => {
    const values = policyValue(world, policy);
    return {
      value: dot(mdp.start, values),
      advantages: actionValue(world, values).map((q, pair) => q - values[Math.floor(pair / actions)]),
    };
  };
  const reward = judged(mdp);
  const spent = limits.map(({ cost }) => judged(withRewards(mdp, cost)));
  const share = occupancy(mdp, policy);
  const visits = Float64Array.from({ length: states }, (_, s) => {
    let sum = 0;
    for (let a = 0; a < actions; a++) sum += share[s * actions + a];
    return sum / (1 - discount);
  });
  return {
    mdp,
    logProbs,
    value: reward.value,
    costs: spent.map(({ value }) => value),
    excesses: spent.map(({ value }, k) => value - limits[k].atMost),
    advantages: reward.advantages,
    costAdvantages: spent.map(({ advantages }) => advantages),
    visits,
  };
}

/** KL(old || new), mean over the states that the old policy visits, in nats. */
export function meanPolicyKl({ mdp, logProbs, visits }: ExactPolicy, logits: ArrayLike<number>): number {
  const { actions, discount } = mdp;
  let sum = 0;
  visits.forEach((visit, s) => {
    const row = Float64Array.from({ length: actions }, (_, a) => logits[s * actions + a]);
    const norm = logSumExp(row);
    row.forEach((logit, a) => {
      const log = logProbs[s * actions + a];
      sum += (1 - discount) * visit * Math.exp(log) * (log - (logit - norm));
    });
  });
  return sum;
}
