import { checkCount, checkLength } from "../core/checks.js";
import { ConvergenceError, complaint, DomainError } from "../core/index.js";
import { actionValue, type TabularMdp, tabularMdp } from "../mdp/index.js";

/** A finite automaton that reads the letters of the states that are arrived at: a rule about whole runs. */
export interface Automaton {
  readonly states: number;
  readonly start: number;
  /** The state after reading the letter. */
  next(state: number, letter: string): number;
}

/** The process and the automaton side by side: state (s, q) has number s * automaton.states + q. */
export interface ProductMdp {
  readonly mdp: TabularMdp;
  /** Automaton states, repeated: q of each product state. */
  readonly mode: Int32Array;
}

/**
 * The product of a decision process and an automaton: a rule about runs becomes a rule about states. Each move reads
 * the letter of the state that is *arrived at*; the first state is not read. What the automaton remembers, a policy of
 * the product may use.
 * @param letters one letter per state of the process
 * @throws ShapeError if there is not one letter per state; DomainError if the automaton goes to a state that it has not
 */
export function productMdp(mdp: TabularMdp, letters: ArrayLike<string>, automaton: Automaton): ProductMdp {
  const { states, actions, transitions, rewards, discount, start } = mdp;
  checkLength("letters", letters, states, "one letter per state");
  const modes = automaton.states;
  checkCount("automaton.states", modes);
  const size = states * modes;
  const after = Int32Array.from({ length: size }, (_, at) => {
    const q = automaton.next(at % modes, letters[Math.floor(at / modes)]);
    if (Number.isInteger(q) && q >= 0 && q < modes) return q;
    throw new DomainError(complaint("automaton.next", `a state, 0 to ${modes - 1}`, q));
  });
  const larger = new Float64Array(size * actions * size);
  for (let at = 0; at < size; at++) {
    const s = Math.floor(at / modes);
    for (let a = 0; a < actions; a++) {
      for (let next = 0; next < states; next++) {
        const p = transitions[(s * actions + a) * states + next];
        if (p > 0) larger[(at * actions + a) * size + next * modes + after[next * modes + (at % modes)]] += p;
      }
    }
  }
  const begin = new Float64Array(size);
  start.forEach((p, s) => {
    begin[s * modes + automaton.start] = p;
  });
  const own = Float64Array.from({ length: size * actions }, (_, pair) => {
    const s = Math.floor(pair / actions / modes);
    return rewards[s * actions + (pair % actions)];
  });
  return {
    mdp: tabularMdp({ states: size, actions, transitions: larger, rewards: own, discount, start: begin }),
    mode: Int32Array.from({ length: size }, (_, at) => at % modes),
  };
}

/**
 * Pmax: the greatest probability of coming to a target state, avoiding others on the way, within `horizon` moves or, by
 * default, ever; [states], by value iteration from 0. The discount plays no part.
 * @param target [states], 1 or true; a start there has come
 * @param avoid [states]; a run that enters one has failed, even if it is a target
 * @throws ShapeError for another length; ConvergenceError if a million sweeps were not enough
 */
export function maxReachability(
  mdp: TabularMdp,
  target: ArrayLike<number | boolean>,
  { avoid, horizon }: { avoid?: ArrayLike<number | boolean>; horizon?: number } = {},
): Float64Array {
  const { states, actions } = mdp;
  checkLength("target", target, states, "one per state");
  if (avoid !== undefined) checkLength("avoid", avoid, states, "one per state");
  if (horizon !== undefined) checkCount("horizon", horizon, 0);
  const fixed = Float64Array.from({ length: states }, (_, s) => {
    if (avoid !== undefined && Number(avoid[s]) !== 0) return 0;
    return Number(target[s]) !== 0 ? 1 : Number.NaN;
  });
  const plain = { ...mdp, discount: 1, rewards: new Float64Array(states * actions) };
  let value = fixed.map((p) => (Number.isNaN(p) ? 0 : p));
  for (let sweep = 0; horizon === undefined || sweep < horizon; sweep++) {
    const q = actionValue(plain, value);
    const next = fixed.map((p, s) =>
      Number.isNaN(p) ? q.subarray(s * actions, (s + 1) * actions).reduce((a, b) => Math.max(a, b)) : p,
    );
    const moved = next.reduce((most, p, s) => Math.max(most, p - value[s]), 0);
    value = next;
    if (horizon === undefined && moved < 1e-13) return value;
    if (sweep > 1e6) throw new ConvergenceError("maxReachability: a million sweeps and still moving");
  }
  return value;
}
