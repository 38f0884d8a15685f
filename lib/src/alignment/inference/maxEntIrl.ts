import { checkCount, checkNumbers, checkPositive } from "../../core/checks.js";
import { complaint, DivergenceError, DomainError } from "../../core/index.js";
import { type TabularMdp, withRewards } from "../../mdp/index.js";
import { dot } from "../../numerics/dot.js";
import { featureExpectations } from "./demonstrations.js";
import { softFiniteHorizon, softOptimum, stateDistributions } from "./softOptimum.js";

/** How somebody is modelled: softly rational at a temperature; over `horizon` steps, or for ever (discounted). */
export interface SoftModel {
  /** 1 by default. */
  temperature?: number;
  /** A number of steps; left out, no end. */
  horizon?: number;
}

/** r(s, a) = sum over j of weights[j] features[j][s, a], [states * actions]. */
export function weightedReward(features: readonly ArrayLike<number>[], weights: ArrayLike<number>): Float64Array {
  if (features.length === 0) throw new DomainError(complaint("features", "at least one", features));
  checkNumbers("weights", weights, features.length);
  const reward = new Float64Array(features[0].length);
  features.forEach((feature, j) => {
    checkNumbers(`features[${j}]`, feature, reward.length);
    for (let i = 0; i < reward.length; i++) reward[i] += weights[j] * feature[i];
  });
  return reward;
}

/**
 * E[f_j] of the soft optimum for a reward, [k], and the mean log-probability of an expert with feature expectations
 * `expert` up to what does not depend on the reward: (w . expert - value) / temperature, both per step.
 * With a horizon, sums over steps t of discount^t divided by the sum of discount^t, so that both are means.
 */
function modelled(
  mdp: TabularMdp,
  features: readonly ArrayLike<number>[],
  weights: ArrayLike<number>,
  { temperature = 1, horizon }: SoftModel,
) {
  const rewards = weightedReward(features, weights);
  if (horizon === undefined) {
    const { value, policy } = softOptimum(withRewards(mdp, rewards), { temperature });
    return {
      expectations: featureExpectations(mdp, policy, features),
      value: (1 - mdp.discount) * dot(mdp.start, value),
    };
  }
  const plan = softFiniteHorizon(mdp, { temperature, horizon, rewards });
  const visits = stateDistributions(mdp, plan.policy);
  const mu = new Float64Array(rewards.length);
  let total = 0;
  for (let t = 0; t < horizon; t++) {
    const weight = mdp.discount ** t;
    total += weight;
    for (let pair = 0; pair < mu.length; pair++) {
      mu[pair] += weight * visits[t][Math.floor(pair / mdp.actions)] * plan.policy[t][pair];
    }
  }
  return {
    expectations: Float64Array.from(features, (feature) => dot(feature, mu) / total),
    value: dot(mdp.start, plan.value[0]) / total,
  };
}

/** The point, its log-likelihood per step in nats, and the gradient of that, [k]. */
export interface MaxEntPoint {
  readonly weights: Float64Array;
  readonly logLikelihood: number;
  readonly gradient: Float64Array;
}

/**
 * Mean over an expert's (discounted) steps of log pi_w(a | s), pi_w the soft optimum for r = sum of w_j f_j, and its
 * exact gradient (E_expert[f] - E_pi_w[f]) / temperature. Concave in w. Depends on the expert through the expectations
 * of the features alone, [k]: (w . E_expert[f] - (1 - gamma) V_w(start)) / temperature. For an expert whose
 * occupancy flows (a policy's, not a cut-off episode's) this is exact. Ziebart, Bagnell and Dey 2010.
 * @throws ShapeError, DomainError for features or weights that do not fit, temperature <= 0
 */
export function maxEntPoint(
  mdp: TabularMdp,
  features: readonly ArrayLike<number>[],
  expectations: ArrayLike<number>,
  weights: ArrayLike<number>,
  model: SoftModel = {},
): MaxEntPoint {
  checkNumbers("expectations", expectations, features.length);
  const { temperature = 1 } = model;
  const own = modelled(mdp, features, weights, model);
  return {
    weights: Float64Array.from(weights),
    logLikelihood: (dot(weights, expectations) - own.value) / temperature,
    gradient: own.expectations.map((mean, j) => (expectations[j] - mean) / temperature),
  };
}

/**
 * Maximum causal entropy inverse reinforcement learning (Ziebart, Bagnell and Dey 2010): the weights whose soft
 * optimum has the expert's feature expectations, by gradient ascent with a fixed `rate` from `from` (zeros by default).
 * Stops after `steps`, or when no entry of the gradient is above `tolerance`. `path` holds every point on the way.
 * Where the expert never does something the model would have to make infinitely bad, weights grow for ever: the
 * gradient in the answer says how far from done it is.
 * @throws ShapeError, DomainError as `maxEntPoint`; DivergenceError if a weight is no finite number any more
 */
export function maxEntIrl(
  mdp: TabularMdp,
  features: readonly ArrayLike<number>[],
  expectations: ArrayLike<number>,
  options: SoftModel & { rate?: number; steps?: number; tolerance?: number; from?: ArrayLike<number> } = {},
): MaxEntPoint & { steps: number; path: MaxEntPoint[] } {
  const { rate = 1, steps = 1000, tolerance = 1e-9, from = new Float64Array(features.length) } = options;
  checkPositive("rate", rate);
  checkCount("steps", steps);
  const path = [maxEntPoint(mdp, features, expectations, from, options)];
  for (let step = 1; step <= steps; step++) {
    const { weights, gradient } = path[path.length - 1];
    if (gradient.every((slope) => Math.abs(slope) <= tolerance)) break;
    const next = weights.map((w, j) => w + rate * gradient[j]);
    if (!next.every(Number.isFinite)) {
      throw new DivergenceError(complaint(`weights at step ${step}`, "finite numbers", next, "Try a lower rate"));
    }
    path.push(maxEntPoint(mdp, features, expectations, next, options));
  }
  return { ...path[path.length - 1], steps: path.length - 1, path };
}
