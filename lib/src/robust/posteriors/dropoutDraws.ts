import { checkCount } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import { type Key, uniform } from "../../random/index.js";

/**
 * Monte Carlo dropout of a linear model: n copies of its weights [d], each weight 0 with probability `rate` and
 * divided by 1 - rate otherwise, [n][d]. Their spread is read as a posterior's; but the variance of a prediction,
 * rate / (1 - rate) sum_j (x_j w_j)^2, depends on the size of the weights and not on how many rows taught them. (Gal
 * and Ghahramani 2016, arXiv:1506.02142; Osband 2016 for what it does not measure.)
 * @throws DomainError unless 0 <= rate < 1 and n is a count
 * @example dropoutDraws(key(1), [1, 2], 0.5, 2) // [[0, 0], [2, 4]]
 */
export function dropoutDraws(key: Key, weights: ArrayLike<number>, rate: number, n: number): number[][] {
  checkCount("draws", n);
  checkRate(rate);
  const d = weights.length;
  const coins = uniform(key, n * d);
  return Array.from({ length: n }, (_, m) =>
    Array.from(weights, (w, j) => (coins[m * d + j] < rate ? 0 : w / (1 - rate))),
  );
}

/** @throws DomainError unless 0 <= rate < 1 */
export function checkRate(rate: number): void {
  if (rate >= 0 && rate < 1) return;
  throw new DomainError(complaint("rate", "a share of weights dropped, from 0 to below 1", rate));
}
