import { complaint, DomainError, ShapeError } from "../../core/index.js";
import { bestOfNKLBound } from "../bestOfN/index.js";

/**
 * chi^2(p || q) = sum_y (p(y) - q(y))^2 / q(y) = E_p[p / q] - 1, from log-probabilities [N] in nats. Infinity where p
 * writes what q cannot. For any value X, |E_p X - E_q X| <= sqrt(chi^2 Var_q X): unlike KL it bounds means of heavy
 * tails.
 * @throws ShapeError if the lengths differ; DomainError for NaN
 * @example chiSquareDivergence([0.2, 0.3, 0.5].map(Math.log), [0.5, 0.3, 0.2].map(Math.log)) // 0.63
 */
export function chiSquareDivergence(logP: ArrayLike<number>, logQ: ArrayLike<number>): number {
  checkPair(logP, logQ);
  let sum = 0;
  for (let y = 0; y < logP.length; y++) {
    if (logP[y] === Number.NEGATIVE_INFINITY) sum += Math.exp(logQ[y]);
    else sum += Math.exp(logP[y]) * -Math.expm1(logQ[y] - logP[y]) * Math.expm1(logP[y] - logQ[y]);
  }
  return sum;
}

/**
 * Renyi's divergence of order infinity, D_inf(p || q) = max_y ln(p(y) / q(y)), in nats: how many times more often p
 * writes anything than q does, at most. E_p[cost] <= e^D_inf E_q[cost] for every cost >= 0.
 * @throws as `chiSquareDivergence`
 * @example renyiInfinity([0.5, 0.5].map(Math.log), [0.25, 0.75].map(Math.log)) // 0.6931
 */
export function renyiInfinity(logP: ArrayLike<number>, logQ: ArrayLike<number>): number {
  checkPair(logP, logQ);
  let most = Number.NEGATIVE_INFINITY;
  for (let y = 0; y < logP.length; y++) {
    if (logP[y] > Number.NEGATIVE_INFINITY) most = Math.max(most, logP[y] - logQ[y]);
  }
  return most;
}

/**
 * How far best-of-n is from what it draws from, where no two draws ever score the same: KL = ln n - (n - 1) / n,
 * chi^2 = (n - 1)^2 / (2n - 1), D_inf = ln n. Ties make all three smaller. (Gao et al. 2022, arXiv:2210.10760; Beirami
 * et al. 2024, arXiv:2401.01879.)
 * @throws DomainError unless n >= 1
 * @example bestOfNDivergences(4) // { kl: 0.6363, chiSquare: 1.2857, renyiInfinity: 1.3863 }
 */
export function bestOfNDivergences(n: number): { kl: number; chiSquare: number; renyiInfinity: number } {
  return { kl: bestOfNKLBound(n), chiSquare: (n - 1) ** 2 / (2 * n - 1), renyiInfinity: Math.log(n) };
}

/** @throws ShapeError if the lengths differ or are 0; DomainError unless all are log-probabilities */
export function checkPair(logP: ArrayLike<number>, logQ: ArrayLike<number>): void {
  if (logP.length === 0) throw new ShapeError(complaint("logP", "at least one outcome", logP));
  if (logQ.length !== logP.length) {
    throw new ShapeError(complaint("logQ", `${logP.length} numbers, one per outcome`, logQ));
  }
  for (const [name, list] of Object.entries({ logP, logQ })) {
    for (let y = 0; y < list.length; y++) {
      if (list[y] <= 1e-9) continue; // a rounded certainty may stand a little above 0
      throw new DomainError(complaint(`${name}[${y}]`, "a log-probability", list[y]));
    }
  }
}
