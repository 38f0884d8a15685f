import { checkPositive } from "../../core/checks.js";

/** Cov(f(a), f(b)) of two points, [d] each: symmetric, and positive semi-definite on any set of points. */
export type Kernel = (a: ArrayLike<number>, b: ArrayLike<number>) => number;

/** How far and how high a function swings. */
export interface KernelScales {
  /** The distance over which it changes, in the unit of x; one for all coordinates. */
  length: number;
  /** The prior standard deviation of f(x), in its unit; 1 by default. */
  deviation?: number;
}

/**
 * Squared-exponential kernel, deviation^2 exp(-|a - b|^2 / (2 length^2)): very smooth functions (Rasmussen and Williams
 * 2006, eq. 4.9).
 * @throws DomainError unless length and deviation are positive
 * @example squaredExponential({ length: 1 })([0], [1]) // 0.6065
 */
export function squaredExponential({ length, deviation = 1 }: KernelScales): Kernel {
  checkScales(length, deviation);
  const [height, scale] = [deviation ** 2, -1 / (2 * length ** 2)];
  return (a, b) => height * Math.exp(scale * squaredDistance(a, b));
}

/**
 * Matern's kernel with nu = 5/2, deviation^2 (1 + z + z^2 / 3) exp(-z), z = sqrt(5) |a - b| / length: functions that
 * bend twice (Rasmussen and Williams 2006, eq. 4.17).
 * @throws DomainError unless length and deviation are positive
 * @example matern52({ length: 1 })([0], [1]) // 0.524
 */
export function matern52({ length, deviation = 1 }: KernelScales): Kernel {
  checkScales(length, deviation);
  const [height, scale] = [deviation ** 2, Math.sqrt(5) / length];
  return (a, b) => {
    const z = scale * Math.sqrt(squaredDistance(a, b));
    return height * (1 + z + (z * z) / 3) * Math.exp(-z);
  };
}

function squaredDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

function checkScales(length: number, deviation: number): void {
  checkPositive("length", length);
  checkPositive("deviation", deviation);
}
