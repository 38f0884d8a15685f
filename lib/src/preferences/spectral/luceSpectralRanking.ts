import { ConvergenceError, complaint, InterruptError, notebookHost, ShapeError } from "../../core/index.js";
import { fixGauge, type Gauge } from "../bradleyTerry/gauge.js";
import { type Comparisons, mergeComparisons } from "../comparisons.js";
import type { Rankings } from "../rankings.js";
import { checkChain, luceRates, type SpectralOptions } from "./rates.js";
import { stationaryDistribution } from "./stationary.js";

export interface LuceOptions extends SpectralOptions {
  gauge?: Gauge;
}

/**
 * Luce spectral ranking: abilities [n] in nats as the log of where a random walk spends its time that goes from loser
 * to winner, each comparison adding the rate weight / (number that competed). One linear solve, O(n^3); consistent, and
 * a good start for `iteratedLuceSpectralRanking`. Takes comparisons, full and partial rankings, and choices.
 * Maystre and Grossglauser 2015, Fast and accurate inference of Plackett-Luce models (NIPS 28).
 * @throws ConvergenceError if some items were never beaten by the others (or never beat them) and pseudoRate is 0
 */
export function luceSpectralRanking(data: Comparisons | Rankings, options: LuceOptions = {}): number[] {
  const { pseudoRate = 0, gauge } = options;
  checkChain(data, pseudoRate, "Luce spectral ranking");
  return step(new Float64Array(data.items).fill(1), data, pseudoRate, gauge);
}

export interface IteratedOptions extends LuceOptions {
  /** Stop when no ability moves by more than this, in nats. Default 1e-10. */
  tolerance?: number;
  /** Default 1000. */
  iterations?: number;
  /** Where to begin, [n], in nats. Default: all equal. */
  start?: ArrayLike<number>;
}

/**
 * Iterated Luce spectral ranking: each comparison's rate is divided by the strengths exp(theta) that competed, at
 * the abilities of the step before. Its fixed point is the maximum-likelihood estimate of Bradley-Terry or
 * Plackett-Luce (with a pseudoRate: a regularised one). Strengths have mean 1, which gives the pseudoRate its unit.
 * Sources as `luceSpectralRanking`.
 * @throws ConvergenceError as `luceSpectralRanking`, or when the iterations run out
 */
export function iteratedLuceSpectralRanking(
  data: Comparisons | Rankings,
  options: IteratedOptions = {},
): { theta: number[]; iterations: number } {
  const { pseudoRate = 0, gauge, tolerance = 1e-10, iterations = 1000, start } = options;
  if (start && start.length !== data.items) throw new ShapeError(complaint("start", `${data.items} abilities`, start));
  checkChain(data, pseudoRate, "Iterated Luce spectral ranking");
  const merged = "winner" in data ? mergeComparisons(data) : data;
  let theta = fixGauge(start ?? new Float64Array(data.items));
  for (let iteration = 1; iteration <= iterations; iteration++) {
    if (notebookHost()?.interrupt.aborted) throw new InterruptError("iterated Luce spectral ranking: interrupted");
    const next = step(strengths(theta), merged, pseudoRate);
    const moved = next.reduce((most, ability, i) => Math.max(most, Math.abs(ability - theta[i])), 0);
    theta = next;
    if (moved <= tolerance) return { theta: fixGauge(theta, gauge), iterations: iteration };
  }
  throw new ConvergenceError(
    `Iterated Luce spectral ranking: abilities still move after ${iterations} iterations (tolerance ${tolerance}). ` +
      "Allow more iterations or loosen the tolerance",
  );
}

function step(strength: Float64Array, data: Comparisons | Rankings, pseudoRate: number, gauge?: Gauge): number[] {
  const share = stationaryDistribution(luceRates(strength, data, pseudoRate), data.items);
  return fixGauge(share.map(Math.log), gauge);
}

/** exp(theta), mean 1. */
function strengths(theta: readonly number[]): Float64Array {
  const raw = Float64Array.from(theta, Math.exp);
  const scale = raw.length / raw.reduce((sum, value) => sum + value, 0);
  return raw.map((value) => value * scale);
}
