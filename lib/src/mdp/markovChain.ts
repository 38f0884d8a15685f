import { Matrix, solve } from "ml-matrix";
import { checkFinite, checkLength, checkShare } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";
import { foldIn, type Key, uniform } from "../random/index.js";

/** What may happen in a state: with this probability this reward comes, and this state follows; -1 is the end. */
export interface ChainOutcome {
  readonly probability: number;
  readonly reward: number;
  readonly next: number;
}

/**
 * A chain of states with rewards and no choice (a policy has been fixed), which ends sooner or later:
 * what a critic learns from.
 */
export interface MarkovChain {
  /** The outcomes of each state, [S]. */
  readonly outcomes: readonly (readonly ChainOutcome[])[];
  /** Where episodes begin. */
  readonly start: number;
}

/**
 * The random walk of textbooks: states 0 .. states-1 in a row, a step left or right equally probable, from the middle
 * one on, until one falls off an end. The last step pays `left` or `right`, the others nothing. With left -1 and right
 * 1 and no discount, V(s) is a straight line through 0. Sutton and Barto 2018, examples 6.2 and 7.1.
 * @throws DomainError unless states is odd
 */
export function randomWalk(states: number, { left = -1, right = 1 } = {}): MarkovChain {
  if (!(Number.isInteger(states) && states >= 1 && states % 2 === 1)) {
    throw new DomainError(complaint("states", "an odd number", states, "A walk begins in the middle"));
  }
  const outcomes = Array.from({ length: states }, (_, s) => [
    { probability: 0.5, reward: s === 0 ? left : 0, next: s - 1 },
    { probability: 0.5, reward: s === states - 1 ? right : 0, next: s === states - 1 ? -1 : s + 1 },
  ]);
  return markovChain(outcomes, (states - 1) / 2);
}

/** Checks a chain. @throws DomainError for outcomes that are no distribution, or a next state that does not exist */
export function markovChain(outcomes: readonly (readonly ChainOutcome[])[], start = 0): MarkovChain {
  const known = (s: number) => Number.isInteger(s) && s >= 0 && s < outcomes.length;
  if (!known(start)) throw new DomainError(complaint("start", `a state of 0 to ${outcomes.length - 1}`, start));
  outcomes.forEach((list, s) => {
    const total = list.reduce((sum, { probability }) => sum + (probability >= 0 ? probability : Number.NaN), 0);
    if (!(Math.abs(total - 1) < 1e-9)) {
      throw new DomainError(complaint(`outcomes of state ${s}`, "probabilities that add up to 1", total));
    }
    for (const { next, reward } of list) {
      if (next !== -1 && !known(next)) throw new DomainError(complaint(`next state of ${s}`, "a state, or -1", next));
      checkFinite(`reward of state ${s}`, reward);
    }
  });
  return { outcomes, start };
}

/**
 * V(s) = E[r + gamma V(next)], [S], exactly: a linear system.
 * @example chainValues(randomWalk(5, { left: 0, right: 1 })) // [0.1667, 0.3333, 0.5, 0.6667, 0.8333]
 */
export function chainValues(chain: MarkovChain, discount = 1): Float64Array {
  return lambdaMoments(chain, new Float64Array(chain.outcomes.length), { lambda: 1, discount }).mean;
}

/**
 * One episode from the start to the end: the states that were left, [T], and the rewards for leaving them, [T].
 * @throws DomainError if it has not ended after `limit` steps (100,000 by default)
 */
export function chainEpisode(
  key: Key,
  chain: MarkovChain,
  { limit = 1e5 }: { limit?: number } = {},
): { states: number[]; rewards: number[] } {
  const states: number[] = [];
  const rewards: number[] = [];
  let noise: ArrayLike<number> = [];
  for (let s = chain.start; s >= 0; ) {
    const t = states.length;
    if (t >= limit) throw new DomainError(complaint("episode", `an end within ${limit} steps`, t));
    if (t % 64 === 0) noise = uniform(foldIn(key, t / 64), 64);
    const list = chain.outcomes[s];
    let outcome = list[0];
    let left = noise[t % 64] - outcome.probability;
    for (let o = 1; o < list.length && left >= 0; o++) {
      outcome = list[o];
      left -= outcome.probability;
    }
    states.push(s);
    rewards.push(outcome.reward);
    s = outcome.next;
  }
  return { states, rewards };
}

export interface TargetMoments {
  /** E[target | s], [S]. */
  mean: Float64Array;
  /** Var[target | s], [S]. */
  variance: Float64Array;
}

/**
 * Mean and variance of the n-step return from each state, given what the critic says: exactly, nothing is sampled.
 * n = Infinity is Monte Carlo. The bias is the mean minus `chainValues`.
 * @throws ShapeError if there is not one value per state; DomainError unless n is a whole number
 *   of at least 1, or Infinity
 */
export function nStepMoments(
  chain: MarkovChain,
  values: ArrayLike<number>,
  { n, discount = 1 }: { n: number; discount?: number },
): TargetMoments {
  checkValues(chain, values);
  if (n === Number.POSITIVE_INFINITY) return lambdaMoments(chain, values, { lambda: 1, discount });
  if (!(Number.isInteger(n) && n >= 1)) {
    throw new DomainError(complaint("n", "a whole number of at least 1, or Infinity", n));
  }
  let first = Float64Array.from(values);
  let second = first.map((v) => v * v);
  for (let k = 0; k < n; k++) {
    const [m, s] = [first, second];
    const of = (f: (outcome: ChainOutcome) => number) =>
      Float64Array.from(chain.outcomes, (list) => list.reduce((sum, o) => sum + o.probability * f(o), 0));
    first = of(({ reward, next }) => reward + (next < 0 ? 0 : discount * m[next]));
    second = of(({ reward, next }) =>
      next < 0 ? reward * reward : reward * reward + 2 * reward * discount * m[next] + discount * discount * s[next],
    );
  }
  return { mean: first, variance: second.map((square, i) => Math.max(square - first[i] ** 2, 0)) };
}

/**
 * The same for lambda-returns, G = r + gamma ((1 - lambda) V(next) + lambda G'): two linear systems. A generalised
 * advantage is this minus V(s): it has the same bias and the same variance.
 * @throws ShapeError if there is not one value per state; DomainError for lambda or a discount outside [0, 1]
 */
export function lambdaMoments(
  chain: MarkovChain,
  values: ArrayLike<number>,
  { lambda, discount = 1 }: { lambda: number; discount?: number },
): TargetMoments {
  checkValues(chain, values);
  for (const [name, x] of Object.entries({ lambda, discount })) {
    checkShare(name, x);
  }
  const S = chain.outcomes.length;
  const keep = discount * lambda;
  const fresh = ({ reward, next }: ChainOutcome) => reward + (next < 0 ? 0 : discount * (1 - lambda) * values[next]);
  const solved = (factor: number, constant: (outcome: ChainOutcome) => number) => {
    const system = Matrix.eye(S, S);
    const right = Matrix.zeros(S, 1);
    chain.outcomes.forEach((list, s) => {
      for (const outcome of list) {
        right.set(s, 0, right.get(s, 0) + outcome.probability * constant(outcome));
        if (outcome.next >= 0) {
          system.set(s, outcome.next, system.get(s, outcome.next) - factor * outcome.probability);
        }
      }
    });
    return Float64Array.from(solve(system, right).to1DArray());
  };
  const mean = solved(keep, fresh);
  const square = solved(keep * keep, (outcome) => {
    const c = fresh(outcome);
    return c * c + (outcome.next < 0 ? 0 : 2 * c * keep * mean[outcome.next]);
  });
  return { mean, variance: square.map((x, s) => Math.max(x - mean[s] ** 2, 0)) };
}

function checkValues(chain: MarkovChain, values: ArrayLike<number>): void {
  checkLength("values", values, chain.outcomes.length, "one per state");
}
