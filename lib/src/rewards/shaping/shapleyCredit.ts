import { complaint, DomainError } from "../../core/index.js";
import { finiteReward } from "./leaveOneOutCredit.js";

/**
 * Credit of each token by Shapley's value, [T]: what it adds to the tokens present, averaged over all orders in which
 * the tokens could come in,
 *
 *   c_t = sum over subsets S without t of |S|! (T - |S| - 1)! / T! (R(S + t) - R(S)),
 *
 * where a subset is read in the reply's own order. The credits add up to R(y) - R(empty). Exact, by all
 * 2^T subsets. Shapley 1953.
 * @throws DomainError for more than 16 tokens, or if a reward is not finite
 * @example
 * const both = (tokens: readonly string[]) => (tokens.includes("not") && tokens.includes("bad") ? 1 : 0);
 * shapleyCredit(["not", "bad", "whale"], both) // [0.5, 0.5, 0]
 */
export function shapleyCredit<T>(tokens: readonly T[], reward: (tokens: readonly T[]) => number): Float64Array {
  const n = tokens.length;
  if (n > 16) throw new DomainError(complaint("tokens", "at most 16", n, "There are 2^T subsets to ask about"));
  const credit = new Float64Array(n);
  const rewards = Float64Array.from({ length: 2 ** n }, (_, subset) =>
    finiteReward(
      reward,
      tokens.filter((_, t) => (subset >> t) & 1),
    ),
  );
  // |S|! (n - |S| - 1)! / n!, one per size of S.
  const weights = Array.from({ length: n }, (_, size) => {
    let choose = 1;
    for (let k = 1; k <= size; k++) choose = (choose * (n - k)) / k;
    return 1 / (n * choose);
  });
  for (let subset = 0; subset < rewards.length; subset++) {
    let size = 0;
    for (let rest = subset; rest > 0; rest &= rest - 1) size++;
    for (let t = 0; t < n; t++) {
      if ((subset >> t) & 1) continue;
      credit[t] += weights[size] * (rewards[subset | (1 << t)] - rewards[subset]);
    }
  }
  return credit;
}
