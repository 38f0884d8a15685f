import { checkCount } from "../core/checks.js";
import type { GameNode } from "./extensiveGame.js";
import {
  localProbabilities,
  type SequenceForm,
  type Sequences,
  sequenceForm,
  sequenceGains,
  sequenceWeights,
  strategyOfWeights,
} from "./sequenceForm.js";

/** Strategies of both players by the names of their information sets. */
export interface RegretStrategies {
  /** The average over iterations, weighted by one's own reach: what converges. */
  readonly average: Map<string, Float64Array>;
  /** That of the last iteration. */
  readonly last: Map<string, Float64Array>;
}

/**
 * Counterfactual regret minimisation (Zinkevich et al. 2007): in each information set regret matching on counterfactual
 * values, that is values weighted by how probably the *others* bring the play there; players in turn. The average
 * strategy, weighted by one's own reach, converges to an equilibrium at O(1 / sqrt(iterations)); the last one need not.
 * `plus` keeps regrets at 0 or above and weighs the average by the iteration (CFR+; Tammelin 2014, arXiv:1407.5042).
 * `watch` may look at the strategies after each iteration.
 * @example
 * const { average } = counterfactualRegret(kuhnPoker(), { iterations: 1000, plus: true });
 * gameValue(kuhnPoker(), average) // -0.0556
 * @throws DomainError for a game that cannot be read, see `sequenceForm`
 */
export function counterfactualRegret(
  game: GameNode,
  options: {
    iterations: number;
    plus?: boolean;
    watch?: (iteration: number, strategies: RegretStrategies) => void;
  },
): RegretStrategies {
  const { iterations, plus = false, watch } = options;
  checkCount("iterations", iterations);
  const form = sequenceForm(game);
  const learners = [learner(form, 0), learner(form, 1)] as const;
  const sums = learners.map((own) => own.sum);
  // Made when somebody looks.
  const strategies = {
    get average() {
      return strategyOfWeights(form, sums);
    },
    get last() {
      return strategyOfWeights(
        form,
        learners.map((own) => own.local),
      );
    },
  };
  for (let t = 1; t <= iterations; t++) {
    for (const player of [0, 1] as const) {
      const own = learners[player];
      sequenceGains(form, player, learners[1 - player].plan, own.gains);
      for (let s = 0; s < own.sum.length; s++) own.sum[s] += (plus ? t : 1) * own.plan[s];
      learn(own, plus);
    }
    watch?.(t, strategies);
  }
  return { average: strategies.average, last: strategies.last };
}

interface Learner {
  readonly sets: Sequences;
  /** By sequence: the probability of its last action; its weight; what it earns; regrets; the weights' sum. */
  readonly local: Float64Array;
  readonly plan: Float64Array;
  readonly gains: Float64Array;
  readonly regrets: Float64Array;
  readonly sum: Float64Array;
}

function learner(form: SequenceForm, player: 0 | 1): Learner {
  const sets = form.players[player];
  const [plan, gains, regrets, sum] = Array.from({ length: 4 }, () => new Float64Array(sets.count));
  const local = localProbabilities(sets);
  sequenceWeights(sets, local, plan);
  return { sets, local, plan, gains, regrets, sum };
}

/** From the last sets to the first: values of the sets, regrets of their actions, and the next strategy. */
function learn({ sets, local, plan, gains, regrets }: Learner, plus: boolean): void {
  const { parent, first, actions } = sets;
  for (let k = parent.length - 1; k >= 0; k--) {
    const [start, end] = [first[k], first[k] + actions[k]];
    let value = 0;
    for (let s = start; s < end; s++) value += local[s] * gains[s];
    let total = 0;
    for (let s = start; s < end; s++) {
      regrets[s] += gains[s] - value;
      if (plus && regrets[s] < 0) regrets[s] = 0;
      if (regrets[s] > 0) total += regrets[s];
    }
    for (let s = start; s < end; s++) local[s] = total > 0 ? Math.max(regrets[s], 0) / total : 1 / actions[k];
    gains[parent[k]] += value;
  }
  sequenceWeights(sets, local, plan);
}
