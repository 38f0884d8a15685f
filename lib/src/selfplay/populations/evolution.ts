import { checkCount } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import { bernoulli, foldIn, type Key, split } from "../../random/index.js";
import { sharedFitness } from "./novelty.js";
import { tournamentSelection } from "./tournament.js";

export interface EvolutionOptions<T> {
  /** The first generation; all have as many. */
  start: readonly T[];
  /** A changed copy. */
  mutate(key: Key, item: T): T;
  fitness(item: T): number;
  generations: number;
  /** The probability that a winner is changed before it goes on; 1 by default. Else it survives as it is. */
  change?: number;
  /** Of a tournament: 1 is no selection. */
  size: number;
  /**
   * Shares fitness among the near: what is added to every fitness so that none is negative, and from how far on nothing
   * is shared. Without it fitness is what it is.
   */
  sharing?: { distance(a: T, b: T): number; radius: number; shift: number };
}

/**
 * A genetic algorithm with mutation alone: each generation is made of winners of tournaments, changed or as they
 * are. The best of a generation may be lost. Judges start.length (1 + generations) items; returns the last generation.
 * @throws DomainError if there is nobody, or `generations` is not at least 1
 */
export function evolve<T>(key: Key, options: EvolutionOptions<T>): readonly T[] {
  const { start, mutate, fitness, generations, size, sharing, change = 1 } = options;
  if (start.length === 0) throw new DomainError(complaint("start", "at least one item", start));
  checkCount("generations", generations);
  if (!(change >= 0 && change <= 1)) throw new DomainError(complaint("change", "a probability", change));
  let items = start;
  for (let t = 0; t < generations; t++) {
    const [selectKey, mutateKey, changeKey] = split(foldIn(key, t), 3);
    const own = items.map(fitness);
    const scores = sharing === undefined ? own : shared(items, own, sharing);
    const parents = tournamentSelection(selectKey, scores, { size, winners: items.length });
    const keys = split(mutateKey, items.length);
    const coins = bernoulli(changeKey, items.length, change);
    items = Array.from(parents, (p, i) => (coins[i] === 1 ? mutate(keys[i], items[p]) : items[p]));
  }
  return items;
}

function shared<T>(
  items: readonly T[],
  fitness: readonly number[],
  { distance, radius, shift }: NonNullable<EvolutionOptions<T>["sharing"]>,
): Float64Array {
  const distances = items.map(() => new Float64Array(items.length));
  for (let i = 0; i < items.length; i++) {
    for (let j = 0; j < i; j++) distances[i][j] = distances[j][i] = distance(items[i], items[j]);
  }
  const shifted = fitness.map((f) => f + shift);
  return sharedFitness(shifted, distances, { radius });
}
