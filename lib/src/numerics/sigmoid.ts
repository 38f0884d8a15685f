import { softplus } from "./softplus.js";

/**
 * The logistic function 1 / (1 + exp(-z)), in (0, 1); exact to rounding for every finite z,
 * never NaN for z = +-Infinity.
 * @example sigmoid(Math.log(3)) // 0.75
 */
export function sigmoid(z: number): number {
  if (z >= 0) return 1 / (1 + Math.exp(-z));
  const e = Math.exp(z);
  return e / (1 + e);
}

/**
 * log sigmoid(z) = -softplus(-z), in nats. `Math.log(sigmoid(z))` is -Infinity below z = -745; this is
 * z there, as it should be.
 * @example logSigmoid(-1000) // -1000
 */
export function logSigmoid(z: number): number {
  return -softplus(-z);
}

/** The inverse of sigmoid: log(p / (1 - p)), in nats; -Infinity at 0, Infinity at 1, NaN outside [0, 1]. */
export function logit(p: number): number {
  return Math.log(p) - Math.log1p(-p);
}
