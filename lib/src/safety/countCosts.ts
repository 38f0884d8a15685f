import { checkCount, checkLength } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";
import { type TabularMdp, tabularMdp } from "../mdp/index.js";

/** A decision process whose states remember how often something has happened. Pairs are those of `mdp`. */
export interface CountedMdp {
  /** Its states are the (state, count) that some policy comes to from the start; same actions, rewards and discount. */
  readonly mdp: TabularMdp;
  /** The state of the original process that each state stands for, [states]. */
  readonly origin: Int32Array;
  /** How often it has happened before, [states]; the largest count means "so often or oftener". */
  readonly count: Int32Array;
  /**
   * The probability that the move is the one that makes the count k, [states * actions], k = 1 to the largest count.
   * With gamma read as the probability of going on, its discounted sum is P(N >= k).
   */
  reaches(k: number): Float64Array;
}

/**
 * The count in the state: (s, k), where k = min(arrivals in `counted` states so far, `most`). Where a limit is on the
 * *distribution* of the number N of arrivals, a policy has to know how many there were, and with k in the state such
 * limits are linear in the flow (Sootla et al. 2022, arXiv:2202.06558, do so for a budget that is left). Beginning in a
 * counted state does not count; staying in one does.
 * @param counted [states], 1 or true for states that count on arrival
 * @throws ShapeError if `counted` has another length; DomainError unless `most` is a whole number of at least 1
 * @example
 * const mdp = tabularMdp({ states: 1, actions: 1, transitions: [1], rewards: [0], discount: 0.5 });
 * countCosts(mdp, [1], 2).count // [0, 1, 2]
 */
export function countCosts(mdp: TabularMdp, counted: ArrayLike<number | boolean>, most: number): CountedMdp {
  const { states, actions, transitions, rewards, discount } = mdp;
  checkLength("counted", counted, states, "one per state");
  checkCount("most", most);
  const after = (count: number, next: number) => Math.min(count + (Number(counted[next]) === 0 ? 0 : 1), most);
  // (s, k) has number s + k * states until we know which ones are met.
  const met = new Int32Array(states * (most + 1)).fill(-1);
  const kept: number[] = [];
  const meet = (pair: number) => {
    if (met[pair] < 0) met[pair] = kept.push(pair) - 1;
  };
  for (let s = 0; s < states; s++) if (mdp.start[s] > 0) meet(s);
  const forEachNext = (at: number, action: number, visit: (next: number, probability: number) => void) => {
    const row = ((at % states) * actions + action) * states;
    for (let next = 0; next < states; next++) {
      const probability = transitions[row + next];
      if (probability > 0) visit(next + after(Math.floor(at / states), next) * states, probability);
    }
  };
  for (let i = 0; i < kept.length; i++) for (let a = 0; a < actions; a++) forEachNext(kept[i], a, meet);

  const size = kept.length;
  const larger = new Float64Array(size * actions * size);
  const start = new Float64Array(size);
  kept.forEach((at, i) => {
    if (at < states) start[i] = mdp.start[at];
    for (let a = 0; a < actions; a++) {
      forEachNext(at, a, (next, probability) => {
        larger[(i * actions + a) * size + met[next]] += probability;
      });
    }
  });
  const origin = Int32Array.from(kept, (at) => at % states);
  const count = Int32Array.from(kept, (at) => Math.floor(at / states));
  const paid = Float64Array.from(
    { length: size * actions },
    (_, pair) => rewards[origin[Math.floor(pair / actions)] * actions + (pair % actions)],
  );
  const own = tabularMdp({ states: size, actions, transitions: larger, rewards: paid, discount, start });
  const reaches = (k: number) => {
    if (!(Number.isInteger(k) && k >= 1 && k <= most)) {
      throw new DomainError(complaint("k", `a count from 1 to ${most}`, k));
    }
    return Float64Array.from({ length: size * actions }, (_, pair) => {
      let sum = 0;
      if (count[Math.floor(pair / actions)] !== k - 1) return 0;
      for (let next = 0; next < size; next++) if (count[next] === k) sum += larger[pair * size + next];
      return sum;
    });
  };
  return { mdp: own, origin, count, reaches };
}
