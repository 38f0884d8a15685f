import { complain, DomainError } from "../core/index.js";
import { type TabularMdp, tabularMdp } from "../mdp/index.js";

/** The four ways to sail, as actions 0 to 3: [column, row] steps. */
const courses = [
  [1, 0],
  [0, 1],
  [-1, 0],
  [0, -1],
] as const;

/** A chart: "S" where the ship begins, "H" the harbour, "#" land, anything else water. One text per row. */
const chart = ["S..#...", ".#.#.#.", ".#...#.", ".##.##.", "...#..H"];

/**
 * A ship looks for its harbour on a chart. State c + row * columns is a field; going into land or off the chart keeps the ship where it is.
 * The only reward is 1 for arriving; the harbour is the end (from there nothing leads away, and nothing more is paid), so with discount gamma a
 * way of k steps is worth gamma^(k-1). Everything about it can be computed (`optimalPolicy`), and while sailing blind the harbour is rarely found.
 */
export interface Harbour {
  readonly mdp: TabularMdp;
  readonly columns: number;
  readonly rows: number;
  readonly start: number;
  readonly harbour: number;
  /** Steps of the shortest way to the harbour from each field, [states]; Infinity on land. */
  readonly distance: Float64Array;
}

/** Builds the harbour. @throws DomainError if the chart has not one S, one H and a way between them, or its rows differ in length */
export function harbour({
  discount = 0.95,
  map = chart,
}: {
  discount?: number;
  map?: readonly string[];
} = {}): Harbour {
  const columns = map[0]?.length ?? 0;
  const fields = map.join("");
  const once = (letter: string) => fields.split(letter).length === 2;
  if (map.some((row) => row.length !== columns) || !once("S") || !once("H")) {
    throw new DomainError(complain("map", "rows of one length with one S and one H", map));
  }
  const states = fields.length;
  const goal = fields.indexOf("H");
  const start = fields.indexOf("S");
  const after = (state: number, action: number) => {
    const column = (state % columns) + courses[action][0];
    const row = Math.floor(state / columns) + courses[action][1];
    const inside = column >= 0 && column < columns && row >= 0 && row < map.length;
    return state === goal || !inside || map[row][column] === "#" ? state : row * columns + column;
  };
  const transitions = new Float64Array(states * courses.length * states);
  const rewards = new Float64Array(states * courses.length);
  for (let pair = 0; pair < rewards.length; pair++) {
    const state = Math.floor(pair / courses.length);
    const next = after(state, pair % courses.length);
    transitions[pair * states + next] = 1;
    if (next === goal && state !== goal) rewards[pair] = 1;
  }
  const distance = new Float64Array(states).fill(Number.POSITIVE_INFINITY);
  distance[goal] = 0;
  for (let steps = 0; steps < states; steps++) {
    for (let state = 0; state < states; state++) {
      if (fields[state] === "#" || distance[state] < Number.POSITIVE_INFINITY) continue;
      if (courses.some((_, action) => distance[after(state, action)] === steps)) distance[state] = steps + 1;
    }
  }
  if (distance[start] === Number.POSITIVE_INFINITY) throw new DomainError(complain("map", "a way from S to H", map));
  const first = new Float64Array(states);
  first[start] = 1;
  const mdp = tabularMdp({ states, actions: courses.length, transitions, rewards, discount, start: first });
  return { mdp, columns, rows: map.length, start, harbour: goal, distance };
}
