import { complaint, DomainError } from "../../core/index.js";
import { checkScoredOutcomes } from "./checkScoredOutcomes.js";

/**
 * The policy that maximises E_p[r] - lambda chi^2(p || ref): p = ref max(0, 1 + (r - c) / (2 lambda)), with the c that
 * makes it add up to 1. Log-probabilities [N] in nats. Where KL's optimum weighs an outcome exp(r / beta) times, this
 * one weighs it in proportion to r: one lucky reward cannot take all. (Huang et al. 2024, arXiv:2407.13399, for
 * alignment.)
 * @throws ShapeError if the lengths differ; DomainError unless lambda > 0 and finite
 * @example chiSquareOptimum([0.5, 0.5].map(Math.log), [0, 1], 1).map(Math.exp) // [0.375, 0.625]
 */
export function chiSquareOptimum(logRef: ArrayLike<number>, r: ArrayLike<number>, lambda: number): Float64Array {
  checkScoredOutcomes(logRef, r);
  if (!(lambda > 0 && Number.isFinite(lambda))) {
    throw new DomainError(
      complaint("lambda", "a positive number", lambda, "Without a price the best outcome takes all"),
    );
  }
  // Down the rewards, highest first. `ahead` is top - c; both are small where lambda is, so they are never subtracted
  // from the rewards themselves: with the outcomes so far alive it is below / mass + 2 lambda (1 / mass - 1)...
  const order = Array.from({ length: logRef.length }, (_, y) => y).sort((a, b) => r[b] - r[a]);
  const top = r[order[0]];
  const total = order.reduce((sum, y) => sum + Math.exp(logRef[y]), 0);
  let [mass, below, ahead] = [0, 0, 0]; // below: how far below the top they are, times their probability
  const weightOf = (y: number) => 1 + (ahead - (top - r[y])) / (2 * lambda);
  for (const y of order) {
    const p = Math.exp(logRef[y]) / total;
    // ...and an outcome lives as long as its weight is above 0.
    if (mass > 0 && weightOf(y) <= 0) break;
    mass += p;
    below += p * (top - r[y]);
    if (mass > 0) ahead = below / mass + 2 * lambda * (1 / mass - 1);
  }
  return Float64Array.from(logRef, (log, y) => {
    const weight = weightOf(y);
    return weight > 0 ? log - Math.log(total) + Math.log(weight) : Number.NEGATIVE_INFINITY;
  });
}
