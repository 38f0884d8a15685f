import { type LbfgsMaximum, mean } from "../../numerics/index.js";
import type { ScaledFit } from "./scaledBradleyTerry.js";

/** theta [items] and alpha, side by side as they were found, with a mean |alpha| of 1 and abilities of sum 0. */
export function inUnitSharpness(found: LbfgsMaximum, items: number): ScaledFit {
  const theta = Array.from(found.at.subarray(0, items));
  const alpha = found.at.slice(items);
  const level = mean(theta);
  // Nobody tells anything: then there is no scale to be measured on.
  const unit = mean(alpha.map(Math.abs)) || 1;
  return {
    theta: theta.map((x) => (x - level) * unit),
    alpha: alpha.map((x) => x / unit),
    logPosterior: found.value,
    iterations: found.iterations,
    converged: found.converged,
  };
}
