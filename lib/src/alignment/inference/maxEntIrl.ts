import { checkCount, checkNumbers, checkPositive } from "../../core/checks.js";
import { complaint, DivergenceError, DomainError } from "../../core/index.js";
import { type TabularMdp, type TransitionRows, tabularMdp, transitionRows } from "../../mdp/index.js";
import { dot } from "../../numerics/dot.js";
import { featureExpectations } from "./demonstrations.js";
import { softFiniteHorizon, softOptimum, stateDistributions } from "./softOptimum.js";

/** How somebody is modelled: softly rational at a temperature; over `horizon` steps, or for ever (discounted). */
export interface SoftModel {
  /** 1 by default. */
  temperature?: number;
  /** A number of steps; left out, no end. */
  horizon?: number;
  /** The world's own by default; with a horizon it may be 1. */
  discount?: number;
}

/** r(s, a) = sum over j of weights[j] features[j][s, a], [states * actions]. */
export function weightedReward(features: readonly ArrayLike<number>[], weights: ArrayLike<number>): Float64Array {
  if (features.length === 0) throw new DomainError(complaint("features", "at least one", features));
  checkNumbers("weights", weights, features.length);
  features.forEach((feature, j) => {
    checkNumbers(`features[${j}]`, feature, features[0].length);
  });
  return mixed(features, weights);
}

function mixed(features: readonly ArrayLike<number>[], weights: ArrayLike<number>): Float64Array {
  const reward = new Float64Array(features[0].length);
  features.forEach((feature, j) => {
    for (let i = 0; i < reward.length; i++) reward[i] += weights[j] * feature[i];
  });
  return reward;
}

/** A fit: the world, what is known of the expert, the model, and the transitions that are possible. */
interface Fit {
  readonly mdp: TabularMdp;
  readonly features: readonly ArrayLike<number>[];
  readonly expectations: ArrayLike<number>;
  readonly model: SoftModel;
  readonly rows: TransitionRows;
}

function checkedFit(
  mdp: TabularMdp,
  features: readonly ArrayLike<number>[],
  expectations: ArrayLike<number>,
  model: SoftModel,
): Fit {
  if (features.length === 0) throw new DomainError(complaint("features", "at least one", features));
  features.forEach((feature, j) => {
    checkNumbers(`features[${j}]`, feature, mdp.states * mdp.actions);
  });
  checkNumbers("expectations", expectations, features.length);
  return { mdp, features, expectations, model, rows: transitionRows(mdp) };
}

/**
 * E[f_j] of the soft optimum for a reward, [k], and its value, both per step: with a horizon, sums over steps t of
 * discount^t divided by the sum of discount^t, so that both are means.
 */
function modelled({ mdp, features, model, rows }: Fit, weights: ArrayLike<number>) {
  const { temperature = 1, horizon, discount = mdp.discount } = model;
  const rewards = mixed(features, weights);
  if (horizon === undefined) {
    const world = tabularMdp({ ...mdp, rewards, discount });
    const { value, policy } = softOptimum(world, { temperature });
    return {
      expectations: featureExpectations(world, policy, features),
      value: (1 - discount) * dot(mdp.start, value),
    };
  }
  const plan = softFiniteHorizon(mdp, { temperature, horizon, rewards, discount, rows });
  const visits = stateDistributions(mdp, plan.policy, rows);
  const mu = new Float64Array(rewards.length);
  let total = 0;
  for (let t = 0; t < horizon; t++) {
    const weight = discount ** t;
    const policy = plan.policy[t];
    total += weight;
    for (let s = 0, pair = 0; s < mdp.states; s++) {
      const here = weight * visits[t][s];
      for (let a = 0; a < mdp.actions; a++, pair++) mu[pair] += here * policy[pair];
    }
  }
  return {
    expectations: Float64Array.from(features, (feature) => dot(feature, mu) / total),
    value: dot(mdp.start, plan.value[0]) / total,
  };
}

function pointAt(fit: Fit, weights: ArrayLike<number>): MaxEntPoint {
  const { expectations, model } = fit;
  const { temperature = 1 } = model;
  checkNumbers("weights", weights, expectations.length);
  const own = modelled(fit, weights);
  return {
    weights: Float64Array.from(weights),
    logLikelihood: (dot(weights, expectations) - own.value) / temperature,
    gradient: own.expectations.map((mean, j) => (expectations[j] - mean) / temperature),
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
  return pointAt(checkedFit(mdp, features, expectations, model), weights);
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
  const fit = checkedFit(mdp, features, expectations, options);
  const path = [pointAt(fit, from)];
  for (let step = 1; step <= steps; step++) {
    const { weights, gradient } = path[path.length - 1];
    if (gradient.every((slope) => Math.abs(slope) <= tolerance)) break;
    const next = weights.map((w, j) => w + rate * gradient[j]);
    if (!next.every(Number.isFinite)) {
      throw new DivergenceError(complaint(`weights at step ${step}`, "finite numbers", next, "Try a lower rate"));
    }
    path.push(pointAt(fit, next));
  }
  return { ...path[path.length - 1], steps: path.length - 1, path };
}
