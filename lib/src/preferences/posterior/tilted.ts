import { logSigmoid, sigmoid } from "../../numerics/index.js";

/** A Gaussian after it was multiplied by sigmoid(x)^power: how much is left, where it is and how wide. */
export interface Tilted {
  logMass: number;
  mean: number;
  variance: number;
  /**
   * d logMass / d mean and minus the second derivative: mean + variance * slope and variance - variance^2 * bend, of
   * what came in, are what came out.
   */
  slope: number;
  bend: number;
}

/**
 * The mass, mean and variance of sigmoid(x)^power Normal(x; mean, variance), to about 12 digits. By the trapezoid rule
 * around the mode: the integrand is analytic in a strip and falls off faster than the Gaussian, so the rule's error
 * shrinks exponentially in 1/step.
 */
export function tilted(mean: number, variance: number, power = 1): Tilted {
  const deviation = Math.sqrt(variance);
  const mode = modeOf(mean, variance, power);
  const step = Math.min(deviation, 1) / 2;
  const reach = Math.ceil((10 * deviation) / step);
  const top = power * logSigmoid(mode) - (mode - mean) ** 2 / (2 * variance);
  let [mass, first, second, slope, slopes, spread] = [0, 0, 0, 0, 0, 0];
  // Near the mode the factor's slope is about this; what it differs by carries the digits.
  const middle = sigmoid(-mode);
  for (let k = -reach; k <= reach; k++) {
    const away = k * step;
    // log sigmoid(x) and sigmoid(-x) share one exponential.
    const x = mode + away;
    const small = Math.exp(-Math.abs(x));
    const surprise = (x >= 0 ? small : 1) / (1 + small);
    const log = power * (Math.min(x, 0) - Math.log1p(small)) - (x - mean) ** 2 / (2 * variance);
    const weight = Math.exp(log - top);
    mass += weight;
    first += weight * away;
    second += weight * away * away;
    slope += weight * (surprise - middle);
    slopes += weight * (surprise - middle) ** 2;
    spread += weight * surprise * (1 - surprise);
  }
  const shift = first / mass;
  const off = slope / mass;
  return {
    logMass: Math.log((mass * step) / Math.sqrt(2 * Math.PI * variance)) + top,
    mean: mode + shift,
    variance: second / mass - shift * shift,
    slope: power * (middle + off),
    // Minus the average of the factor's second derivative, less the variance of its slope.
    bend: power * (spread / mass - power * (slopes / mass - off * off)),
  };
}

/**
 * Where power * log sigmoid(x) - (x - mean)^2 / 2 variance is largest: between mean and
 * mean + power * variance, by Newton and halving.
 */
function modeOf(mean: number, variance: number, power: number): number {
  let [low, high] = [mean, mean + power * variance];
  let x = mean;
  for (let k = 0; k < 100; k++) {
    const slope = power * sigmoid(-x) - (x - mean) / variance;
    if (slope > 0) low = x;
    else high = x;
    const next = x + slope / (power * sigmoid(x) * sigmoid(-x) + 1 / variance);
    const to = next > low && next < high ? next : (low + high) / 2;
    if (Math.abs(to - x) <= 1e-9 * (1 + Math.abs(x))) break;
    x = to;
  }
  return x;
}
