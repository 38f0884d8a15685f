import { checkCount, checkFinite } from "../core/checks.js";
import type { CostLimit, TabularMdp } from "../mdp/index.js";
import { type ExactPolicy, exactPolicy } from "./exactPolicy.js";

/**
 * A step of the logits for a policy, [states * actions], and the price of each cost where there is one. It may
 * remember: one update is for one path.
 */
export type SafeUpdate = (at: ExactPolicy) => { step: ArrayLike<number>; lambdas?: readonly number[] };

/** J, and C and lambda of each limit, at each iteration, [iterations + 1], the first before anything is learned. */
export interface PolicyPath {
  values: Float64Array;
  costs: Float64Array[];
  multipliers: Float64Array[];
  /** log pi at the end. */
  logProbs: Float64Array;
}

/**
 * The path of a softmax policy under an update and limits, those of `constrainedOptimum`, without any sampling: so what
 * goes wrong is the method's own doing.
 * @param start logits [states * actions]; 0, the uniform policy, by default
 * @throws ShapeError for a cost or logits of another length; DomainError for a limit or a step that is not finite
 */
export function policyPath(
  mdp: TabularMdp,
  limits: readonly CostLimit[],
  update: SafeUpdate,
  { iterations, start }: { iterations: number; start?: ArrayLike<number> },
): PolicyPath {
  checkCount("iterations", iterations, 0);
  limits.forEach(({ atMost }, k) => {
    checkFinite(`limits[${k}].atMost`, atMost);
  });
  const values = new Float64Array(iterations + 1);
  const costs = limits.map(() => new Float64Array(iterations + 1));
  const multipliers = limits.map(() => new Float64Array(iterations + 1));
  let logits = Float64Array.from(start ?? new Float64Array(mdp.states * mdp.actions));
  let at = exactPolicy(mdp, limits, logits);
  for (let i = 0; i <= iterations; i++) {
    const { step, lambdas = [] } = update(at);
    values[i] = at.value;
    limits.forEach((_, k) => {
      costs[k][i] = at.costs[k];
      multipliers[k][i] = lambdas[k] ?? 0;
    });
    if (i === iterations) break;
    logits = at.logProbs.map((log, pair) => {
      checkFinite(`step[${pair}] of iteration ${i}`, step[pair]);
      return Math.max(log + step[pair], -700); // below that a probability is 0 in float64, and its log no number
    });
    at = exactPolicy(mdp, limits, logits);
  }
  return { values, costs, multipliers, logProbs: at.logProbs };
}
