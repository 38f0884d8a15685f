import { checkPositive } from "../../core/checks.js";
import {
  ConvergenceError,
  complaint,
  DomainError,
  InterruptError,
  notebookHost,
  ShapeError,
} from "../../core/index.js";
import { relativeGradient } from "../../numerics/index.js";
import { type Comparisons, mergeComparisons } from "../comparisons.js";
import { totalWeight, weightOfItems } from "../weights.js";
import { requireFiniteEstimate } from "./existence.js";
import type { Fit, FitOptions } from "./fit.js";
import { fixGauge } from "./gauge.js";
import { gradient, logLikelihood } from "./likelihood.js";
import { priorGradient } from "./prior.js";

/**
 * One step of minorise-maximise on strengths gamma = exp(theta), [n]:
 *
 *   gamma_i <- W_i / sum_j n_ij / (gamma_i + gamma_j),
 *
 * W_i the wins of i, n_ij the comparisons of i with j. It never lowers the likelihood (Zermelo 1929; Hunter 2004,
 * Annals of Statistics 32). `pseudoCount` adds that many wins and losses against a phantom of strength 1. An item that
 * was never compared keeps its strength.
 * @throws ShapeError or DomainError unless `strength` holds one finite number above 0 per item, and
 *   pseudoCount is at least 0
 */
export function minoriseMaximiseStep(
  strength: ArrayLike<number>,
  data: Comparisons,
  options: { pseudoCount?: number } = {},
): Float64Array {
  if (strength.length !== data.items) {
    throw new ShapeError(complaint("strength", `${data.items} strengths, one for each item`, strength));
  }
  const { pseudoCount = 0 } = options;
  if (!(pseudoCount >= 0 && Number.isFinite(pseudoCount))) {
    throw new DomainError(complaint("pseudoCount", "a finite number of games, at least 0", pseudoCount));
  }
  const wins = new Float64Array(data.items).fill(pseudoCount);
  const exposure = new Float64Array(data.items);
  for (let i = 0; i < data.items; i++) {
    checkPositive(`strength[${i}]`, strength[i]);
    exposure[i] = (2 * pseudoCount) / (strength[i] + 1);
  }
  for (let k = 0; k < data.winner.length; k++) {
    const [i, j] = [data.winner[k], data.loser[k]];
    wins[i] += data.weight[k];
    const share = data.weight[k] / (strength[i] + strength[j]);
    exposure[i] += share;
    exposure[j] += share;
  }
  return wins.map((won, i) => (exposure[i] === 0 ? strength[i] : won / exposure[i]));
}

/**
 * The same estimate as `fit`, by minorise-maximise: many cheap steps, O(pairs) each, and no matrix.
 * The only prior it takes is `{ pseudoCount }`, and it knows no noise.
 * @throws ConvergenceError as `fit`; DomainError for another prior
 */
export function fitMinoriseMaximise(data: Comparisons, options: Omit<FitOptions, "noise"> = {}): Fit {
  const { prior, gauge = "sum-zero", tolerance = 1e-12, iterations = 100_000, watch } = options;
  if (prior && !("pseudoCount" in prior)) {
    throw new DomainError(complaint("prior", "{ pseudoCount: games }; a Gaussian needs fit", { ...prior }));
  }
  totalWeight(data); // checks it
  if (prior === undefined) requireFiniteEstimate(data);
  const merged = mergeComparisons(data);
  const games = weightOfItems(merged).map((own) => own + 2 * (prior?.pseudoCount ?? 0));
  let strength: Float64Array = new Float64Array(data.items).fill(1);
  for (let iteration = 0; ; iteration++) {
    if (notebookHost()?.interrupt.aborted) throw new InterruptError("minorise-maximise: interrupted");
    const theta = strength.map(Math.log);
    watch?.(theta, iteration);
    const pull = prior ? priorGradient(theta, prior) : undefined;
    const slope = gradient(theta, merged).map((value, i) => value + (pull?.[i] ?? 0));
    const gradientNorm = slope.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const away = relativeGradient(slope, games);
    if (away <= tolerance) {
      const value = logLikelihood(theta, merged);
      return { theta: fixGauge(theta, gauge), logLikelihood: value, iterations: iteration, gradientNorm };
    }
    if (iteration >= iterations) {
      throw new ConvergenceError(
        `minorise-maximise: the gradient is still ${away.toPrecision(3)} of an item's games after ${iterations} steps ` +
          `(tolerance ${tolerance}). Use fit (Newton's method), allow more iterations, or loosen the tolerance`,
      );
    }
    strength = minoriseMaximiseStep(strength, merged, prior);
    if (!prior) strength = normalise(strength);
  }
}

/** Geometric mean 1, the sum-zero gauge of strengths: without it they may drift out of float64's range. */
function normalise(strength: Float64Array): Float64Array {
  let level = 0;
  for (const value of strength) level += Math.log(value);
  const scale = Math.exp(-level / strength.length);
  return strength.map((value) => value * scale);
}
