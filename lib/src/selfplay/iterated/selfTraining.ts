import { checkCount, checkNumbers } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import { logSoftmax, logSumExp } from "../../numerics/index.js";

/**
 * Self-training with a judge that passes completion y with probability acceptance[y], each time anew: pi_k ~ ref a^k,
 * exactly, after `rounds` rounds of writing without end, keeping what passes and imitating that. What two completions
 * have the same acceptance keep their ratio for ever: only the judge adds information, however many rounds there are.
 * Log-probabilities [N] in nats, of the last round.
 * @throws ShapeError, DomainError for an acceptance outside of [0, 1], or if nothing passes
 * @example selfLabelled([0.25, 0.75].map(Math.log), [0.9, 0.1], 1).map(Math.exp) // [0.75, 0.25]
 */
export function selfLabelled(logRef: ArrayLike<number>, acceptance: ArrayLike<number>, rounds: number): Float64Array {
  checkNumbers("acceptance", acceptance, logRef.length);
  for (let y = 0; y < logRef.length; y++) {
    if (!(acceptance[y] >= 0 && acceptance[y] <= 1)) {
      throw new DomainError(complaint(`acceptance[${y}]`, "a probability", acceptance[y]));
    }
  }
  checkCount("rounds", rounds, 0);
  const scores = Float64Array.from(logRef, (log, y) => (rounds === 0 ? log : log + rounds * Math.log(acceptance[y])));
  if (!(logSumExp(scores) > Number.NEGATIVE_INFINITY)) {
    throw new DomainError(complaint("acceptance", "something that passes and can be written", acceptance));
  }
  return Float64Array.from(logSoftmax(scores));
}
