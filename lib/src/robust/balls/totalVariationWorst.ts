import { checkOutcomes, checkRadius } from "../checkOutcomes.js";
import { l1Worst } from "./l1Worst.js";
import { type BallWorst, ballWorst } from "./worstCase.js";

/**
 * The worst expected loss of all q with TV(q, p) = 1/2 sum |q - p| <= epsilon: the share epsilon moves from the least
 * losses to the greatest, even where p excludes it. `multiplier` is the greatest loss less the one that gives way next.
 * Losses and p are [N]; from epsilon 1 on the greatest loss is sure.
 * @throws ShapeError unless losses and p are of one length; DomainError for a loss that is not finite, a p that is no
 *   distribution, epsilon < 0
 * @example totalVariationWorst([1, 2, 4, 10], [0.4, 0.3, 0.2, 0.1], 0.2).q // [0.2, 0.3, 0.2, 0.3]
 */
export function totalVariationWorst(losses: ArrayLike<number>, p: ArrayLike<number>, epsilon: number): BallWorst {
  checkOutcomes("losses", losses, p);
  checkRadius("epsilon", epsilon);
  const values = Float64Array.from(losses, (loss) => -loss);
  const { q } = l1Worst(p, values, 2 * epsilon);
  let [most, giving] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let i = 0; i < q.length; i++) {
    most = Math.max(most, losses[i]);
    if (q[i] > 0) giving = Math.min(giving, losses[i]);
  }
  return ballWorst(losses, q, epsilon >= 1 ? 0 : most - giving);
}
