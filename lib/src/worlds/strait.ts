import { complaint, DomainError } from "../core/index.js";
import { type Gridworld, gridworld } from "../mdp/index.js";

/** "S" where the ship begins, "H" the harbour, "~" shoals, anything else deep water. One text per row. */
const chart = ["S.~~~.H", "..~~~..", "..~~~..", "...~...", ".......", "......."];

/** A strait: the harbour is near across the shoals, and far around them. */
export interface Strait extends Gridworld {
  /** The state where it begins. */
  readonly start: number;
  /** The state where it ends. */
  readonly harbour: number;
  /** 1 for states that are shoals, [states]. */
  readonly shoals: Uint8Array;
  /** c(s, a): the probability that the next field is a shoal, staying in one included, [states * actions]. */
  readonly cost: Float64Array;
}

/**
 * A ship crosses a strait. Its moves are those of `harbour`, but a current takes it to either side with probability
 * `slip`. Arriving in H pays 1 and is the end; each arrival in a shoal costs 1 (`cost`). Read the discount gamma as
 * "after each move the voyage goes on with probability gamma": the discounted cost of a policy is then E[N], the
 * expected number of shoals on one voyage, and its discounted reward the probability of coming to harbour.
 * @throws DomainError if the chart has not one S, one H and a "~", or no way from S to H
 * @example
 * const { mdp, start } = strait();
 * optimalPolicy(mdp).value[start] // 0.737
 */
export function strait({
  discount = 0.95,
  slip = 0.05,
  map = chart,
}: {
  discount?: number;
  slip?: number;
  map?: readonly string[];
} = {}): Strait {
  const fields = map.join("");
  const once = (letter: string) => fields.split(letter).length === 2;
  if (!once("S") || !once("H") || !fields.includes("~")) {
    throw new DomainError(complaint("map", 'a chart with one "S", one "H" and some "~"', map));
  }
  const world = gridworld(map, { ends: "H", rewards: { H: 1 }, slip, discount });
  const start = fields.indexOf("S");
  if (world.distance("H")[start] === Number.POSITIVE_INFINITY) {
    throw new DomainError(complaint("map", "a way from S to H", map));
  }
  const shoals = Uint8Array.from(fields, (letter) => (letter === "~" ? 1 : 0));
  return { ...world, start, harbour: fields.indexOf("H"), shoals, cost: world.onArriving({ "~": 1 }) };
}
