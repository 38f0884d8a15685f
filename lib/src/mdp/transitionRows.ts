import { checkLength } from "../core/checks.js";
import type { TabularMdp } from "./tabularMdp.js";

/** The transitions that can happen, pair by pair: those of pair i stand from `begins[i]` up to `begins[i + 1]`. */
export interface TransitionRows {
  readonly begins: Int32Array;
  /** The next state of each. */
  readonly next: Int32Array;
  /** Its probability, above 0. */
  readonly probability: Float64Array;
}

/** P(next | s, a) without its zeros: most worlds lead from a state to a few others only. */
export function transitionRows({ states, actions, transitions }: TabularMdp): TransitionRows {
  const pairs = states * actions;
  const begins = new Int32Array(pairs + 1);
  const size = transitions.reduce((count, p) => count + (p > 0 ? 1 : 0), 0);
  const next = new Int32Array(size);
  const probability = new Float64Array(size);
  let at = 0;
  for (let pair = 0; pair < pairs; pair++) {
    for (let t = 0; t < states; t++) {
      const p = transitions[pair * states + t];
      if (p <= 0) continue;
      next[at] = t;
      probability[at++] = p;
    }
    begins[pair + 1] = at;
  }
  return { begins, next, probability };
}

/** Q(s, a) = r(s, a) + discount sum over next of P(next | s, a) V(next), [states * actions], into `out`. */
export function backUp(
  { begins, next, probability }: TransitionRows,
  rewards: ArrayLike<number>,
  value: ArrayLike<number>,
  discount: number,
  out = new Float64Array(rewards.length),
): Float64Array {
  checkLength("rewards", rewards, begins.length - 1, "states times actions");
  for (let pair = 0; pair < rewards.length; pair++) {
    let sum = 0;
    for (let i = begins[pair]; i < begins[pair + 1]; i++) sum += probability[i] * value[next[i]];
    out[pair] = rewards[pair] + discount * sum;
  }
  return out;
}

/** Where one is after a step: sum over (s, a) of mass(s, a) P(next | s, a), [states]; mass [states * actions]. */
export function moveOn({ begins, next, probability }: TransitionRows, mass: ArrayLike<number>, states: number) {
  checkLength("mass", mass, begins.length - 1, "states times actions");
  const out = new Float64Array(states);
  for (let pair = 0; pair < mass.length; pair++) {
    if (mass[pair] === 0) continue;
    for (let i = begins[pair]; i < begins[pair + 1]; i++) out[next[i]] += mass[pair] * probability[i];
  }
  return out;
}
