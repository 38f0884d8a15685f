import { complaint, DomainError } from "../../core/index.js";
import type { TabularMdp } from "../../mdp/index.js";
import { checkRadius } from "../checkOutcomes.js";
import type { WorstNext } from "./worstNext.js";

/** The states that nature may lead to from each state-action pair, [states * actions]. */
export type Possible = ReadonlyArray<ArrayLike<number>>;

/**
 * The L1 ball around each p: sum |q - p| <= radius (Strehl and Littman 2008; Petrik and Subramanian 2014). Without
 * `possible` nature may lead to any state, and one sort serves all pairs; else to those listed for the pair.
 * @throws DomainError for a radius below 0; when it is used, for a p that leads to a state that is not possible
 * @example l1Set(1)(Float64Array.of(1, 2, 5, 4))(Float64Array.of(0.4, 0.3, 0.1, 0.2), 0) // 1.1
 */
export function l1Set(radius: number, { possible }: { possible?: Possible } = {}): WorstNext {
  checkRadius("radius", radius);
  const half = Math.min(radius / 2, 1);
  return (value) => {
    if (possible === undefined) {
      const order = ascending(
        value,
        Int32Array.from(value, (_, s) => s),
      );
      return (p) => leastMean(p, value, order, half);
    }
    return (p, pair) => {
      const order = ascending(value, Int32Array.from(possible[pair]));
      checkWithin(p, order, pair);
      return leastMean(p, value, order, half);
    };
  };
}

/** Where each pair's own p leads: what cannot happen stays so. */
export function successors({ states, actions, transitions }: TabularMdp): Possible {
  return Array.from({ length: states * actions }, (_, pair) =>
    Int32Array.from(range(states)).filter((next) => transitions[pair * states + next] > 0),
  );
}

/** Where any action of the state leads: nature may take one action for another. */
export function neighbours({ states, actions, transitions }: TabularMdp): Possible {
  return Array.from({ length: states * actions }, (_, pair) => {
    const first = pair - (pair % actions);
    return Int32Array.from(range(states)).filter((next) =>
      range(actions).some((a) => transitions[(first + a) * states + next] > 0),
    );
  });
}

const range = (n: number) => Array.from({ length: n }, (_, i) => i);

function ascending(value: Float64Array, states: Int32Array): Int32Array {
  return states.sort((s, t) => value[s] - value[t]);
}

/** The least mean when `half` of the mass may move to the least value; `order` lists the states, least value first. */
function leastMean(p: Float64Array, value: Float64Array, order: Int32Array, half: number): number {
  const low = value[order[0]];
  // The mean, by four sums at once since each addition waits for the one before; then what the move costs.
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let s = 0;
  for (; s + 4 <= p.length; s += 4) {
    a += p[s] * value[s];
    b += p[s + 1] * value[s + 1];
    c += p[s + 2] * value[s + 2];
    d += p[s + 3] * value[s + 3];
  }
  for (; s < p.length; s++) a += p[s] * value[s];
  let sum = a + b + (c + d);
  let left = half;
  for (let k = order.length - 1; k > 0 && left > 0; k--) {
    const mass = p[order[k]];
    const moved = mass < left ? mass : left;
    sum -= moved * (value[order[k]] - low);
    left -= moved;
  }
  return sum;
}

function checkWithin(p: Float64Array, states: Int32Array, pair: number): void {
  let mass = 0;
  for (const s of states) mass += p[s];
  if (mass > 1 - 1e-9) return;
  throw new DomainError(complaint(`possible[${pair}]`, "all states that the transitions lead to", states));
}
