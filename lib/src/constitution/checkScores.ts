import { checkNumbers } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";

/** Scores of n points on k objectives, [n][k]; larger is better. */
export type Scores = readonly ArrayLike<number>[];

/**
 * The number of objectives k.
 * @throws DomainError if there is no point, no objective, or a score is not finite; ShapeError if rows differ in length
 */
export function checkScores(what: string, scores: Scores): number {
  if (scores.length === 0) throw new DomainError(complaint(what, "at least one point", scores));
  const k = scores[0].length;
  if (!(k >= 1)) throw new DomainError(complaint(`${what}[0]`, "at least one objective", scores[0]));
  for (let i = 0; i < scores.length; i++) {
    if (!isRow(scores[i], k)) checkNumbers(`${what}[${i}]`, scores[i], k); // a name is written for what is wrong alone
  }
  return k;
}

function isRow(row: ArrayLike<number>, k: number): boolean {
  for (let j = 0; j < k; j++) if (!Number.isFinite(row[j])) return false;
  return row.length === k;
}

/** @throws ShapeError unless there are k weights; DomainError unless all are finite, none is negative, one positive */
export function checkWeights(weights: ArrayLike<number>, k: number): void {
  checkNumbers("weights", weights, k);
  let sum = 0;
  for (let i = 0; i < k; i++) {
    if (weights[i] < 0) throw new DomainError(complaint(`weights[${i}]`, "a number of at least 0", weights[i]));
    sum += weights[i];
  }
  if (!(sum > 0)) throw new DomainError(complaint("weights", "one above 0", weights));
}
