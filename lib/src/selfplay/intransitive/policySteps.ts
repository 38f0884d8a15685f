import { checkPositive } from "../../core/checks.js";
import { complaint, DomainError, ShapeError } from "../../core/index.js";
import { softmax } from "../../numerics/index.js";
import { type PreferenceMatrix, winRatesAgainst } from "./preferenceMatrix.js";

// One exact step of learning from preferences over completions of one's own: no drawing, every completion is seen.

/** What pulls a policy back: pay tau KL(policy, ref) for each answer. */
export interface Anchor {
  /** The reference policy, [n]. */
  readonly ref: ArrayLike<number>;
  /** The price of a nat of KL to the reference, in units of preference; above 0. */
  readonly tau: number;
}

/**
 * SPPO's step, solved exactly: policy_i <- policy_i exp(eta P(i > policy)), normalised; the same as multiplicative
 * weights (Wu et al. 2024, arXiv:2405.00675). The average over steps comes close to a von Neumann winner; the last
 * policy need not.
 * @param eta the step's size, above 0; SPPO's own beta is 1 / eta
 * @example sppoStep([[0.5, 1], [0, 0.5]], [0.5, 0.5], Math.log(9)) // [0.75, 0.25]
 */
export function sppoStep(preferences: PreferenceMatrix, policy: ArrayLike<number>, eta: number): Float64Array {
  checkEta(eta);
  const wins = winRatesAgainst(preferences, policy);
  return fromLogits(wins.map((won, i) => power(policy[i], 1) + eta * won));
}

/**
 * A step of magnetic mirror descent: policy_i <- policy_i^(1 - eta tau) ref_i^(eta tau) exp(eta P(i > policy)),
 * normalised (Sokota et al. 2023, arXiv:2206.05825, whose own step is eta / (1 - eta tau) in terms of ours). It rests
 * on the regularised equilibrium exactly, if eta is small enough to get there.
 * @throws DomainError unless eta > 0, tau > 0 and eta tau <= 1
 */
export function mirrorStep(
  preferences: PreferenceMatrix,
  policy: ArrayLike<number>,
  { eta, ...anchor }: Anchor & { eta: number },
): Float64Array {
  const mixed = mixtureLogits(preferences, policy, anchor, eta);
  const wins = winRatesAgainst(preferences, policy);
  return fromLogits(wins.map((won, i) => mixed[i] + eta * won));
}

/**
 * Nash-MD's step: the opponent is the mixture m_i ~ policy_i^(1 - eta tau) ref_i^(eta tau), normalised, and policy_i <-
 * m_i exp(eta P(i > m)), normalised (Munos et al. 2023, arXiv:2312.00886). With a constant eta it rests beside the
 * regularised equilibrium; eta_t = 2 / (tau (t + 2)) leads there.
 * @throws DomainError unless eta > 0, tau > 0 and eta tau <= 1
 */
export function nashMdStep(
  preferences: PreferenceMatrix,
  policy: ArrayLike<number>,
  { eta, ...anchor }: Anchor & { eta: number },
): Float64Array {
  const mixed = mixtureLogits(preferences, policy, anchor, eta);
  const wins = winRatesAgainst(preferences, fromLogits(mixed));
  return fromLogits(wins.map((won, i) => mixed[i] + eta * won));
}

/**
 * Online IPO, each round solved to its end: policy_i <- ref_i exp(P(i > policy) / tau), normalised (Azar et al. 2023,
 * arXiv:2310.12036; Calandriello et al. 2024, arXiv:2403.08635). The best answer to the policy at a price of tau per
 * nat, and so the regularised equilibrium where it rests. For small tau it does not rest: it cycles.
 * @example onlineIpoMap([[0.5, 1], [0, 0.5]], [0.5, 0.5], { ref: [0.5, 0.5], tau: 0.5 }) // [0.7311, 0.2689]
 */
export function onlineIpoMap(preferences: PreferenceMatrix, policy: ArrayLike<number>, anchor: Anchor): Float64Array {
  checkAnchor(anchor, preferences.length);
  const wins = winRatesAgainst(preferences, policy);
  return fromLogits(wins.map((won, i) => power(anchor.ref[i], 1) + won / anchor.tau));
}

/** @throws ShapeError, DomainError unless ref is a distribution over n and tau above 0 */
export function checkAnchor({ ref, tau }: Anchor, n: number): void {
  if (ref.length !== n) throw new ShapeError(complaint("ref", `${n} probabilities`, ref));
  let sum = 0;
  for (let i = 0; i < n; i++) sum += ref[i] >= 0 ? ref[i] : Number.NaN;
  if (!(Math.abs(sum - 1) <= 1e-6)) throw new DomainError(complaint("ref", "probabilities that add up to 1", ref));
  checkPositive("tau", tau);
}

function checkEta(eta: number): void {
  checkPositive("eta", eta);
}

/** log(policy^(1 - eta tau) ref^(eta tau)), not normalised. */
function mixtureLogits(
  preferences: PreferenceMatrix,
  policy: ArrayLike<number>,
  anchor: Anchor,
  eta: number,
): Float64Array {
  checkEta(eta);
  checkAnchor(anchor, preferences.length);
  const share = eta * anchor.tau;
  if (!(share <= 1)) throw new DomainError(complaint("eta", `at most 1 / tau = ${1 / anchor.tau}`, eta));
  return Float64Array.from(anchor.ref, (ref, i) => power(policy[i], 1 - share) + power(ref, share));
}

/** log(p^exponent), where 0^0 is 1. */
function power(p: number, exponent: number): number {
  return exponent === 0 ? 0 : exponent * Math.log(p);
}

function fromLogits(logits: Float64Array): Float64Array {
  if (logits.every((logit) => logit === Number.NEGATIVE_INFINITY)) {
    throw new DomainError("policy: expected a completion that both the policy and ref can write, got none");
  }
  return Float64Array.from(softmax(logits));
}
