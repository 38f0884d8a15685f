import { checkCount, checkFinite, checkPositive } from "../../core/checks.js";
import type { ValueAndGradient } from "../../numerics/index.js";
import { foldIn, type Key, normal, split, uniform } from "../../random/index.js";

export interface HamiltonianOptions {
  /** Draws that are kept. */
  draws: number;
  /** Draws before them that are thrown away; default 100. */
  burnIn?: number;
  /** Size of a leapfrog step, in units of the parameters; default 0.1. */
  step?: number;
  /** Leapfrog steps a draw; default 20. */
  leaps?: number;
}

/** Draws of a chain, one after the other. */
export interface Chain {
  /** [draws][d] */
  draws: number[][];
  /** Share of proposals accepted, burn-in left out. */
  acceptance: number;
}

/**
 * Hamiltonian Monte Carlo: a draw is pushed off with a normal momentum, follows the slope of the log-posterior for
 * `leaps` leapfrog steps, and is accepted with probability min(1, exp(-change of energy)), which makes the chain exact
 * whatever the step. `logDensity` returns nats up to a constant and writes its gradient, as for `lbfgs`. Successive
 * draws are not independent. (Duane et al. 1987; Neal 2011, arXiv:1206.1901, algorithm of section 5.3.)
 * @throws DomainError for counts below 1, a step not positive, or a start where the density is not finite
 */
export function hmc(
  key: Key,
  logDensity: ValueAndGradient,
  start: ArrayLike<number>,
  { draws, burnIn = 100, step = 0.1, leaps = 20 }: HamiltonianOptions,
): Chain {
  checkCount("draws", draws);
  checkCount("burnIn", burnIn, 0);
  checkPositive("step", step);
  checkCount("leaps", leaps);
  const d = start.length;
  let at = Float64Array.from(start);
  let slope = new Float64Array(d);
  let value = logDensity(at, slope);
  checkFinite("logDensity at the start", value);
  const [push, coin] = split(key);
  const accept = uniform(coin, draws + burnIn);
  const kept: number[][] = [];
  let accepted = 0;
  for (let t = 0; t < draws + burnIn; t++) {
    const momentum = normal(foldIn(push, t), d);
    const energy = kinetic(momentum) - value;
    const [next, nextSlope] = [at.slice(), slope.slice()];
    let nextValue = value;
    for (let leap = 0; leap < leaps; leap++) {
      for (let i = 0; i < d; i++) {
        momentum[i] += (step / 2) * nextSlope[i];
        next[i] += step * momentum[i];
      }
      nextValue = logDensity(next, nextSlope);
      for (let i = 0; i < d; i++) momentum[i] += (step / 2) * nextSlope[i];
    }
    // A path that ran off to NaN is refused: the comparison is false.
    if (accept[t] < Math.exp(energy - (kinetic(momentum) - nextValue))) {
      [at, slope, value] = [next, nextSlope, nextValue];
      if (t >= burnIn) accepted++;
    }
    if (t >= burnIn) kept.push([...at]);
  }
  return { draws: kept, acceptance: accepted / draws };
}

function kinetic(momentum: Float64Array): number {
  return momentum.reduce((sum, p) => sum + (p * p) / 2, 0);
}
