import { checkLength } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";

/**
 * The probability that each of m samples is the best of n of them, drawn without replacement, [m]; samples of equal
 * score share theirs. With scores in ascending order, the i-th (from 1) is best of n in C(i - 1, n - 1) of the C(m, n)
 * draws.
 * @throws DomainError unless n is a whole number from 1 to m and scores are numbers
 */
export function bestOfNWeights(scores: ArrayLike<number>, n: number): Float64Array {
  const m = scores.length;
  if (!(Number.isInteger(n) && n >= 1 && n <= m)) {
    const hint = "From m samples nothing unbiased can be said about the best of more than m";
    throw new DomainError(complaint("n", `a whole number from 1 to ${m}, the number of samples`, n, hint));
  }
  const order = Array.from({ length: m }, (_, y) => y).sort((a, b) => scores[a] - scores[b]);
  const wrong = order.find((y) => Number.isNaN(scores[y]));
  if (wrong !== undefined) throw new DomainError(complaint(`scores[${wrong}]`, "a number", scores[wrong]));
  const out = new Float64Array(m);
  // The best of all m: n / m. One place down: times (i - n) / (i - 1).
  let probability = n / m;
  for (let last = m; last > 0; ) {
    let first = last;
    let sum = 0;
    while (first > 0 && scores[order[first - 1]] === scores[order[last - 1]]) {
      sum += probability;
      probability *= first > 1 ? (first - n) / (first - 1) : 0;
      first--;
    }
    for (let i = first; i < last; i++) out[order[i]] = sum / (last - first);
    last = first;
  }
  return out;
}

/**
 * What best-of-n gets, estimated from m >= n samples without bias: sum over samples of `bestOfNWeights` times the
 * value. Values are the scores themselves, or what else is asked of the winner (the true utility of what a proxy
 * picks). All n from 1 to m can be had from the same samples. (The same numbers as pass@k's estimator in Chen et al.
 * 2021, arXiv:2107.03374, for scores of 0 and 1.)
 * @throws as `bestOfNWeights`; ShapeError if the values are not as many as the scores
 * @example bestOfNEstimate([0, 1, 0, 1], 2) // 0.8333
 */
export function bestOfNEstimate(scores: ArrayLike<number>, n: number, values: ArrayLike<number> = scores): number {
  checkLength("values", values, scores.length, "one per sample");
  return bestOfNWeights(scores, n).reduce((sum, weight, y) => sum + (weight === 0 ? 0 : weight * values[y]), 0);
}
