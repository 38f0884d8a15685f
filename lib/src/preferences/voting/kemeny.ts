import { complaint, DomainError } from "../../core/index.js";
import { type LinearConstraint, linearProgram } from "../../numerics/index.js";
import { bordaScores } from "./scores.js";
import { orderByScore } from "./tally.js";

export interface Kemeny {
  /** Items, best first. */
  order: number[];
  /** Votes that it goes against, summed over pairs. */
  disagreement: number;
  /** Whether no order has less. */
  exact: boolean;
}

/** How many votes an order goes against: sum over i placed before j of tally[j][i] (Kemeny 1959). */
export function kemenyDisagreement(order: ArrayLike<number>, tally: ReadonlyArray<ArrayLike<number>>): number {
  let sum = 0;
  for (let p = 0; p < order.length; p++) {
    for (let q = p + 1; q < order.length; q++) sum += tally[order[q]][order[p]];
  }
  return sum;
}

/**
 * The order that goes against the fewest votes, by an integer program: x_ij = 1 where i is placed before j, with
 * x_ij + x_jk + x_ki <= 2 for all triples, which rules out cycles. Finding it is NP-hard (Bartholdi, Tovey and Trick
 * 1989), so the program is solved up to `exactUpTo` items, 12 unless told; beyond, `kemenyLocal` answers and `exact`
 * says no. Where several orders tie, one of them.
 * @throws DomainError for a tally with a negative or NaN entry
 * @example
 * const tally = pairwiseTally(rankingsFromOrders([[0, 1, 2], [1, 2, 0], [1, 0, 2]]));
 * await kemeny(tally) // { order: [1, 0, 2], disagreement: 2, exact: true }
 */
export async function kemeny(
  tally: ReadonlyArray<ArrayLike<number>>,
  options: { exactUpTo?: number } = {},
): Promise<Kemeny> {
  const n = tally.length;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      if (i !== j && !(tally[i][j] >= 0 && Number.isFinite(tally[i][j]))) {
        throw new DomainError(complaint(`tally[${i}][${j}]`, "a number of at least 0", tally[i][j]));
      }
    }
  }
  if (n > (options.exactUpTo ?? 12)) return kemenyLocal(tally);
  if (n < 2) return { order: orderByScore(bordaScores(tally)), disagreement: 0, exact: true };
  // One variable a pair i < j: 1 where i is before j, costing the votes against; 0 costs the votes for.
  const pairs: [i: number, j: number][] = [];
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) pairs.push([i, j]);
  const place = new Map(pairs.map(([i, j], p) => [i * n + j, p]));
  const at = (i: number, j: number) => place.get(i * n + j) as number;
  const subjectTo = pairs.flatMap(([i, j]) =>
    Array.from({ length: n - j - 1 }, (_, d) => j + 1 + d).flatMap((k): LinearConstraint[] => {
      const [ij, jk, ik] = [at(i, j), at(j, k), at(i, k)];
      // Both turns round the triple, i j k and i k j.
      return [
        {
          form: [
            [ij, 1],
            [jk, 1],
            [ik, -1],
          ],
          atMost: 1,
        },
        {
          form: [
            [ik, 1],
            [ij, -1],
            [jk, -1],
          ],
          atMost: 0,
        },
      ];
    }),
  );
  const { x } = await linearProgram({
    variables: pairs.length,
    minimise: pairs.map(([i, j]) => tally[j][i] - tally[i][j]),
    subjectTo,
    upper: 1,
    integer: true,
    timeLimit: Number.POSITIVE_INFINITY,
  });
  const before = new Array<number>(n).fill(0);
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      if (x[at(i, j)] > 0.5) before[i]++;
      else before[j]++;
    }
  }
  const order = orderByScore(before);
  return { order, disagreement: kemenyDisagreement(order, tally), exact: true };
}

/**
 * A good order for many items: from Borda's, move one item at a time to its best place until no move helps. Its
 * disagreement is an upper bound of the best one's (Borda's alone is within 5 times of it: Coppersmith,
 * Fleischer and Rudra 2010).
 */
export function kemenyLocal(tally: ReadonlyArray<ArrayLike<number>>): Kemeny {
  const order = orderByScore(bordaScores(tally));
  for (let improved = true; improved; ) {
    improved = false;
    for (let p = 0; p < order.length; p++) {
      const item = order[p];
      let bestChange = -1e-9;
      let bestPlace = p;
      for (const direction of [-1, 1]) {
        let change = 0;
        for (let q = p + direction; q >= 0 && q < order.length; q += direction) {
          // Passing order[q]: upwards the votes of order[q] over item are now gone against, downwards the reverse.
          change += direction * (tally[item][order[q]] - tally[order[q]][item]);
          if (change < bestChange) {
            bestChange = change;
            bestPlace = q;
          }
        }
      }
      if (bestPlace !== p) {
        order.splice(p, 1);
        order.splice(bestPlace, 0, item);
        improved = true;
      }
    }
  }
  return { order, disagreement: kemenyDisagreement(order, tally), exact: false };
}
