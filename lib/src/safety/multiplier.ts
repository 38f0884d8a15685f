import { checkFinite, checkNonNegative, checkPositive } from "../core/checks.js";

/**
 * One step of dual ascent on a constraint C <= alpha: lambda <- [lambda + rate (C - alpha)]_+. Too much cost raises its
 * price, and a price is never negative.
 * @throws DomainError unless lambda and rate are at least 0 and the costs finite
 * @example dualStep(0.5, { cost: 3, limit: 1, rate: 0.1 }) // 0.7
 */
export function dualStep(lambda: number, { cost, limit, rate }: { cost: number; limit: number; rate: number }): number {
  checkNonNegative("lambda", lambda);
  checkNonNegative("rate", rate);
  checkFinite("cost", cost);
  checkFinite("limit", limit);
  return Math.max(0, lambda + rate * (cost - limit));
}

/** The gains of a PID controller: reward per unit of cost, and of cost per step for the integral. */
export interface PidGains {
  readonly proportional?: number;
  readonly integral?: number;
  readonly derivative?: number;
}

/** What a PID controller remembers. */
export interface PidState {
  /** The sum of K_I times the excess so far, at least 0. */
  readonly integral: number;
  /** The cost at the step before; undefined before the first. */
  readonly cost?: number;
}

/**
 * A multiplier steered by a PID controller (Stooke et al. 2020, arXiv:2007.03964): with d = C - alpha,
 *   I <- [I + K_I d]_+,   lambda = [K_P d + I + K_D (C_t - C_{t-1})_+]_+.
 * The integral alone is dual ascent; the proportional part answers at once and so damps what the integral makes swing;
 * the derivative looks at rising costs only. The integral is held at 0 or above, or many safe steps would have to be
 * paid back before it says anything.
 * @throws DomainError for a gain below 0, or a cost or limit that is not finite
 * @example pidMultiplier({ integral: 0.2 }, { cost: 3, limit: 1 }, { proportional: 0.1, integral: 0.05 }).lambda // 0.5
 */
export function pidMultiplier(
  state: PidState,
  { cost, limit }: { cost: number; limit: number },
  gains: PidGains,
): { state: PidState; lambda: number } {
  const { proportional = 0, integral = 0, derivative = 0 } = gains;
  for (const [name, gain] of Object.entries({ proportional, integral, derivative })) checkNonNegative(name, gain);
  checkFinite("cost", cost);
  checkFinite("limit", limit);
  const excess = cost - limit;
  const sum = Math.max(0, state.integral + integral * excess);
  const rise = state.cost === undefined ? 0 : Math.max(0, cost - state.cost);
  return {
    state: { integral: sum, cost },
    lambda: Math.max(0, proportional * excess + sum + derivative * rise),
  };
}

/** How a logarithmic price moves, and where it begins: at 0 it would stay. */
export interface LogGains {
  /** eta, the step of ln lambda, per unit of cost. */
  readonly logarithmic: number;
  /** The price to begin with, above 0. */
  readonly start: number;
  /** See `logDualStep`; "mirror" by default. */
  readonly by?: LogStep;
}

/** "mirror": a step of ln lambda by the excess; "gradient": by the gradient with respect to ln lambda. */
export type LogStep = "mirror" | "gradient";

/**
 * A step of dual ascent on l = ln lambda, so that no price has to be clipped at 0. The excess d = C - alpha is the
 * gradient with respect to lambda, d lambda the one with respect to l:
 *   mirror    l <- l + eta d          lambda <- lambda e^(eta d), exponentiated gradient (Kivinen and Warmuth 1997);
 *   gradient  l <- l + eta lambda d   what an optimiser of a parameter ln lambda does: slow while lambda is small, and
 *                                     violent when it is large.
 * Neither gets to 0: where the limit is slack the price only shrinks.
 * @throws DomainError unless lambda is above 0, rate at least 0, and the costs finite
 * @example logDualStep(0.5, { cost: 3, limit: 1, rate: 0.1 }) // 0.6107
 */
export function logDualStep(
  lambda: number,
  { cost, limit, rate, by = "mirror" }: { cost: number; limit: number; rate: number; by?: LogStep },
): number {
  checkPositive("lambda", lambda);
  checkNonNegative("rate", rate);
  checkFinite("cost", cost);
  checkFinite("limit", limit);
  const move = rate * (cost - limit) * (by === "gradient" ? lambda : 1);
  return Math.min(Math.max(lambda * Math.exp(move), Number.MIN_VALUE), Number.MAX_VALUE);
}

/** Either controller. */
export type PriceGains = PidGains | LogGains;

/** What a controller remembers: PID's integral and cost; for a logarithmic price the price itself. */
export type PriceState = PidState;

/** The price after what was seen, by either controller; `state` is undefined at first. @throws as each of them */
export function steerPrice(
  state: PriceState | undefined,
  seen: { cost: number; limit: number },
  gains: PriceGains,
): { state: PriceState; lambda: number } {
  if (!("logarithmic" in gains)) return pidMultiplier(state ?? { integral: 0 }, seen, gains);
  const { logarithmic: rate, start, by } = gains;
  const lambda = logDualStep(state?.integral ?? start, { ...seen, rate, by });
  return { state: { integral: lambda, cost: seen.cost }, lambda };
}
