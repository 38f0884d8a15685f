import { complaint, DomainError } from "../../core/index.js";
import type { Rankings } from "../rankings.js";
import { margins } from "./tally.js";

/**
 * Borda scores, [items]: a full ranking gives each item one point for each that it is placed before, so the best of m
 * gets m - 1 (Borda 1784). They are row sums of the pairwise tally, so they work from any tally.
 * @example bordaScores(pairwiseTally(rankingsFromOrders([[0, 1, 2], [0, 2, 1], [1, 2, 0]]))) // [4, 3, 2]
 */
export function bordaScores(tally: ReadonlyArray<ArrayLike<number>>): number[] {
  margins(tally); // for its check of the shape
  return tally.map((row, i) => Array.from(row).reduce((sum, votes, j) => sum + (i === j ? 0 : votes), 0));
}

/** Copeland scores, [items]: 1 for each item beaten by a majority, 1/2 for each tie (Copeland 1951). */
export function copelandScores(tally: ReadonlyArray<ArrayLike<number>>): number[] {
  return margins(tally).map((row, i) =>
    row.reduce((sum, margin, j) => sum + (i === j ? 0 : margin > 0 ? 1 : margin === 0 ? 0.5 : 0), 0),
  );
}

/**
 * Plurality scores, [items]: how many voters put each first.
 * @throws DomainError for a ranking whose first is not known
 */
export function pluralityScores(rankings: Rankings): number[] {
  const scores = new Array<number>(rankings.items).fill(0);
  for (let r = 0; r < rankings.weight.length; r++) {
    if (rankings.ranked[r] < 1) throw new DomainError(complaint(`ranking ${r}`, "a first item", "an empty ranking"));
    scores[rankings.order[rankings.start[r]]] += rankings.weight[r];
  }
  return scores;
}
