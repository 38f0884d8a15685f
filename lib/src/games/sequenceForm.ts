import { checkFinite } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";
import { type BehaviourStrategy, checkLocal, type GameNode } from "./extensiveGame.js";

/**
 * The choices of one player as a tree of sequences: number 0 is no action yet; the actions of set k are `first[k]`,
 * ..., `first[k] + actions[k] - 1`, and continue the sequence `parent[k]`, which all nodes of the set share (perfect
 * recall). Parents come before children.
 */
export interface Sequences {
  readonly names: readonly string[];
  readonly parent: Int32Array;
  readonly first: Int32Array;
  readonly actions: Int32Array;
  /** How many there are, the empty one included. */
  readonly count: number;
}

/**
 * A game of turns in sequence form (Koller, Megiddo and von Stengel 1996, doi:10.1006/game.1996.0051): if player 0
 * plays sequence i with weight x_i and player 1 sequence j with weight y_j, player 0 gets sum over leaves of payoff
 * x_row y_column on average. `payoff` has the probability of chance in it.
 */
export interface SequenceForm {
  readonly players: readonly [Sequences, Sequences];
  readonly row: Int32Array;
  readonly column: Int32Array;
  readonly payoff: Float64Array;
}

interface Found {
  player: 0 | 1;
  number: number;
  parent: number;
  first: number;
  actions: number;
}

/**
 * @throws DomainError for a payoff that is not finite, probabilities of chance that do not add up to 1, a set without
 *   actions, or one whose nodes differ in player, in actions, or in what their player did before (perfect recall)
 */
export function sequenceForm(game: GameNode): SequenceForm {
  const found = new Map<string, Found>();
  const counts: [number, number] = [1, 1];
  const sets: [number, number] = [0, 0];
  const row: number[] = [];
  const column: number[] = [];
  const payoff: number[] = [];
  const walk = (node: GameNode, probability: number, at: readonly [number, number]): void => {
    if ("payoff" in node) {
      checkFinite("payoff", node.payoff);
      if (probability === 0 || node.payoff === 0) return;
      row.push(at[0]);
      column.push(at[1]);
      payoff.push(probability * node.payoff);
    } else if ("chance" in node) {
      checkChance(node.chance.map((draw) => draw.probability));
      for (const draw of node.chance) walk(draw.next, probability * draw.probability, at);
    } else {
      const set = meet(node, at[node.player]);
      node.next.forEach((next, a) => {
        walk(next, probability, node.player === 0 ? [set.first + a, at[1]] : [at[0], set.first + a]);
      });
    }
  };
  const meet = (node: Extract<GameNode, { player: 0 | 1 }>, parent: number): Found => {
    const { informationSet: name, player } = node;
    const actions = node.next.length;
    const known = found.get(name);
    if (known !== undefined) {
      checkSame(name, known, { player, actions, parent });
      return known;
    }
    if (player !== 0 && player !== 1) throw new DomainError(complaint(`player at "${name}"`, "0 or 1", player));
    if (actions === 0) throw new DomainError(complaint(`next at "${name}"`, "at least one action", node.next));
    const set = { player, number: sets[player]++, parent, first: counts[player], actions };
    counts[player] += actions;
    found.set(name, set);
    return set;
  };
  walk(game, 1, [0, 0]);
  return {
    players: [sequences(found, 0, counts[0]), sequences(found, 1, counts[1])],
    row: Int32Array.from(row),
    column: Int32Array.from(column),
    payoff: Float64Array.from(payoff),
  };
}

function sequences(found: ReadonlyMap<string, Found>, player: 0 | 1, count: number): Sequences {
  const own = [...found].filter(([, set]) => set.player === player);
  return {
    names: own.map(([name]) => name),
    parent: Int32Array.from(own, ([, set]) => set.parent),
    first: Int32Array.from(own, ([, set]) => set.first),
    actions: Int32Array.from(own, ([, set]) => set.actions),
    count,
  };
}

function checkSame(name: string, known: Found, seen: Pick<Found, "player" | "actions" | "parent">): void {
  if (seen.player !== known.player) {
    throw new DomainError(complaint(`player at "${name}"`, `player ${known.player}, as elsewhere in it`, seen.player));
  }
  if (seen.actions !== known.actions) {
    throw new DomainError(complaint(`next at "${name}"`, `${known.actions} actions, as elsewhere in it`, seen.actions));
  }
  if (seen.parent !== known.parent) {
    throw new DomainError(
      `"${name}": expected a player who remembers, whose own actions before it are the same at each of its nodes, got ` +
        "two that differ. Tell them apart in the name of the information set",
    );
  }
}

function checkChance(probabilities: readonly number[]): void {
  const total = probabilities.reduce((sum, p) => sum + (p >= 0 ? p : Number.NaN), 0);
  if (!(Math.abs(total - 1) <= 1e-9)) {
    throw new DomainError(complaint("chance", "probabilities that add up to 1", probabilities));
  }
}

/** What each sequence of a player earns against the other's weights, [count], into `gains`. */
export function sequenceGains(form: SequenceForm, player: 0 | 1, other: Float64Array, gains: Float64Array): void {
  const { row, column, payoff } = form;
  gains.fill(0);
  if (player === 0) for (let k = 0; k < payoff.length; k++) gains[row[k]] += payoff[k] * other[column[k]];
  else for (let k = 0; k < payoff.length; k++) gains[column[k]] -= payoff[k] * other[row[k]];
}

/** Weight of each sequence: the product of the probabilities along it, [count], into `plan`. */
export function sequenceWeights({ parent, first, actions }: Sequences, local: Float64Array, plan: Float64Array): void {
  plan[0] = 1;
  for (let k = 0; k < parent.length; k++) {
    const reach = plan[parent[k]];
    for (let s = first[k]; s < first[k] + actions[k]; s++) plan[s] = reach * local[s];
  }
}

/** Probability of each action in its set, uniform where nothing is known; the empty sequence has 1. */
export function localProbabilities(sets: Sequences, strategy: BehaviourStrategy = new Map()): Float64Array {
  const local = new Float64Array(sets.count).fill(1);
  sets.names.forEach((name, k) => {
    const known = strategy.get(name);
    const actions = sets.actions[k];
    if (known === undefined) local.fill(1 / actions, sets.first[k], sets.first[k] + actions);
    else {
      checkLocal(name, known, actions);
      local.set(known, sets.first[k]);
    }
  });
  return local;
}

/** The strategy that plays each action in proportion to its weight, uniformly where a set has none. */
export function strategyOfWeights(form: SequenceForm, weights: readonly Float64Array[]): Map<string, Float64Array> {
  const strategy = new Map<string, Float64Array>();
  form.players.forEach(({ names, first, actions }, player) => {
    names.forEach((name, k) => {
      const own = weights[player].slice(first[k], first[k] + actions[k]);
      const total = own.reduce((a, b) => a + b, 0);
      strategy.set(name, total > 0 ? own.map((w) => w / total) : own.fill(1 / own.length));
    });
  });
  return strategy;
}
