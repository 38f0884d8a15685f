import { checkNumbers, checkShare } from "../../core/checks.js";
import { complaint, InfeasibleError, ShapeError } from "../../core/index.js";
import type { WorstCase } from "./worstCase.js";

/**
 * The least expected value of all distributions with low(i) <= q(i) <= high(i): everybody has the low end, and what is
 * left goes to the least values first. O(N log N). Two examples: an interval MDP (Givan, Leach and Dean 2000), and the
 * max-min expected utility of an act under many priors (Gilboa and Schmeidler 1989). All are [N].
 * @throws InfeasibleError if no distribution lies in the intervals; ShapeError, DomainError for ends that are no
 *   probabilities, values that are not finite, other lengths
 * @example intervalWorst([0.1, 0, 0.2], [0.6, 0.5, 1], [3, 1, 2]) // { value: 1.6, q: [0.1, 0.5, 0.4] }
 */
export function intervalWorst(low: ArrayLike<number>, high: ArrayLike<number>, values: ArrayLike<number>): WorstCase {
  const n = values.length;
  if (n === 0) throw new ShapeError(complaint("values", "at least one outcome", values));
  checkNumbers("values", values, n);
  checkNumbers("low", low, n);
  checkNumbers("high", high, n);
  let [left, most] = [1, 0];
  for (let i = 0; i < n; i++) {
    checkShare(`low[${i}]`, low[i]);
    checkShare(`high[${i}]`, high[i]);
    if (low[i] > high[i]) throw new InfeasibleError(`intervalWorst: low[${i}], ${low[i]}, is above high, ${high[i]}`);
    left -= low[i];
    most += high[i];
  }
  if (left < -1e-9) throw new InfeasibleError(`intervalWorst: the low ends add up to ${1 - left}, which is above 1`);
  if (most < 1 - 1e-9) throw new InfeasibleError(`intervalWorst: the high ends add up to ${most}, which is below 1`);
  const order = Array.from(values, (_, i) => i).sort((i, j) => values[i] - values[j]);
  const q = Float64Array.from(low);
  for (const i of order) {
    const more = Math.min(high[i] - low[i], Math.max(left, 0));
    q[i] += more;
    left -= more;
  }
  let value = 0;
  for (let i = 0; i < n; i++) value += q[i] * values[i];
  return { value, q };
}
