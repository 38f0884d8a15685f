import { complaint, DomainError } from "../../core/index.js";
import { logSigmoid, sigmoid } from "../../numerics/index.js";

/**
 * What we believe about abilities before the first comparison; it keeps every estimate finite.
 *
 * - `{ gaussian: deviation }`: each theta_i is Normal(0, deviation^2).
 * - `{ pseudoCount: games }`: each item has won `games` and lost `games` against a phantom of ability 0 (a fraction
 *   will do). In strengths exp(theta) this is a conjugate-like prior, which minorise-maximise needs.
 */
export type Prior = { gaussian: number } | { pseudoCount: number };

/** log p(theta) up to a constant, in nats. @throws DomainError if the prior's number is not above 0 */
export function logPrior(theta: ArrayLike<number>, prior: Prior): number {
  checkPrior(prior);
  let sum = 0;
  for (let i = 0; i < theta.length; i++) {
    sum +=
      "gaussian" in prior
        ? -((theta[i] / prior.gaussian) ** 2) / 2
        : prior.pseudoCount * (logSigmoid(theta[i]) + logSigmoid(-theta[i]));
  }
  return sum;
}

/** d logPrior / d theta, [n]. */
export function priorGradient(theta: ArrayLike<number>, prior: Prior): Float64Array {
  checkPrior(prior);
  return Float64Array.from(theta, (ability) =>
    "gaussian" in prior ? -ability / prior.gaussian ** 2 : prior.pseudoCount * (sigmoid(-ability) - sigmoid(ability)),
  );
}

/** Minus the second derivatives of logPrior, one per item, [n]; it has no mixed ones. */
export function priorCurvature(theta: ArrayLike<number>, prior: Prior): Float64Array {
  checkPrior(prior);
  return Float64Array.from(theta, (ability) =>
    "gaussian" in prior ? 1 / prior.gaussian ** 2 : 2 * prior.pseudoCount * sigmoid(ability) * sigmoid(-ability),
  );
}

function checkPrior(prior: Prior): void {
  const [name, value] = Object.entries(prior)[0] ?? [];
  if ((name === "gaussian" || name === "pseudoCount") && value > 0 && Number.isFinite(value)) return;
  throw new DomainError(complaint("prior", "{ gaussian: deviation } or { pseudoCount: games }, above 0", { ...prior }));
}
