import { complaint, DomainError, ShapeError } from "../../core/index.js";
import { type Key, uniform } from "../../random/index.js";

/**
 * The place of the largest score among the open questions (default: all); among equals (to 1e-12) each is as likely, by
 * the key. A strategy that always took the first of equals would have a favourite.
 * @throws ShapeError if there are no candidates or `open` has another length; DomainError for a NaN, or if none is open
 */
export function chooseBest(key: Key, scores: ArrayLike<number>, open?: ArrayLike<boolean>): number {
  if (scores.length === 0) throw new ShapeError(complaint("scores", "at least one candidate", scores));
  if (open && open.length !== scores.length) {
    throw new ShapeError(complaint("open", `${scores.length} answers, one for each candidate`, open));
  }
  let most = Number.NEGATIVE_INFINITY;
  for (let q = 0; q < scores.length; q++) {
    if (Number.isNaN(scores[q])) throw new DomainError(complaint(`scores[${q}]`, "a number", scores[q]));
    if ((!open || open[q]) && scores[q] > most) most = scores[q];
  }
  const best: number[] = [];
  for (let q = 0; q < scores.length; q++) {
    if ((!open || open[q]) && scores[q] >= most - 1e-12 * Math.max(1, Math.abs(most))) best.push(q);
  }
  if (best.length === 0) throw new DomainError("chooseBest: no question is open any more");
  return best[Math.floor(uniform(key, 1)[0] * best.length)];
}
