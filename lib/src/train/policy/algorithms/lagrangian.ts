import { complaint, DomainError } from "../../../core/index.js";
import { mean } from "../../../numerics/index.js";
import { type PidGains, pidMultiplier } from "../../../safety/index.js";
import { type Tree, tf } from "../../../tensor/index.js";
import type { PolicyAlgorithm } from "../algorithm.js";
import type { Learner, LearnerAlgorithm, LearnerSetup, LearnerState } from "../learner.js";
import { onPolicyLearner, type PolicyRunState } from "../onPolicy.js";

export interface LagrangianOptions {
  /** The name of the cost among the trainer's costs. */
  cost: string;
  /** alpha: the most that its mean over completions may be. */
  limit: number;
  /** How the multiplier is steered; proportional 0.5 and integral 0.05 by default, reward per unit of cost. */
  gains?: PidGains;
  /** The multiplier's integral to begin with; 0 by default. */
  start?: number;
}

/**
 * Any of the algorithms under a limit on a cost: it learns from reward - lambda cost, and lambda is steered by the cost
 * of each batch (Ray, Achiam and Amodei 2019, "PPO-Lagrangian"; PID after Stooke et al. 2020, arXiv:2007.03964; with a
 * learned reward and cost Dai et al. 2023, arXiv:2310.12773). The charged reward is not divided by 1 + lambda, which
 * would change the price of KL. Reports `multiplier` besides.
 * @throws DomainError for a gain or start below 0, a limit that is not finite; while it runs, if there is no such cost
 */
export function lagrangian(
  base: PolicyAlgorithm,
  { cost, limit, gains = { proportional: 0.5, integral: 0.05 }, start = 0 }: LagrangianOptions,
): LearnerAlgorithm {
  pidMultiplier({ integral: start }, { cost: 0, limit }, gains); // refuses what cannot be
  if (!(start >= 0)) throw new DomainError(complaint("start", "a number of at least 0", start));
  return {
    name: `${base.name}-Lagrangian`,
    group: base.group,
    learner: <O extends Tree>(setup: LearnerSetup<O>) => chargedLearner(base, setup, { cost, limit, gains, start }),
  };
}

/** `steering`: the integral, and the cost of the batch before, Infinity at first. */
type ChargedState<O extends Tree> = PolicyRunState<O> & { steering: tf.Tensor1D };

function chargedLearner<O extends Tree>(
  base: PolicyAlgorithm,
  setup: LearnerSetup<O>,
  { cost, limit, gains, start }: Required<LagrangianOptions>,
): Learner<ChargedState<O> & LearnerState> {
  const inner = onPolicyLearner(base, setup);
  return {
    ...inner,
    begin: (key) => ({ ...inner.begin(key), steering: tf.tensor1d([start, Number.POSITIVE_INFINITY]) }),
    learn(key, { steering, ...state }, experience) {
      const costs = experience.costs?.[cost];
      if (costs === undefined) {
        throw new DomainError(complaint("costs", `a cost named "${cost}"`, Object.keys(experience.costs ?? {})));
      }
      const [integral, before] = steering.dataSync();
      const seen = { integral, ...(Number.isFinite(before) && { cost: before }) };
      const { state: next, lambda } = pidMultiplier(seen, { cost: mean(costs), limit }, gains);
      const reward = experience.reward.map((r, b) => r - lambda * costs[b]);
      const learned = inner.learn(key, state as PolicyRunState<O>, { ...experience, reward });
      return {
        state: { ...learned.state, steering: tf.tensor1d([next.integral, next.cost as number]) },
        metrics: { ...learned.metrics, multiplier: lambda },
      };
    },
  } as Learner<ChargedState<O> & LearnerState>;
}
