import { checkLength } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import { logSumExp } from "../../numerics/index.js";

/**
 * What best-of-n writes, exactly: n outcomes are drawn from p, and one of those with the highest score is kept.
 * Log-probabilities [N] in nats.
 *
 * Outcomes of equal score are one level: with F(s) = P(score <= s), a level is kept with probability F(s)^n - F(s-)^n,
 * and within it p decides. n may be any number of at least 1; best of n of best of m is best of nm. (Gao et al. 2022,
 * arXiv:2210.10760, appendix A, have the case without ties.)
 * @throws ShapeError if the lengths differ; DomainError unless n >= 1, scores are numbers, and some outcome is possible
 * @example bestOfNLogProbs([0.5, 0.5].map(Math.log), [0, 1], 2).map(Math.exp) // [0.25, 0.75]
 */
export function bestOfNLogProbs(logProbs: ArrayLike<number>, scores: ArrayLike<number>, n: number): Float64Array {
  const out = new Float64Array(logProbs.length).fill(Number.NEGATIVE_INFINITY);
  for (const { members, logShare, logKept } of levelsOf(logProbs, scores, n)) {
    for (const y of members) out[y] = logProbs[y] - logShare + logKept;
  }
  return out;
}

/**
 * KL(best of n || p) in nats, exactly: sum over levels of P(kept) log(P(kept) / P(level)). Outcomes that the score
 * cannot tell apart cost nothing.
 * @throws as `bestOfNLogProbs`
 */
export function bestOfNKL(logProbs: ArrayLike<number>, scores: ArrayLike<number>, n: number): number {
  let kl = 0;
  for (const { logShare, logKept } of levelsOf(logProbs, scores, n)) {
    if (logKept > Number.NEGATIVE_INFINITY) kl += Math.exp(logKept) * (logKept - logShare);
  }
  return Math.max(0, kl);
}

/**
 * log n - (n - 1) / n, in nats: the KL of best-of-n where no outcome is ever drawn twice and all scores differ, and an
 * upper bound everywhere else. It has long been used as if it were exact (Beirami et al. 2024, arXiv:2401.01879).
 * @throws DomainError unless n >= 1
 * @example bestOfNKLBound(4) // 0.6363
 */
export function bestOfNKLBound(n: number): number {
  checkN(n);
  return Math.log(n) - (n - 1) / n;
}

interface Level {
  members: number[];
  /** log P(level) under p. */
  logShare: number;
  /** log P(level) under best of n. */
  logKept: number;
}

/** Levels of equal score, lowest first, without those that p never writes. */
function levelsOf(logProbs: ArrayLike<number>, scores: ArrayLike<number>, n: number): Level[] {
  checkN(n);
  checkLength("scores", scores, logProbs.length, "one per outcome");
  const order: number[] = [];
  for (let y = 0; y < logProbs.length; y++) {
    if (Number.isNaN(scores[y])) throw new DomainError(complaint(`scores[${y}]`, "a number", scores[y]));
    if (Number.isNaN(logProbs[y]) || logProbs[y] === Number.POSITIVE_INFINITY) {
      throw new DomainError(complaint(`logProbs[${y}]`, "a log-probability", logProbs[y]));
    }
    if (logProbs[y] > Number.NEGATIVE_INFINITY) order.push(y);
  }
  if (order.length === 0)
    throw new DomainError(complaint("logProbs", "at least one outcome that is possible", logProbs));
  order.sort((a, b) => scores[a] - scores[b]);
  const levels: Level[] = [];
  for (let first = 0; first < order.length; ) {
    let last = first;
    while (last < order.length && scores[order[last]] === scores[order[first]]) last++;
    const members = order.slice(first, last);
    levels.push({ members, logShare: logSumExp(members.map((y) => logProbs[y])), logKept: 0 });
    first = last;
  }
  const total = logSumExp(levels.map((level) => level.logShare));
  let below = Number.NEGATIVE_INFINITY;
  let above = new Float64Array(levels.length + 1).fill(Number.NEGATIVE_INFINITY);
  for (let k = levels.length - 1; k >= 0; k--) above[k] = logSumExp([above[k + 1], levels[k].logShare]);
  above = above.map((mass) => mass - total);
  levels.forEach((level, k) => {
    below = logSumExp([below, level.logShare]);
    level.logShare -= total;
    // log F: where F is near 1 from the mass above it, so that 1 - F keeps its digits.
    const logF = above[k + 1] < -1 ? Math.log1p(-Math.exp(above[k + 1])) : below - total;
    // F^n - F-^n = F^n (1 - (1 - share / F)^n)
    const share = Math.min(1, Math.exp(level.logShare - logF));
    level.logKept = n * logF + Math.log(-Math.expm1(n * Math.log1p(-share)));
  });
  return levels;
}

/**
 * @throws DomainError unless n is finite and at least 1; it need not be whole, since F^n has a meaning for all of them
 */
export function checkN(n: number): void {
  if (!(n >= 1 && Number.isFinite(n))) throw new DomainError(complaint("n", "a number of at least 1", n));
}
