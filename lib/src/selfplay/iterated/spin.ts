import { checkNumbers } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import { logSoftmax } from "../../numerics/index.js";

/**
 * One iteration of SPIN with all the data it wants: pi_(k+1) ~ pi_k (data / pi_k)^(1 / lambda) (Chen et al. 2024,
 * arXiv:2401.01335, theorem 5.4; lambda is its price of KL to pi_k, the beta of its DPO loss). So log(pi / data), up
 * to a constant, is multiplied by 1 - 1/lambda: lambda > 1 comes nearer each time, 1 is there at once, between 1/2 and
 * 1 it passes and comes back nearer, 1/2 swings for ever, and below 1/2 each iteration leads further away.
 * Log-probabilities [N] in nats; the result adds up to 1.
 * @throws ShapeError, DomainError for log-probabilities that are not finite, or lambda that is not above 0
 * @example spinStep([0.5, 0.5].map(Math.log), [0.8, 0.2].map(Math.log), 2).map(Math.exp) // [0.6667, 0.3333]
 */
export function spinStep(logPolicy: ArrayLike<number>, logData: ArrayLike<number>, lambda: number): Float64Array {
  checkNumbers("logPolicy", logPolicy, logPolicy.length);
  checkNumbers("logData", logData, logPolicy.length);
  if (!(lambda > 0)) throw new DomainError(complaint("lambda", "a positive number", lambda));
  return Float64Array.from(logSoftmax(Float64Array.from(logPolicy, (log, y) => log + (logData[y] - log) / lambda)));
}
