import { checkShare } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import { type Rankings, rankingsFromOrders } from "../rankings.js";

/**
 * The ballots after the first `share` of voters have voted cleverly: they put the rival first and the favourite last,
 * and leave all others in the order that they had. Full rankings, one a voter.
 * @throws DomainError for a share outside [0, 1], unknown or equal items, or rankings that are not full and of weight 1
 */
export function withBuriers(rankings: Rankings, share: number, favourite: number, rival: number): Rankings {
  const { items, order, start, ranked, weight } = rankings;
  const voters = weight.length;
  checkShare("share", share);
  for (const [what, item] of Object.entries({ favourite, rival })) {
    if (!(Number.isInteger(item) && item >= 0 && item < items)) {
      throw new DomainError(complaint(what, `an item from 0 to ${items - 1}`, item));
    }
  }
  if (favourite === rival) throw new DomainError(complaint("rival", "another item than the favourite", rival));
  const cast = Array.from({ length: voters }, (_, r) => {
    if (ranked[r] < items - 1 || start[r + 1] - start[r] !== items || weight[r] !== 1) {
      throw new DomainError(
        complaint(`ranking ${r}`, `all ${items} items in order, of one voter`, [ranked[r], weight[r]]),
      );
    }
    const own = Array.from(order.subarray(start[r], start[r + 1]));
    if (r >= share * voters) return own;
    return [rival, ...own.filter((item) => item !== rival && item !== favourite), favourite];
  });
  return rankingsFromOrders(cast, { items, names: rankings.names });
}
