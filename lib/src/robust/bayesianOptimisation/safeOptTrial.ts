import { checkCount, checkPositive } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import { linspace } from "../../numerics/index.js";
import { foldIn, type Key, normal, split } from "../../random/index.js";
import { expectedImprovement } from "./expectedImprovement.js";
import { gaussianProcess, type JointBeliefs } from "./gaussianProcess.js";
import { squaredExponential } from "./kernels.js";
import { type SafeOptStep, safeOptStep } from "./safeOptStep.js";
import { drawFunction, thompson } from "./thompson.js";

/** Who asks: three that only want the best, two that also want to stay safe. */
export const safeOptMethods = ["ucb", "expectedImprovement", "thompson", "safeUcb", "safeOpt"] as const;
export type SafeOptMethod = (typeof safeOptMethods)[number];

export interface SafeOptTrialOptions {
  method: SafeOptMethod;
  /** How many points of [0, 1] there are; 81 by default. */
  points?: number;
  /** Over what length f changes, and over what length it is believed to; 0.12, and the same. */
  length?: number;
  believedLength?: number;
  queries?: number;
  /** f below it is a violation; -0.2 by default, f having mean 0 and standard deviation 1. */
  threshold?: number;
  /** Standard deviations from the mean to the bounds; 3 by default. */
  width?: number;
  noise?: number;
}

export interface SafeOptTrial {
  /** The points, f there, and the one that is known to be safe. */
  x: number[];
  f: Float64Array;
  seed: number;
  /** Which points were measured, in order, and how many of them were unsafe. */
  visits: number[];
  violations: number;
  /**
   * f at the best point that the bounds could ever show to be safe from the seed on, less f at the one recommended.
   * Below 0 for who finds a better one by violations.
   */
  regret: number;
  /** What SafeOpt would see before each query and after the last. */
  film: SafeOptStep[];
}

/**
 * A function drawn from a Gaussian process is to be maximised without ever measuring where it is below a threshold,
 * from one point known to be safe: the one nearest to the middle with f >= threshold + 0.5. All methods have the same
 * f, noise and kernel; recommended is the safe point with the greatest lower bound. Safe-UCB is UCB among the points
 * taken to be safe; both have the width of the bounds. SafeOpt by `safeOptStep`.
 * @throws DomainError for a method or a size that is none
 */
export function safeOptTrial(key: Key, options: SafeOptTrialOptions): SafeOptTrial {
  const { method, points = 81, length = 0.12, believedLength = length, queries = 30 } = options;
  const { threshold = -0.2, width = 3, noise = 0.05 } = options;
  if (!safeOptMethods.includes(method)) throw new DomainError(complaint("method", safeOptMethods.join(", "), method));
  checkCount("points", points, 2);
  checkCount("queries", queries);
  checkPositive("noise", noise);
  const x = linspace(0, 1, points);
  const at = x.map((place) => [place]);
  const [functionKey, noiseKey, drawKey] = split(key, 3);
  const prior = gaussianProcess(squaredExponential({ length }), [], [], 0).jointly(at);
  const { f, seed } = drawWithSeed(functionKey, prior, threshold);
  const errors = normal(noiseKey, queries + 1);
  const measured = [seed];
  const y = [f[seed] + noise * errors[0]];
  const kernel = squaredExponential({ length: believedLength });
  const film: SafeOptStep[] = [];
  const believe = (which: readonly number[], values: readonly number[], error: number) =>
    gaussianProcess(
      kernel,
      which.map((i) => at[i]),
      values,
      error,
    ).jointly(at);
  const look = () => {
    const beliefs = believe(measured, y, noise);
    const step = safeOptStep(beliefs, { threshold, width, noise, seed: [seed] });
    film.push(step);
    return { beliefs, step };
  };
  for (let query = 1; query <= queries; query++) {
    const { beliefs, step } = look();
    const next = choose(foldIn(drawKey, query), method, beliefs, step);
    measured.push(next);
    y.push(f[next] + noise * errors[query]);
  }
  const { lower, safe } = look().step;
  const recommended = argmax(lower, safe);
  const visits = measured.slice(1);
  const best = bestReachable(f, seed, believe, { threshold, width, noise, queries });
  const violations = visits.filter((i) => f[i] < threshold).length;
  return { x, f, seed, visits, violations, regret: best - f[recommended], film };
}

function choose(key: Key, method: SafeOptMethod, beliefs: JointBeliefs, step: SafeOptStep): number {
  const { mean, deviation } = beliefs;
  const everywhere = Array.from(mean, (_, i) => i);
  if (method === "safeOpt") return step.choice;
  if (method === "safeUcb") return argmax(step.upper, step.safe);
  if (method === "ucb") return argmax(step.upper, everywhere);
  if (method === "thompson") return thompson(key, beliefs).choice;
  const best = mean[argmax(mean, everywhere)];
  return argmax(
    mean.map((m, i) => expectedImprovement(m, deviation[i], best)),
    everywhere,
  );
}

/** A function of the prior that is well above the threshold somewhere, and the point nearest to the middle there. */
function drawWithSeed(key: Key, prior: JointBeliefs, threshold: number): { f: Float64Array; seed: number } {
  const middle = (prior.mean.length - 1) / 2;
  for (let draw = 0; ; draw++) {
    const f = drawFunction(foldIn(key, draw), prior);
    const fair = Array.from(f, (_, i) => i).filter((i) => f[i] >= threshold + 0.5);
    if (fair.length === 0) continue;
    return { f, seed: fair.reduce((near, i) => (Math.abs(i - middle) < Math.abs(near - middle) ? i : near)) };
  }
}

/**
 * The greatest f that could ever be shown to be safe from the seed: all points taken to be safe are measured, each
 * `queries` times and without bad luck, again and again until no point is added.
 */
function bestReachable(
  f: Float64Array,
  seed: number,
  beliefs: (measured: readonly number[], y: readonly number[], noise: number) => JointBeliefs,
  { threshold, width, noise, queries }: { threshold: number; width: number; noise: number; queries: number },
): number {
  for (let safe = [seed]; ; ) {
    const known = beliefs(
      safe,
      safe.map((i) => f[i]),
      noise / Math.sqrt(queries),
    );
    const { safe: next } = safeOptStep(known, { threshold, width, noise, seed: safe });
    if (next.length === safe.length) return safe.reduce((best, i) => Math.max(best, f[i]), f[seed]);
    safe = next;
  }
}

function argmax(values: ArrayLike<number>, among: readonly number[]): number {
  return among.reduce((best, i) => (values[i] > values[best] ? i : best));
}
