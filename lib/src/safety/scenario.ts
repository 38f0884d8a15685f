import { checkCount } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";
import { incompleteBeta } from "../numerics/incompleteBeta.js";

/**
 * The scenario bound (Campi and Garatti 2008): optimise d numbers under n sampled constraints; with V the probability
 * that the optimum breaks a new one,
 *   P(V > epsilon) <= sum over i < d of C(n, i) epsilon^i (1 - epsilon)^(n - i),
 * with equality where exactly d of the samples hold the optimum in place (convex, "fully supported").
 * @throws DomainError unless n >= d >= 1 are counts and epsilon in (0, 1)
 * @example scenarioRisk({ samples: 93, dimensions: 2, epsilon: 0.05 }) // 0.05
 */
export function scenarioRisk({
  samples,
  dimensions,
  epsilon,
}: {
  samples: number;
  dimensions: number;
  epsilon: number;
}): number {
  checkCount("dimensions", dimensions);
  checkCount("samples", samples, dimensions);
  checkInside("epsilon", epsilon);
  // P(Binomial(n, epsilon) <= d - 1) as a beta integral.
  return incompleteBeta(1 - epsilon, samples - dimensions + 1, dimensions, epsilon);
}

/**
 * The fewest samples with P(V > epsilon) <= delta.
 * @throws DomainError unless dimensions is a count and epsilon and delta in (0, 1)
 * @example scenarioCount({ dimensions: 2, epsilon: 0.05, delta: 0.05 }) // 93
 */
export function scenarioCount({
  dimensions,
  epsilon,
  delta,
}: {
  dimensions: number;
  epsilon: number;
  delta: number;
}): number {
  checkCount("dimensions", dimensions);
  checkInside("epsilon", epsilon);
  checkInside("delta", delta);
  const enough = (samples: number) => scenarioRisk({ samples, dimensions, epsilon }) <= delta;
  let high = dimensions;
  while (!enough(high)) high *= 2;
  let low = dimensions - 1; // not enough, or no count at all
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (middle >= dimensions && enough(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** The simple bound, (2 / epsilon)(ln(1 / delta) + d), rounded up: enough, and a good deal more than needed. */
export function scenarioSimpleCount({
  dimensions,
  epsilon,
  delta,
}: {
  dimensions: number;
  epsilon: number;
  delta: number;
}): number {
  checkCount("dimensions", dimensions);
  checkInside("epsilon", epsilon);
  checkInside("delta", delta);
  return Math.ceil((2 / epsilon) * (Math.log(1 / delta) + dimensions));
}

function checkInside(what: string, x: number): void {
  if (!(x > 0 && x < 1)) throw new DomainError(complaint(what, "a number in (0, 1)", x));
}
