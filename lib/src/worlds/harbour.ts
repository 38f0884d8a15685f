import { complaint, DomainError } from "../core/index.js";
import { gridworld, type TabularMdp } from "../mdp/index.js";

/** A chart: "S" where the ship begins, "H" the harbour, "#" land, anything else water. One text per row. */
const chart = ["S..#...", ".#.#.#.", ".#...#.", ".##.##.", "...#..H"];

/**
 * A ship looks for its harbour on a chart. State c + row * columns is a field; going into land or off the chart keeps
 * the ship where it is. The only reward is 1 for arriving; the harbour is the end (from there nothing leads away, and
 * nothing more is paid), so with discount gamma a way of k steps is worth gamma^(k-1). Everything about it can be
 * computed (`optimalPolicy`), and while sailing blind the harbour is rarely found.
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

/**
 * Builds the harbour.
 * @throws DomainError if the chart has not one S, one H and a way between them, or its rows differ in length
 * @example
 * const { mdp, start } = harbour();
 * optimalPolicy(mdp).value[start] // 0.5133
 */
export function harbour({
  discount = 0.95,
  map = chart,
}: {
  discount?: number;
  map?: readonly string[];
} = {}): Harbour {
  const fields = map.join("");
  const once = (letter: string) => fields.split(letter).length === 2;
  if (map.some((row) => row.length !== map[0].length) || !once("S") || !once("H")) {
    throw new DomainError(complaint("map", "rows of one length with one S and one H", map));
  }
  const start = fields.indexOf("S");
  const { mdp, columns, rows, distance } = gridworld(map, { ends: "H", rewards: { H: 1 }, discount });
  const toHarbour = distance("H");
  if (toHarbour[start] === Number.POSITIVE_INFINITY) throw new DomainError(complaint("map", "a way from S to H", map));
  return { mdp, columns, rows, start, harbour: fields.indexOf("H"), distance: toHarbour };
}
