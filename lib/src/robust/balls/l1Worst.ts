import { checkOutcomes, checkRadius } from "../checkOutcomes.js";
import type { WorstCase } from "./worstCase.js";

/**
 * The least expected value of all q with sum |q - p| <= radius: half of the radius moves, from the greatest values to
 * the least one, so that it takes one sort, O(N log N). From radius 2 on the least value is sure. The least value
 * counts even where p is 0: every outcome listed is possible. p and values are [N]. (Strehl and Littman 2008; Petrik
 * and Subramanian 2014.)
 * @throws ShapeError unless values and p are of one length; DomainError for a value that is not finite, a p that is no
 *   distribution, radius < 0
 * @example l1Worst([0.4, 0.3, 0.1, 0.2], [1, 2, 5, 4], 1) // { value: 1.1, q: [0.9, 0.1, 0, 0] }
 */
export function l1Worst(p: ArrayLike<number>, values: ArrayLike<number>, radius: number): WorstCase {
  checkOutcomes("values", values, p);
  checkRadius("radius", radius);
  const order = Array.from(p, (_, i) => i).sort((i, j) => values[i] - values[j]);
  const q = Float64Array.from(p);
  const least = order[0];
  let left = Math.min(radius / 2, 1 - q[least]);
  for (let k = order.length - 1; k > 0 && left > 0; k--) {
    const moved = Math.min(left, q[order[k]]);
    q[order[k]] -= moved;
    q[least] += moved;
    left -= moved;
  }
  let value = 0;
  for (let i = 0; i < q.length; i++) value += q[i] * values[i];
  return { value, q };
}
