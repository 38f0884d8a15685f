import { Matrix } from "ml-matrix";
import { ConvergenceError } from "../../core/index.js";
import { type Concave, newton } from "../../numerics/index.js";
import { type Comparisons, itemName, mergeComparisons } from "../comparisons.js";
import { type Noise, noiseFloor } from "../noise.js";
import { totalWeight } from "../weights.js";
import { requireFiniteEstimate } from "./existence.js";
import { fixGauge, type Gauge } from "./gauge.js";
import { gradient, hessian, logLikelihood } from "./likelihood.js";
import { logPrior, type Prior, priorCurvature, priorGradient } from "./prior.js";
import { DENSE, informationOperator, sparseObjective } from "./sparse.js";

export interface FitOptions {
  /** With a prior the estimate is the mode of the posterior (MAP), which always exists. */
  prior?: Prior;
  /** Where the common level is put; "sum-zero" by default. */
  gauge?: Gauge;
  /** What is known of the noise in the answers; none by default. */
  noise?: Noise;
  /**
   * Small enough, whatever the unit of the weights. Newton's method stops when no ability has more than about this many
   * nats left to go (default 1e-12); minorise-maximise when every item's wins agree with those expected to this share
   * of its games (default 1e-12).
   */
  tolerance?: number;
  iterations?: number;
  /** Called with the abilities before each step and at the end, for pictures of the path. */
  watch?: (theta: ArrayLike<number>, iteration: number) => void;
}

export interface Fit {
  /** Abilities in nats (log-odds), [n], in the gauge asked for. */
  theta: number[];
  /** At theta, in nats, without the prior. */
  logLikelihood: number;
  iterations: number;
  /** The largest component of the gradient (of the posterior, with a prior), in size. */
  gradientNorm: number;
}

/** Scoring with the expected information does not square the error, it only shrinks it by a factor a step. */
const SCORING_TOLERANCE = 1e-20;

/**
 * The maximum-likelihood abilities by Newton's method; with a prior, the most probable ones. Without noise the
 * log-likelihood is concave and the maximum is unique up to a shift. With a known flip or lapse rate it need not be;
 * then Fisher scoring climbs to the maximum near the noise-free one. A step factorises one [n, n] matrix; beyond 100
 * items it goes by conjugate gradients, in time linear in the number of different pairs.
 * @throws ConvergenceError if there is no finite estimate (names the items and the cure) or the iterations run out
 * @example
 * const data = comparisonsFromPairs([[0, 1], [0, 1], [0, 1], [1, 0]]);
 * bradleyTerry.fit(data).theta // [0.5493, -0.5493]
 */
export function fit(data: Comparisons, options: FitOptions = {}): Fit {
  const { prior, noise = {}, gauge = "sum-zero", tolerance, iterations, watch } = options;
  const floor = noiseFloor(noise);
  const { temperature = 1 } = noise;
  const weight = totalWeight(data);
  const merged = mergeComparisons(data);
  if (prior === undefined) requireFiniteEstimate(merged);
  const plain = floor === 0 && temperature === 1;
  const objective = plain && data.items > DENSE ? sparseObjective(merged, prior) : noisyObjective(merged, prior, noise);
  const found = newton(objective, new Float64Array(data.items), {
    tolerance: tolerance ?? (data.items > DENSE && floor > 0 ? SCORING_TOLERANCE : undefined),
    unit: new Float64Array(data.items).fill(temperature),
    weight,
    iterations,
    watch,
  });
  // Scoring's steps grow as the information shrinks: out to where even the gradient underflows.
  const lost = floor > 0 && found.at.some((ability) => Math.abs(ability) > 700 * temperature);
  if (found.ranAway || found.singular || lost) throw runaway(found.at, data);
  return {
    theta: fixGauge(found.at, gauge),
    logLikelihood: logLikelihood(found.at, merged, noise),
    iterations: found.iterations,
    gradientNorm: found.gradientNorm,
  };
}

function noisyObjective(data: Comparisons, prior: Prior | undefined, noise: Noise): Concave {
  return {
    value: (theta) => logLikelihood(theta, data, noise) + (prior ? logPrior(theta, prior) : 0),
    gradient: (theta) => {
      const slope = gradient(theta, data, noise);
      return prior ? add(slope, priorGradient(theta, prior)) : slope;
    },
    curvature: (theta) =>
      data.items > DENSE
        ? informationOperator(theta, data, noise, prior)
        : bend(hessian(theta, data, noise), -1, theta, prior),
  };
}

/**
 * sign * matrix, which says how the log-likelihood bends, plus the prior's curvature, [n, n]. Without a prior the flat
 * direction (1, ..., 1) is given a curvature of its own, which fixes the sum of the abilities
 * and changes no difference.
 */
export function bend(matrix: number[][], sign: 1 | -1, theta: ArrayLike<number>, prior: Prior | undefined): Matrix {
  const total = new Matrix(matrix).mul(sign);
  const n = theta.length;
  if (prior === undefined) return total.add(Math.max(total.trace(), Number.MIN_VALUE) / n ** 2);
  priorCurvature(theta, prior).forEach((value, i) => {
    total.set(i, i, total.get(i, i) + value);
  });
  return total;
}

function add(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, i) => value + b[i]);
}

/**
 * Under flips the likelihood levels off far out instead of rising, so that a runaway estimate looks like a maximum; but
 * there steps are as long as ever.
 */
function runaway(theta: Float64Array, data: Comparisons): ConvergenceError {
  let worst = 0;
  const centred = fixGauge(theta);
  centred.forEach((ability, i) => {
    if (Math.abs(ability) > Math.abs(centred[worst])) worst = i;
  });
  return new ConvergenceError(
    `Bradley-Terry: the answers about ${itemName(data, worst)} agree more than the stated lapse and flip rates allow, so its ` +
      "ability runs off to infinity. Lower the rates, or give the fit a prior: { prior: { gaussian: 2 } }",
  );
}
