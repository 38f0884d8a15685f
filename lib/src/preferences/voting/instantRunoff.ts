import { complaint, DomainError } from "../../core/index.js";
import type { Rankings } from "../rankings.js";

export interface InstantRunoff {
  winner: number;
  /** Votes of each round, [rounds][items]; NaN for an item that has been struck out. */
  rounds: number[][];
}

/**
 * Instant runoff (Hare's rule for one seat): each ballot counts for the best of its items that are left; until one has
 * more than half of the ballots that still count, the item with the fewest is struck out (of equals the one with the
 * highest number). A ballot that names nobody who is left counts no more. The rule by which Minneapolis elects.
 * @throws DomainError without items, or without a ballot that names one
 * @example
 * const ballots = rankingsFromOrders([[0, 1, 2], [0, 1, 2], [1, 0, 2], [1, 2, 0], [2, 1, 0]]);
 * instantRunoff(ballots) // { winner: 1, rounds: [[2, 2, 1], [2, 3, NaN]] }
 */
export function instantRunoff(rankings: Rankings): InstantRunoff {
  const { items, order, start, ranked, weight } = rankings;
  if (items === 0) throw new DomainError(complaint("rankings", "at least one item", items));
  const left = new Set(Array.from({ length: items }, (_, i) => i));
  const rounds: number[][] = [];
  for (;;) {
    const votes = Array.from({ length: items }, (_, i) => (left.has(i) ? 0 : Number.NaN));
    let counted = 0;
    for (let r = 0; r < weight.length; r++) {
      const best = order.subarray(start[r], start[r] + ranked[r]).find((item) => left.has(item));
      if (best === undefined) continue;
      votes[best] += weight[r];
      counted += weight[r];
    }
    if (rounds.length === 0 && !(counted > 0)) {
      throw new DomainError(
        complaint("rankings", "at least one ballot of a weight above 0 that names an item", counted),
      );
    }
    rounds.push(votes);
    const byVotes = [...left].sort((a, b) => votes[b] - votes[a] || a - b);
    if (left.size === 1 || votes[byVotes[0]] > counted / 2) return { winner: byVotes[0], rounds };
    left.delete(byVotes[byVotes.length - 1]);
  }
}
