import { complaint, DomainError } from "../core/index.js";

export interface CritiqueRates {
  /** q: how often the critic sees a violation. */
  detection: number;
  /** r: how often a revision mends what the critic saw. */
  repair: number;
  /** eps: how often a round breaks a reply that was fine. */
  breakage: number;
}

/**
 * Critique and revision as a two-state chain: v_(k+1) = v_k (1 - q r) + (1 - v_k) eps, where v is the share of replies
 * that violate. The limit is eps / (q r + eps), the distance to it shrinks by 1 - q r - eps a round: with any new
 * breakage it is not 0, however good the critic. Returns v_0 to v_rounds, and the limit (v_0 if nothing ever moves).
 * @throws DomainError unless all rates and `start` are in [0, 1] and rounds is a count
 * @example
 * const rates = { detection: 0.8, repair: 0.5, breakage: 0.1 };
 * critiqueChain(0.5, rates, 1) // { violations: [0.5, 0.35], limit: 0.2 }
 */
export function critiqueChain(
  start: number,
  { detection, repair, breakage }: CritiqueRates,
  rounds: number,
): { violations: Float64Array; limit: number } {
  for (const [name, value] of Object.entries({ start, detection, repair, breakage })) {
    if (!(value >= 0 && value <= 1)) throw new DomainError(complaint(name, "a probability", value));
  }
  if (!(Number.isInteger(rounds) && rounds >= 0)) throw new DomainError(complaint("rounds", "a count", rounds));
  const violations = new Float64Array(rounds + 1);
  violations[0] = start;
  const mended = detection * repair;
  for (let k = 0; k < rounds; k++) violations[k + 1] = violations[k] * (1 - mended) + (1 - violations[k]) * breakage;
  return { violations, limit: mended + breakage === 0 ? start : breakage / (mended + breakage) };
}
