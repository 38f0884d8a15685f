import { ConvergenceError } from "../../core/index.js";
import { type Anchor, checkAnchor, mirrorStep, onlineIpoMap } from "./policySteps.js";
import { checkPreferences, type PreferenceMatrix } from "./preferenceMatrix.js";

/**
 * The regularised equilibrium: the one policy with policy_i ~ ref_i exp(P(i > policy) / tau), the best answer to itself
 * if a nat of KL to the reference costs tau (Munos et al. 2023, arXiv:2312.00886). By mirror steps small enough to
 * be sure of their way: the error shrinks by 1 / (1 + 4 tau^2) a step, so that tau = 0.01 takes some 70,000.
 * @param tolerance the most that a probability may differ from the map's own answer
 * @throws ConvergenceError if `iterations` do not suffice
 */
export function regularisedEquilibrium(
  preferences: PreferenceMatrix,
  { ref, tau }: Anchor,
  { tolerance = 1e-12, iterations = 1_000_000 }: { tolerance?: number; iterations?: number } = {},
): Float64Array {
  checkPreferences(preferences);
  checkAnchor({ ref, tau }, preferences.length);
  // P - 1/2 is at most 1/2, so a step of tau / (1/2)^2 is safe; in the form of mirrorStep it is step / (1 + step tau).
  const step = 4 * tau;
  const eta = step / (1 + step * tau);
  let policy: Float64Array = Float64Array.from(ref);
  let away = Number.POSITIVE_INFINITY;
  for (let t = 0; t < iterations; t++) {
    const answer = onlineIpoMap(preferences, policy, { ref, tau });
    away = answer.reduce((most, p, i) => Math.max(most, Math.abs(p - policy[i])), 0);
    if (away <= tolerance) return answer;
    policy = mirrorStep(preferences, policy, { ref, tau, eta });
  }
  throw new ConvergenceError(
    `regularisedEquilibrium: after ${iterations} steps a probability is still ${away.toPrecision(3)} from its answer ` +
      `(tolerance ${tolerance}). Allow more iterations or a larger tau`,
  );
}
