import { ConvergenceError, complaint, DomainError } from "../../core/index.js";
import { greatest } from "../../numerics/greatest.js";
import { exactKL } from "../../numerics/index.js";
import { bestOfNLogProbs } from "../bestOfN/index.js";
import { checkScoredOutcomes } from "./checkScoredOutcomes.js";
import { chiSquareOptimum } from "./chiSquareOptimum.js";
import { quantiliser } from "./quantiliser.js";

/** Ways to climb a score from a reference, each with one knob for how far. */
export const optimisers = {
  /** ref exp(score / beta): the most score for a nat of KL. */
  tilt: tiltAtKl,
  /** Best of n, n any number of at least 1. */
  bestOfN: (logRef: ArrayLike<number>, score: ArrayLike<number>, kl: number) =>
    atKl(logRef, score, kl, (ref, own, knob) => bestOfNLogProbs(ref, own, Math.exp(knob)), [0, 60]),
  /** The top share q of the reference. */
  quantiliser: (logRef: ArrayLike<number>, score: ArrayLike<number>, kl: number) =>
    atKl(logRef, score, kl, (ref, own, knob) => quantiliser(ref, own, Math.exp(-knob)), [0, 60]),
  /** The most score for a unit of chi^2. */
  chiSquare: (logRef: ArrayLike<number>, score: ArrayLike<number>, kl: number) => {
    const spread = Math.log(spreadOf(score));
    return atKl(logRef, score, kl, (ref, own, knob) => chiSquareOptimum(ref, own, Math.exp(spread - knob)), [-20, 60]);
  },
} as const;

/**
 * The tilted policy ref exp(s score) / Z whose KL to the reference is `kl` nats, log-probabilities [N]: as
 * `betaForKl`, s = 1 / beta, by Newton's method inside a bracket, fast enough to be asked thousands of times.
 * @throws DomainError unless 0 < kl < -ln ref(best outcomes); ShapeError if the lengths differ
 * @example tiltAtKl([0.5, 0.5].map(Math.log), [1, 0], 0.1).map(Math.exp) // [0.7198, 0.2802]
 */
export function tiltAtKl(logRef: ArrayLike<number>, score: ArrayLike<number>, kl: number): Float64Array {
  checkScoredOutcomes(logRef, score);
  checkReach(logRef, score, kl);
  const best = greatest(score);
  const out = new Float64Array(logRef.length);
  const measure = (s: number) => {
    let [z, first, second] = [0, 0, 0];
    for (let y = 0; y < out.length; y++) {
      const weight = Math.exp(logRef[y] + s * (score[y] - best));
      out[y] = weight;
      z += weight;
      first += weight * (score[y] - best);
      second += weight * (score[y] - best) ** 2;
    }
    const centre = first / z;
    return { z, kl: s * centre - Math.log(z), variance: Math.max(0, second / z - centre * centre) };
  };
  let [low, high] = [0, Number.POSITIVE_INFINITY];
  let s = Math.sqrt((2 * kl) / measure(0).variance);
  for (let step = 0; step < 200; step++) {
    const now = measure(s);
    if (now.kl < kl) low = s;
    else high = s;
    if (Math.abs(now.kl - kl) <= 1e-11 * (1 + kl) || (Number.isFinite(high) && high - low <= 1e-15 * high)) break;
    const newton = s + (kl - now.kl) / (s * now.variance);
    const middle = high === Number.POSITIVE_INFINITY ? 2 * s : (low + high) / 2;
    s = newton > low && newton < Math.min(high, 4 * s) ? newton : middle;
  }
  const { z } = measure(s);
  const logZ = Math.log(z);
  for (let y = 0; y < out.length; y++) out[y] = logRef[y] + s * (score[y] - best) - logZ;
  return out;
}

/**
 * The tilted policy at this KL, or, where the score cannot push so far, the best outcomes alone, as the reference has
 * them.
 * @throws as `tiltAtKl`, but for distances that are too large
 */
export function tiltUpToKl(logRef: ArrayLike<number>, score: ArrayLike<number>, kl: number): Float64Array {
  checkScoredOutcomes(logRef, score);
  const { best, farthest } = reach(logRef, score);
  if (!(kl >= farthest * (1 - 1e-9))) return tiltAtKl(logRef, score, kl);
  return new Float64Array(logRef).map((log, y) => (score[y] === best ? log + farthest : Number.NEGATIVE_INFINITY));
}

/** The highest score, and the KL of the outcomes that have it, as the reference has them. */
function reach(logRef: ArrayLike<number>, score: ArrayLike<number>): { best: number; farthest: number } {
  const best = greatest(score);
  let mass = 0;
  for (let y = 0; y < score.length; y++) if (score[y] === best) mass += Math.exp(logRef[y]);
  return { best, farthest: -Math.log(mass) };
}

/** @throws DomainError unless 0 < kl < -ln ref(best outcomes) */
function checkReach(logRef: ArrayLike<number>, score: ArrayLike<number>, kl: number): void {
  const { farthest } = reach(logRef, score);
  if (kl > 0 && kl < farthest) return;
  const hint = "The outcomes of the highest score alone are as far as a score can push";
  throw new DomainError(complaint("kl", `nats between 0 and ${farthest.toPrecision(4)}`, kl, hint));
}

/** The policy of a knob, turned until its KL is what was asked for. */
function atKl(
  logRef: ArrayLike<number>,
  score: ArrayLike<number>,
  kl: number,
  climb: (ref: Float64Array, own: Float64Array, knob: number) => Float64Array,
  ends: [number, number],
): Float64Array {
  checkScoredOutcomes(logRef, score);
  // Sorted once; sorting what is sorted costs little.
  const order = Array.from({ length: score.length }, (_, y) => y).sort((a, b) => score[a] - score[b]);
  const [ref, own] = [logRef, score].map((list) => Float64Array.from(order, (y) => list[y]));
  const sorted = search(ref, kl, (knob) => climb(ref, own, knob), ends);
  const out = new Float64Array(order.length);
  order.forEach((y, i) => {
    out[y] = sorted[i];
  });
  return out;
}

function search(
  logRef: Float64Array,
  kl: number,
  policy: (knob: number) => Float64Array,
  [low, high]: [number, number],
): Float64Array {
  if (!(kl > 0)) throw new DomainError(complaint("kl", "a positive number, in nats", kl));
  if (exactKL(policy(high), logRef) < kl * (1 - 1e-9)) {
    const hint = "The outcomes of the highest score alone are as far as a score can push";
    throw new ConvergenceError(complaint("kl", "nats that this score can reach", kl, hint));
  }
  // Regula falsi, the weight of an end that stays put halved (Illinois): a dozen policies instead of sixty.
  let [below, above] = [exactKL(policy(low), logRef) - kl, exactKL(policy(high), logRef) - kl];
  for (let step = 0, side = 0; step < 100 && high - low > 1e-11; step++) {
    const secant = low - (below * (high - low)) / (above - below);
    const knob = step % 3 === 2 || !(secant > low && secant < high) ? (low + high) / 2 : secant;
    const candidate = policy(knob);
    const miss = exactKL(candidate, logRef) - kl;
    if (Math.abs(miss) <= 1e-9 * (1 + kl)) return candidate;
    if (miss < 0) {
      [low, below] = [knob, miss];
      if (side === -1) above /= 2;
      side = -1;
    } else {
      [high, above] = [knob, miss];
      if (side === 1) below /= 2;
      side = 1;
    }
  }
  return policy((low + high) / 2);
}

function spreadOf(score: ArrayLike<number>): number {
  let least = Number.POSITIVE_INFINITY;
  for (let y = 0; y < score.length; y++) least = Math.min(least, score[y]);
  const spread = greatest(score) - least;
  if (spread > 0 && Number.isFinite(spread)) return spread;
  throw new DomainError(complaint("score", "finite numbers that vary", score));
}
