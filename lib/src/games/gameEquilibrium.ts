import { linearProgram } from "../numerics/index.js";
import type { GameNode } from "./extensiveGame.js";
import { type Sequences, sequenceForm, strategyOfWeights } from "./sequenceForm.js";

/**
 * An equilibrium of a zero-sum game of turns, exactly: the plan of player 0 that guarantees the most, by a linear
 * program over sequences (Koller, Megiddo and von Stengel 1996), that of player 1 from its prices, and the value for
 * player 0. Sets that are not reached are played uniformly.
 * @example (await gameEquilibrium(kuhnPoker())).value // -0.0556
 * @throws DomainError for a game that cannot be read, see `sequenceForm`
 */
export async function gameEquilibrium(game: GameNode): Promise<{ strategy: Map<string, Float64Array>; value: number }> {
  const form = sequenceForm(game);
  const [own, other] = form.players;
  // Variables: player 0's weights, then a value for each set of player 1, and one, the first, before all of them.
  const worth = (set: number) => own.count + 1 + set;
  // Against sequence j the set that it belongs to is worth no more than the payoffs of j and the sets after it.
  const bounds = Array.from({ length: other.count }, () => [] as (readonly [number, number])[]);
  for (let k = 0; k < form.payoff.length; k++) bounds[form.column[k]].push([form.row[k], form.payoff[k]]);
  other.parent.forEach((parent, set) => void bounds[parent].push([worth(set), 1]));
  const setOf = ofSequence(other);
  const { x, value, duals } = await linearProgram({
    variables: own.count + 1 + other.names.length,
    maximise: [[own.count, 1]],
    subjectTo: [
      ...bounds.map((form, j) => ({ form: merged([...form, [worth(setOf[j]), -1]]), atLeast: 0 })),
      { form: [[0, 1]], equals: 1 },
      ...Array.from(own.parent, (parent, k) => ({
        form: [
          ...Array.from({ length: own.actions[k] }, (_, a) => [own.first[k] + a, 1] as const),
          [parent, -1] as const,
        ],
        equals: 0,
      })),
    ],
    lower: Array.from({ length: own.count + 1 + other.names.length }, (_, j) =>
      j < own.count ? 0 : Number.NEGATIVE_INFINITY,
    ),
  });
  const nonNegative = (weights: Float64Array) => weights.map((weight) => Math.max(weight, 0));
  const weights = [nonNegative(x.subarray(0, own.count)), nonNegative(duals.subarray(0, other.count).map((d) => -d))];
  return { strategy: strategyOfWeights(form, weights), value };
}

/** The set of each sequence; the empty one's is -1. */
function ofSequence({ first, actions, count }: Sequences): Int32Array {
  const sets = new Int32Array(count).fill(-1);
  first.forEach((start, k) => void sets.fill(k, start, start + actions[k]));
  return sets;
}

function merged(form: readonly (readonly [number, number])[]): [number, number][] {
  const sums = new Map<number, number>();
  for (const [variable, coefficient] of form) sums.set(variable, (sums.get(variable) ?? 0) + coefficient);
  return [...sums];
}
