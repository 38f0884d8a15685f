import { complaint, DomainError, ShapeError } from "../../core/index.js";
import type { Rankings } from "../rankings.js";

/**
 * How many voters put i before j, [items, items], from rankings. An item in order beats every alternative after it; two
 * alternatives in no known order, and items that were not looked at, say nothing about each other.
 */
export function pairwiseTally(rankings: Rankings): number[][] {
  const { items, order, start, ranked, weight } = rankings;
  const tally = Array.from({ length: items }, () => new Array<number>(items).fill(0));
  for (let r = 0; r < weight.length; r++) {
    for (let p = start[r]; p < start[r] + ranked[r]; p++) {
      for (let q = p + 1; q < start[r + 1]; q++) tally[order[p]][order[q]] += weight[r];
    }
  }
  return tally;
}

/**
 * tally[i][j] - tally[j][i], [items, items]: by how many votes i beats j; antisymmetric.
 * @throws ShapeError if not square; DomainError for NaN
 */
export function margins(tally: ReadonlyArray<ArrayLike<number>>): number[][] {
  const n = tally.length;
  for (let i = 0; i < n; i++) {
    if (tally[i].length !== n) throw new ShapeError(complaint(`row ${i} of the tally`, `${n} counts`, tally[i]));
    for (let j = 0; j < n; j++) {
      if (i !== j && !Number.isFinite(tally[i][j])) {
        throw new DomainError(complaint(`tally[${i}][${j}]`, "a finite count", tally[i][j]));
      }
    }
  }
  return Array.from({ length: n }, (_, i) =>
    Array.from({ length: n }, (_, j) => (i === j ? 0 : tally[i][j] - tally[j][i])),
  );
}

/** Items from the highest score to the lowest, equals by their number. */
export function orderByScore(scores: ArrayLike<number>): number[] {
  return Array.from(scores, (_, i) => i).sort((a, b) => scores[b] - scores[a] || a - b);
}
