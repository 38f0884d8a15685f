import { checkPositive } from "../../core/checks.js";
import { ConvergenceError } from "../../core/index.js";
import { lbfgs, newton } from "../../numerics/index.js";
import { type FeaturePairs, featureDifferences, largestDifference } from "../featurePairs.js";
import { checkPenalty, gradient, hessian, loss, lossAndGradient, type Penalty, squaredNorm } from "./loss.js";
import { sparseRows } from "./sparseRows.js";

export interface LinearRewardOptions extends Penalty {
  /** Newton's method up to 60 features, L-BFGS beyond, unless you say otherwise. */
  method?: "newton" | "lbfgs";
  /**
   * Small enough, in the unit of each feature (its largest difference in size); 1e-8 by default. Newton's method
   * stops when about this much is left to go in what a weight adds to a margin, in nats; L-BFGS when no component
   * of the gradient is larger.
   */
  tolerance?: number;
  /** Give up after so many steps; 1000 by default. */
  iterations?: number;
}

/** A linear reward, as fitted. */
export interface LinearReward {
  /** The weights, [d], in nats per unit of a feature. */
  theta: Float64Array;
  /** The loss that was minimised, penalty included. */
  loss: number;
  iterations: number;
  gradientNorm: number;
}

/**
 * The weights that minimise `loss`: penalised maximum likelihood of Bradley and Terry's model with
 * R(x) = theta . features(x).
 * @throws ConvergenceError if there is no minimum: without a penalty, some direction orders all pairs rightly
 *   and its weight runs off to infinity. (If only some pairs let a weight run off, and the others do not mind,
 *   Newton's method says so too, but L-BFGS stops where the slope is below the tolerance, at some 20 nats: use a
 *   penalty.) DomainError if l2 < 0
 * @example
 * const pairs = featurePairs([[1, 0], [1, 1], [0, 1]], [[0, 1], [0, 1], [1, 1]]);
 * linearReward.fit(pairs, { l2: 0.1 }).theta // [0.3079, -0.8170]
 */
export function fit(pairs: FeaturePairs, options: LinearRewardOptions = {}): LinearReward {
  return minimise(pairs, options);
}

function minimise(pairs: FeaturePairs, options: LinearRewardOptions): LinearReward {
  const { tolerance = 1e-8, iterations = 1000 } = options;
  const l2 = checkPenalty(options);
  const method = options.method ?? (pairs.width <= 60 ? "newton" : "lbfgs");
  const start = new Float64Array(pairs.width);
  try {
    const found = method === "newton" ? byNewton() : byLbfgs();
    const ranAway = "ranAway" in found && found.ranAway;
    if (l2 === 0 && (ranAway || isSeparating(found.at, pairs))) throw separable(pairs);
    return {
      theta: found.at,
      loss: -found.value,
      iterations: found.iterations,
      gradientNorm: found.gradientNorm,
    };
  } catch (error) {
    if (error instanceof ConvergenceError && l2 === 0) throw separable(pairs, error);
    throw error;
  }

  function byNewton() {
    const concave = {
      value: (theta: Float64Array) => -loss(theta, pairs, { l2 }),
      gradient: (theta: Float64Array) => gradient(theta, pairs, { l2 }).map((g) => -g),
      curvature: (theta: Float64Array) => hessian(theta, pairs, { l2 }),
    };
    const unit = largestDifferences(pairs).map((most) => (most > 0 ? 1 / most : 1));
    return newton(concave, start, { tolerance, unit, iterations: Math.min(iterations, 200) });
  }

  function byLbfgs() {
    const x = sparseRows(featureDifferences(pairs), pairs.width);
    const climb = (theta: Float64Array, slope: Float64Array) => {
      const value = lossAndGradient(theta, x, l2, slope);
      for (let j = 0; j < slope.length; j++) slope[j] = -slope[j];
      return -value;
    };
    return lbfgs(climb, start, { tolerance, weight: largestDifferences(pairs), iterations });
  }
}

/**
 * The maximum-likelihood weights among those with ||theta|| <= radius: the estimator that the guarantees speak about.
 * Where the free optimum lies outside, the best point of the ball is the penalised optimum whose length is the radius
 * (Lagrange), found by bisection on the penalty.
 * @throws DomainError unless radius > 0 and finite
 */
export function fitInBall(pairs: FeaturePairs, radius: number, options: LinearRewardOptions = {}): LinearReward {
  checkPositive("radius", radius);
  const at = (l2: number) => minimise(pairs, { ...options, l2 });
  const length = ({ theta }: LinearReward) => Math.sqrt(squaredNorm(theta));
  try {
    const free = at(options.l2 ?? 0);
    if (length(free) <= radius) return free;
  } catch (error) {
    if (!(error instanceof ConvergenceError)) throw error;
  }
  // log10 of the penalty. At the optimum l2 theta is minus the slope, which is never longer than the longest
  // difference: so with the second penalty theta is shorter than the radius.
  const enough = Math.log10(largestDifference(pairs) / radius);
  let [low, high] = [enough - 20, enough];
  let best = at(10 ** high);
  for (let step = 0; step < 40 && length(best) < radius * (1 - 1e-6); step++) {
    const middle = (low + high) / 2;
    const tried = at(10 ** middle);
    if (length(tried) <= radius) [high, best] = [middle, tried];
    else low = middle;
  }
  return best;
}

/** [d] the largest |chosen - rejected| of each feature. */
function largestDifferences(pairs: FeaturePairs): Float64Array {
  const x = featureDifferences(pairs);
  const most = new Float64Array(pairs.width);
  for (let at = 0; at < x.length; at++) {
    const j = at % pairs.width;
    most[j] = Math.max(most[j], Math.abs(x[at]));
  }
  return most;
}

/** Whether theta orders every pair rightly, with a margin: then twice theta would be better still. */
function isSeparating(theta: Float64Array, pairs: FeaturePairs): boolean {
  const x = featureDifferences(pairs);
  for (let k = 0; k < pairs.rows; k++) {
    let margin = 0;
    for (let j = 0; j < theta.length; j++) margin += theta[j] * x[k * theta.length + j];
    if (!(margin > 0)) return false;
  }
  return true;
}

function separable(pairs: FeaturePairs, cause?: Error): ConvergenceError {
  return new ConvergenceError(
    `linearReward.fit: no finite weights are best, or they are very far out: ${pairs.rows} pairs with ${pairs.width} features can be ` +
      "ordered rightly, or nearly so, by weights as large as you like. Add a penalty (l2: 1e-3), or more comparisons",
    { cause },
  );
}
