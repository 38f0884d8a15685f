import { complaint, DomainError } from "../core/index.js";
import { type TabularMdp, tabularMdp } from "./tabularMdp.js";

/** The four moves, as actions 0 to 3: east, south, west, north, [column, row] steps. */
export const gridMoves = [
  [1, 0],
  [0, 1],
  [-1, 0],
  [0, -1],
] as const;

export interface GridworldOptions {
  /** Letters of the fields that nobody enters; "#" by default. Who would enter one, or leave the chart, stays. */
  walls?: string;
  /** Letter of the field where it begins, "S" by default; if there are several, each is as likely. */
  start?: string;
  /** Letters of the fields where it ends, none by default: nothing leads away from there, and nothing more is paid. */
  ends?: string;
  /** What arriving in a field of this letter pays. */
  rewards?: Readonly<Record<string, number>>;
  /** The probability of going to either side instead of ahead, 0 by default: ahead 1 - 2 slip. */
  slip?: number;
  discount: number;
}

/** A chart as a decision process. State c + row * columns is a field; walls are states that nobody reaches. */
export interface Gridworld {
  readonly mdp: TabularMdp;
  readonly columns: number;
  readonly rows: number;
  /** The letter of each state. */
  readonly fields: string;
  /**
   * The expected amount per state and action, [states * actions], if arriving in a field of a letter is worth so much:
   * rewards, or costs. Staying in a field is arriving in it.
   */
  onArriving(amounts: Readonly<Record<string, number>>): Float64Array;
  /**
   * Moves of the shortest way to a field of the letter from each field, [states]; Infinity where there is
   * none. Slips are not counted.
   */
  distance(letter: string): Float64Array;
}

/**
 * A world drawn as a chart, one text per row, one letter per field.
 * @example
 * const { mdp } = gridworld(["S..", ".#H"], { ends: "H", rewards: { H: 1 }, discount: 0.9 });
 * optimalPolicy(mdp).value[0] // 0.81
 * @throws DomainError if rows differ in length, there is no start, a reward's letter is not on the chart,
 *   or slip is not in [0, 0.5]
 */
export function gridworld(chart: readonly string[], options: GridworldOptions): Gridworld {
  const { walls = "#", start = "S", ends = "", rewards = {}, slip = 0, discount } = options;
  const columns = chart[0]?.length ?? 0;
  const rows = chart.length;
  const fields = chart.join("");
  if (columns === 0 || chart.some((row) => row.length !== columns)) {
    throw new DomainError(complaint("chart", "rows of one length", chart));
  }
  if (!(slip >= 0 && slip <= 0.5)) throw new DomainError(complaint("slip", "a probability from 0 to 0.5", slip));
  const starts = [...fields].flatMap((letter, s) => (letter === start ? [s] : []));
  if (starts.length === 0) throw new DomainError(complaint("chart", `a field "${start}" to begin at`, chart));
  const states = fields.length;
  const actions = gridMoves.length;
  const isEnd = (state: number) => ends.includes(fields[state]);
  const ahead = (state: number, action: number) => {
    const column = (state % columns) + gridMoves[action][0];
    const row = Math.floor(state / columns) + gridMoves[action][1];
    const inside = column >= 0 && column < columns && row >= 0 && row < rows;
    return isEnd(state) || !inside || walls.includes(chart[row][column]) ? state : row * columns + column;
  };
  const transitions = new Float64Array(states * actions * states);
  for (let state = 0; state < states; state++) {
    for (let action = 0; action < actions; action++) {
      const go = (turn: number, probability: number) => {
        transitions[(state * actions + action) * states + ahead(state, (action + turn) % actions)] += probability;
      };
      go(0, 1 - 2 * slip);
      go(1, slip);
      go(3, slip);
    }
  }
  const onArriving = (amounts: Readonly<Record<string, number>>) => {
    for (const letter of Object.keys(amounts)) {
      if (!fields.includes(letter)) throw new DomainError(complaint("letter", "one of the chart's", letter));
    }
    return Float64Array.from({ length: states * actions }, (_, pair) => {
      const state = Math.floor(pair / actions);
      if (isEnd(state)) return 0;
      let sum = 0;
      for (let next = 0; next < states; next++) {
        const amount = amounts[fields[next]];
        if (amount !== undefined) sum += transitions[pair * states + next] * amount;
      }
      return sum;
    });
  };
  const first = new Float64Array(states);
  for (const state of starts) first[state] = 1 / starts.length;
  const mdp = tabularMdp({ states, actions, transitions, rewards: onArriving(rewards), discount, start: first });
  const distance = (letter: string) => {
    const far = Float64Array.from(fields, (field) => (field === letter ? 0 : Number.POSITIVE_INFINITY));
    for (let moves = 0; far.includes(moves); moves++) {
      for (let state = 0; state < states; state++) {
        if (walls.includes(fields[state]) || far[state] <= moves) continue;
        if (gridMoves.some((_, action) => far[ahead(state, action)] === moves)) far[state] = moves + 1;
      }
    }
    return far;
  };
  return { mdp, columns, rows, fields, onArriving, distance };
}
