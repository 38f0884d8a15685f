import { complaint, DomainError } from "../core/index.js";
import { type TabularMdp, tabularMdp } from "../mdp/index.js";

/** One way in which a step may end. */
export interface Arrival<S> {
  readonly next: S;
  /** 1 by default. */
  readonly probability?: number;
  /** What the agent is paid, and what people get. */
  readonly reward: number;
  readonly utility: number;
}

export interface HiddenUtilityRules<S> {
  readonly start: readonly S[];
  /** One letter for each action. */
  readonly moves: string;
  step(state: S, move: string): readonly Arrival<S>[];
  /** Where it ends: nothing leads away and nothing more is paid. Nowhere by default. */
  isEnd?(state: S): boolean;
}

/** A decision process whose rewards are what an agent is paid, beside what people really get. */
export interface HiddenUtilityWorld<S> {
  /** With the observed rewards. Its states are all that can be reached, in the order in which they are found. */
  readonly mdp: TabularMdp;
  /** The hidden utility, [states * actions]. */
  readonly utility: Float64Array;
  readonly states: readonly S[];
  readonly moves: string;
  /** The number of a state. @throws DomainError if it cannot be reached */
  indexOf(state: S): number;
  /**
   * Expected sums of reward and utility when these moves are made one after the other, from the start distribution or
   * from one state; nothing is discounted. @throws DomainError for a letter that is no move
   */
  walk(moves: string, from?: number): { reward: number; utility: number; visits: Float64Array };
}

/**
 * Finds every state that the rules lead to, and writes the world down. States are told apart by their JSON.
 * @throws DomainError if there are more than 5,000, or as `tabularMdp`
 */
export function hiddenUtilityWorld<S>(rules: HiddenUtilityRules<S>, discount: number): HiddenUtilityWorld<S> {
  const { moves, start, isEnd = () => false } = rules;
  const numbers = new Map<string, number>();
  const states: S[] = [];
  const numberOf = (state: S): number => {
    const name = JSON.stringify(state);
    const known = numbers.get(name);
    if (known !== undefined) return known;
    if (states.length === 5000) throw new DomainError(complaint("rules", "at most 5000 states", states.length));
    numbers.set(name, states.length);
    return states.push(state) - 1;
  };
  const first = start.map(numberOf);
  const steps: { pair: number; next: number; probability: number; reward: number; utility: number }[] = [];
  for (let s = 0; s < states.length; s++) {
    for (let a = 0; a < moves.length; a++) {
      const arrivals = isEnd(states[s])
        ? [{ next: states[s], reward: 0, utility: 0 }]
        : rules.step(states[s], moves[a]);
      for (const { next, probability = 1, reward, utility } of arrivals) {
        if (probability > 0)
          steps.push({ pair: s * moves.length + a, next: numberOf(next), probability, reward, utility });
      }
    }
  }
  const pairs = states.length * moves.length;
  const [transitions, rewards, utility] = [pairs * states.length, pairs, pairs].map((n) => new Float64Array(n));
  for (const { pair, next, probability, reward, utility: own } of steps) {
    transitions[pair * states.length + next] += probability;
    rewards[pair] += probability * reward;
    utility[pair] += probability * own;
  }
  const begin = new Float64Array(states.length);
  for (const s of first) begin[s] += 1 / first.length;
  const mdp = tabularMdp({
    ...{ states: states.length, actions: moves.length, transitions, rewards, discount, start: begin },
  });
  const walk = (way: string, from?: number) => {
    let here = from === undefined ? mdp.start : mdp.start.map((_, s) => (s === from ? 1 : 0));
    const total = { reward: 0, utility: 0, visits: here };
    for (const letter of way) {
      const a = moves.indexOf(letter);
      if (a < 0) throw new DomainError(complaint("moves", `letters of "${moves}"`, way));
      const next = new Float64Array(states.length);
      here.forEach((mass, s) => {
        if (mass === 0) return;
        const pair = s * moves.length + a;
        total.reward += mass * rewards[pair];
        total.utility += mass * utility[pair];
        for (let t = 0; t < next.length; t++) next[t] += mass * transitions[pair * next.length + t];
      });
      here = next;
    }
    return { ...total, visits: here };
  };
  const indexOf = (state: S) => {
    const found = numbers.get(JSON.stringify(state));
    if (found === undefined) throw new DomainError(complaint("state", "one that can be reached", state));
    return found;
  };
  return { mdp, utility, states, moves, indexOf, walk };
}

/** Column and row steps of the letters of moves. */
const directions: Readonly<Record<string, readonly [number, number]>> = {
  r: [1, 0],
  d: [0, 1],
  l: [-1, 0],
  u: [0, -1],
};

/** A field of a chart, [column, row]. */
export type Field = readonly [column: number, row: number];

/** A chart to walk on: one text per row, one letter per field; "#" and what is outside is wall. */
export interface Chart {
  letter(field: Field): string;
  /** The fields with this letter. */
  find(letter: string): Field[];
  /** The field beside this one. */
  beside(field: Field, move: string): Field;
  /** Where a move leads: the field beside it, or where one stands if that is a wall. */
  go(field: Field, move: string): Field;
}

/** @throws DomainError unless all rows have one length */
export function chartOf(rows: readonly string[]): Chart {
  if (rows.some((row) => row.length !== rows[0].length)) {
    throw new DomainError(complaint("chart", "rows of one length", rows));
  }
  const letter = ([column, row]: Field) => rows[row]?.[column] ?? "#";
  const beside = ([column, row]: Field, move: string): Field => {
    const [right, down] = directions[move] ?? [0, 0];
    return [column + right, row + down];
  };
  return {
    letter,
    beside,
    find: (wanted) =>
      rows.flatMap((text, row) => [...text].flatMap((l, column) => (l === wanted ? [[column, row] as const] : []))),
    go: (field, move) => (letter(beside(field, move)) === "#" ? field : beside(field, move)),
  };
}
