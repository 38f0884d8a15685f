import { checkCount, checkLength, checkShare } from "../core/checks.js";
import { complaint, DomainError, InfeasibleError } from "../core/index.js";
import {
  actionValue,
  type ConstrainedOptimum,
  constrainedOptimum,
  deterministicPolicy,
  occupancy,
  optimalPolicy,
  policyReturn,
  type TabularMdp,
  type TabularPolicy,
  withRewards,
} from "../mdp/index.js";
import { type CountedMdp, countCosts } from "./countCosts.js";

/** A decision process in which arrivals in some states are counted: N on one run, gamma the probability to go on. */
export interface CountProblem {
  readonly mdp: TabularMdp;
  /** 1 or true for states that count on arrival, [states]. */
  readonly counted: ArrayLike<number | boolean>;
}

/** The best policy of the process that remembers its count. */
export interface CountedOptimum extends ConstrainedOptimum {
  readonly memory: CountedMdp;
}

/**
 * The chance constraint: the best policy with P(N > b) <= delta. One linear row on (state, count): the probability of
 * the (b + 1)-th arrival. `multipliers[0]` is its price, reward per unit of probability.
 * @throws DomainError unless b is a count and delta in [0, 1]; InfeasibleError if no policy keeps it
 */
export async function chanceConstrainedOptimum(
  { mdp, counted }: CountProblem,
  { moreThan, probability }: { moreThan: number; probability: number },
): Promise<CountedOptimum> {
  checkCount("moreThan", moreThan, 0);
  checkShare("probability", probability);
  if (probability === 0) return almostSureOptimum({ mdp, counted }, { atMost: moreThan });
  const memory = countCosts(mdp, counted, moreThan + 1);
  const limit = { cost: memory.reaches(moreThan + 1), atMost: probability };
  return { ...(await constrainedOptimum(memory.mdp, [limit])), memory };
}

/**
 * The constraint on the conditional value at risk: the best policy whose CVaR, the mean of N in the worst `tail` of
 * runs, is at most `atMost` (Rockafellar and Uryasev 2000):
 *   CVaR = min over nu of nu + E(N - nu)^+ / tail.
 * One linear program for each whole nu <= atMost, with E(N - nu)^+ = E N - sum over k <= nu of P(N >= k); the best one
 * counts. `multipliers[0]` is the price of a unit of E(N - nu)^+. A tail of 1 is the limit on E N.
 * @throws DomainError unless 0 < tail <= 1 and atMost >= 0; InfeasibleError if no policy keeps it
 */
export async function cvarConstrainedOptimum(
  { mdp, counted }: CountProblem,
  { tail, atMost }: { tail: number; atMost: number },
): Promise<CountedOptimum & { readonly nu: number }> {
  if (!(tail > 0 && tail <= 1)) throw new DomainError(complaint("tail", "a share above 0, at most 1", tail));
  if (!(atMost >= 0 && Number.isFinite(atMost))) throw new DomainError(complaint("atMost", "at least 0", atMost));
  let best: (CountedOptimum & { nu: number }) | undefined;
  for (let nu = 0; nu <= atMost; nu++) {
    const memory = countCosts(mdp, counted, Math.max(nu, 1));
    const cost = arrivals(
      memory.mdp,
      Array.from(memory.origin, (s) => Number(counted[s])),
    );
    for (let k = 1; k <= nu; k++) {
      memory.reaches(k).forEach((p, pair) => {
        cost[pair] -= p;
      });
    }
    const found = await constrainedOptimum(memory.mdp, [{ cost, atMost: (atMost - nu) * tail }]).catch(
      unlessInfeasible,
    );
    if (found && (best === undefined || found.value > best.value)) best = { ...found, memory, nu };
  }
  if (best === undefined) {
    throw new InfeasibleError(complaint("atMost", `a CVaR that some policy keeps in its worst ${tail}`, atMost));
  }
  return best;
}

/**
 * The sure constraint: the best policy with N <= b on every run. No probability matters but which are zero: states from
 * which no action surely stays within the limit are given up, then those that cannot but lead there, until nothing
 * changes; what is left is optimised without a limit. This is Saute's augmented state (Sootla et al. 2022,
 * arXiv:2202.06558) done exactly. The price is infinite, so there is none.
 * @throws InfeasibleError if it cannot be sure from the start
 */
export async function almostSureOptimum(
  { mdp, counted }: CountProblem,
  { atMost }: { atMost: number },
): Promise<CountedOptimum> {
  checkCount("atMost", atMost, 0);
  const memory = countCosts(mdp, counted, atMost + 1);
  const { states, actions, transitions } = memory.mdp;
  const safe = Uint8Array.from(memory.count, (k) => (k > atMost ? 0 : 1));
  const isSafe = (pair: number) => {
    for (let next = 0; next < states; next++) if (transitions[pair * states + next] > 0 && !safe[next]) return false;
    return true;
  };
  for (let changed = true; changed; ) {
    changed = false;
    for (let s = 0; s < states; s++) {
      if (!safe[s] || Array.from({ length: actions }, (_, a) => s * actions + a).some(isSafe)) continue;
      safe[s] = 0;
      changed = true;
    }
  }
  if (memory.mdp.start.some((p, s) => p > 0 && !safe[s])) {
    throw new InfeasibleError(complaint("atMost", "a number that some policy never exceeds", atMost));
  }
  // An unsafe action becomes a copy of a safe one: nothing is gained by it, and nothing can go wrong.
  const stand = Int32Array.from({ length: states * actions }, (_, pair) => {
    const first = pair - (pair % actions);
    if (!safe[first / actions] || isSafe(pair)) return pair;
    return first + Array.from({ length: actions }, (_, a) => first + a).findIndex(isSafe);
  });
  const restricted: TabularMdp = {
    ...memory.mdp,
    rewards: memory.mdp.rewards.map((_, pair) => memory.mdp.rewards[stand[pair]]),
    transitions: transitions.map((_, i) => transitions[stand[Math.floor(i / states)] * states + (i % states)]),
  };
  const { choice, value } = optimalPolicy(restricted);
  const policy = deterministicPolicy(
    memory.mdp,
    choice.map((a, s) => stand[s * actions + a] % actions),
  );
  return {
    memory,
    policy,
    flow: flowOf(memory.mdp, policy),
    value: value.reduce((sum, v, s) => sum + memory.mdp.start[s] * v, 0),
    costs: [0],
    multipliers: Float64Array.of(Number.POSITIVE_INFINITY),
  };
}

/**
 * P(N = k) under a policy of the process that remembers, [most + 1], k = 0 to `most`; the last one is P(N >= most).
 * @example
 * const mdp = tabularMdp({ states: 1, actions: 1, transitions: [1], rewards: [0], discount: 0.5 });
 * const memory = countCosts(mdp, [1], 2);
 * costDistribution(memory, [1, 1, 1]) // [0, 0.5, 0.5]
 */
export function costDistribution(memory: CountedMdp, policy: ArrayLike<number>): Float64Array {
  const most = memory.count.reduce((a, b) => Math.max(a, b), 0);
  const own = Float64Array.from(policy);
  const atLeast = Float64Array.from({ length: most + 2 }, (_, k) => {
    if (k === 0) return 1;
    return k > most ? 0 : policyReturn(withRewards(memory.mdp, memory.reaches(k)), own);
  });
  return atLeast.subarray(0, most + 1).map((p, k) => Math.max(p - atLeast[k + 1], 0));
}

/**
 * A policy taken over to a process that counts further: it acts on min(count, what it can count to). Without `from` it
 * is a policy of the original process, which does not count. Uniform where it has never been.
 */
export function liftPolicy(to: CountedMdp, policy: ArrayLike<number>, from?: CountedMdp): TabularPolicy {
  const { states, actions } = to.mdp;
  const most = from?.count.reduce((a, b) => Math.max(a, b), 0) ?? 0;
  const named = new Map(Array.from(from?.origin ?? [], (s, i) => [`${s} ${from?.count[i]}`, i]));
  const source = (s: number) => {
    if (from === undefined) return to.origin[s];
    return named.get(`${to.origin[s]} ${Math.min(to.count[s], most)}`) ?? -1;
  };
  if (from !== undefined) checkLength("policy", policy, from.mdp.states * actions);
  const out = new Float64Array(states * actions).fill(1 / actions);
  for (let s = 0; s < states; s++) {
    const at = source(s);
    if (at >= 0) for (let a = 0; a < actions; a++) out[s * actions + a] = policy[at * actions + a];
  }
  return out;
}

/** sum over t of gamma^t P(s_t = s, a_t = a) of a policy, [states * actions]: `constrainedOptimum`'s flow. */
function flowOf(mdp: TabularMdp, policy: TabularPolicy): Float64Array {
  return occupancy(mdp, policy).map((share) => share / (1 - mdp.discount));
}

/** The probability that the next state counts, [states * actions]; nothing counts where it ends. */
function arrivals(mdp: TabularMdp, counts: readonly number[]): Float64Array {
  return actionValue({ ...mdp, rewards: new Float64Array(mdp.states * mdp.actions), discount: 1 }, counts);
}

function unlessInfeasible(error: unknown): undefined {
  if (error instanceof InfeasibleError) return undefined;
  throw error;
}
