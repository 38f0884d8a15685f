import { checkPositive, checkShare } from "../../core/checks.js";
import { complaint, DomainError, ShapeError } from "../../core/index.js";
import { discountedReturns } from "./discountedReturns.js";
import { temporalDifferences } from "./generalizedAdvantages.js";
import { checkAllFinite, checkSteps } from "./inputs.js";
import { lambdaReturns } from "./lambdaReturns.js";

/** One walk through numbered states: states[t] was left with rewards[t]; both [T]. */
export interface Episode {
  readonly states: ArrayLike<number>;
  readonly rewards: ArrayLike<number>;
  /** The state in which it was cut off; left out where the episode really ended. */
  readonly cutAt?: number;
}

export interface ValueLearningOptions {
  /** The step size alpha, above 0. */
  rate: number;
  discount: number;
}

// Values are a table V [S]. Every function returns a new one. States are updated in the order of
// time, and every visit counts.

/**
 * Monte Carlo: V(s_t) <- V(s_t) + rate (G_t - V(s_t)), where G_t is the return that really came. No value enters the
 * target, so it is unbiased, and there is nothing to learn before the end. (Called TD in some texts; it is not: TD puts
 * a value into the target.)
 * @throws DomainError if the episode was cut off, since its return is not known; or for a state outside the table
 */
export function monteCarloUpdate(
  values: ArrayLike<number>,
  episode: Episode,
  { rate, discount }: ValueLearningOptions,
): Float64Array {
  checkEpisode(values, episode);
  checkRate(rate);
  if (episode.cutAt !== undefined) {
    throw new DomainError(
      complaint("cutAt", "an episode that ended", episode.cutAt, "Monte Carlo needs the whole return"),
    );
  }
  const next = Float64Array.from(values);
  const returns = discountedReturns(episode.rewards, discount);
  returns.forEach((target, t) => {
    next[episode.states[t]] += rate * (target - next[episode.states[t]]);
  });
  return next;
}

/**
 * n-step TD, online: V(s_t) <- V(s_t) + rate (G_t - V(s_t)) with G_t = r_t + ... + gamma^n V(s_(t+n)), where
 * V is the table as it stands after the steps before. n = 1 is TD(0), Infinity is Monte Carlo. Sutton and
 * Barto 2018, section 7.1.
 * @throws DomainError for a state outside the table, or an impossible n or rate
 */
export function temporalDifferenceUpdate(
  values: ArrayLike<number>,
  episode: Episode,
  { rate, discount, n = 1 }: ValueLearningOptions & { n?: number },
): Float64Array {
  checkEpisode(values, episode);
  checkRate(rate);
  checkSteps(n);
  checkShare("discount", discount);
  checkAllFinite("rewards", episode.rewards);
  const next = Float64Array.from(values);
  const T = episode.states.length;
  for (let t = 0; t < T; t++) {
    const end = Math.min(t + n, T);
    let target = end < T ? next[episode.states[end]] : cutValue(next, episode);
    for (let u = end - 1; u >= t; u--) target = episode.rewards[u] + discount * target;
    next[episode.states[t]] += rate * (target - next[episode.states[t]]);
  }
  return next;
}

/**
 * TD(lambda), forward view, offline: the sum over visits of (lambda-return - V(s_t)), one number per state, [S]. The
 * table is held still during the episode, V <- V + rate * increments comes after it.
 */
export function forwardIncrements(
  values: ArrayLike<number>,
  episode: Episode,
  { lambda, discount }: { lambda: number; discount: number },
): Float64Array {
  const visited = visitedValues(values, episode);
  const targets = lambdaReturns(episode.rewards, visited, { lambda, discount });
  const out = new Float64Array(values.length);
  targets.forEach((target, t) => {
    out[episode.states[t]] += target - visited[t];
  });
  return out;
}

/**
 * TD(lambda), backward view, offline: e <- gamma lambda e + 1 at s_t (accumulating eligibility traces),
 * increments += delta_t e. One pass forwards in time, no future needed; the increments are those of the forward
 * view exactly (Sutton 1988).
 */
export function backwardIncrements(
  values: ArrayLike<number>,
  episode: Episode,
  { lambda, discount }: { lambda: number; discount: number },
): Float64Array {
  const visited = visitedValues(values, episode);
  const deltas = temporalDifferences(episode.rewards, visited, discount);
  const trace = new Float64Array(values.length);
  const out = new Float64Array(values.length);
  deltas.forEach((delta, t) => {
    for (let s = 0; s < trace.length; s++) trace[s] *= discount * lambda;
    trace[episode.states[t]] += 1;
    for (let s = 0; s < trace.length; s++) out[s] += delta * trace[s];
  });
  return out;
}

/** V along the episode and after it, [T + 1]. */
function visitedValues(values: ArrayLike<number>, episode: Episode): Float64Array {
  checkEpisode(values, episode);
  const T = episode.states.length;
  return Float64Array.from({ length: T + 1 }, (_, t) =>
    t < T ? values[episode.states[t]] : cutValue(values, episode),
  );
}

const cutValue = (values: ArrayLike<number>, { cutAt }: Episode) => (cutAt === undefined ? 0 : values[cutAt]);

function checkEpisode(values: ArrayLike<number>, { states, rewards, cutAt }: Episode): void {
  if (states.length !== rewards.length) {
    throw new ShapeError(complaint("rewards", `${states.length} numbers, one per state left`, rewards));
  }
  const known = (s: number) => Number.isInteger(s) && s >= 0 && s < values.length;
  const wrong = Array.from(states).find((s) => !known(s)) ?? (cutAt === undefined || known(cutAt) ? undefined : cutAt);
  if (wrong !== undefined) throw new DomainError(complaint("state", `a number of 0 to ${values.length - 1}`, wrong));
}

function checkRate(rate: number): void {
  checkPositive("rate", rate);
}
