import { complaint, DomainError } from "../core/index.js";
import { exponential, foldIn, type Key, normal, split } from "../random/index.js";
import type { ErrorTail } from "../rewards/hacking/tailLaw.js";

/** Outcomes with a value and a proxy that is off by an independent error. All lists [n]. */
export interface ScoredOutcomes {
  /** The reference: all equally likely. */
  readonly logRef: Float64Array;
  readonly value: Float64Array;
  readonly error: Float64Array;
  /** value + error: what an optimiser sees. */
  readonly proxy: Float64Array;
}

/**
 * n outcomes with values from Normal(0, 1) and errors of unit variance with this tail: normal, Laplace's, or Student's
 * t with a whole number of degrees of freedom.
 * @throws DomainError unless n >= 2 and degrees is a whole number above 2
 */
export function scoredOutcomes(key: Key, n: number, tail: ErrorTail): ScoredOutcomes {
  if (!(Number.isInteger(n) && n >= 2)) throw new DomainError(complaint("n", "at least 2 outcomes", n));
  const [valueKey, errorKey] = split(key);
  const value = normal(valueKey, n);
  const error = drawErrors(errorKey, n, tail);
  return {
    logRef: new Float64Array(n).fill(-Math.log(n)),
    value,
    error,
    proxy: value.map((own, i) => own + error[i]),
  };
}

function drawErrors(key: Key, n: number, tail: ErrorTail): Float64Array {
  if (tail === "normal") return normal(key, n);
  if (tail === "laplace") {
    const [up, down] = split(key).map((own) => exponential(own, n));
    return up.map((own, i) => (own - down[i]) / Math.SQRT2);
  }
  const { degrees } = tail;
  if (!(Number.isInteger(degrees) && degrees > 2)) {
    throw new DomainError(complaint("degrees", "a whole number above 2", degrees));
  }
  const squares = new Float64Array(n);
  for (let k = 1; k <= degrees; k++) {
    normal(foldIn(key, k), n).forEach((z, i) => {
      squares[i] += z * z;
    });
  }
  // t = Z / sqrt(chi^2 / degrees) has variance degrees / (degrees - 2).
  return normal(foldIn(key, 0), n).map((z, i) => z * Math.sqrt((degrees - 2) / squares[i]));
}
