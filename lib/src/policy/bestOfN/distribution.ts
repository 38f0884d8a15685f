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
  const { order, start, logShare, logKept } = levelsOf(logProbs, scores, n);
  for (let k = 0; k < logShare.length; k++) {
    for (let i = start[k]; i < start[k + 1]; i++) out[order[i]] = logProbs[order[i]] - logShare[k] + logKept[k];
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
  const { logShare, logKept } = levelsOf(logProbs, scores, n);
  logKept.forEach((kept, k) => {
    if (kept > Number.NEGATIVE_INFINITY) kl += Math.exp(kept) * (kept - logShare[k]);
  });
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

/** L levels of equal score. Each may hold one outcome alone, so they are lists and not a list of objects. */
interface Levels {
  /** The outcomes, lowest score first: those of level k from place start[k] up to start[k + 1], [L + 1]. */
  order: number[];
  start: Int32Array;
  /** log P(level) under p, [L]. */
  logShare: Float64Array;
  /** log P(level) under best of n, [L]. */
  logKept: Float64Array;
}

/** Levels of equal score, lowest first, without those that p never writes. */
function levelsOf(logProbs: ArrayLike<number>, scores: ArrayLike<number>, n: number): Levels {
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
  // Whoever searches for an n comes here again and again, with scores that are in order.
  if (order.some((y, i) => i > 0 && scores[y] < scores[order[i - 1]])) order.sort((a, b) => scores[a] - scores[b]);
  const starts: number[] = [];
  const sorted = new Float64Array(order.length);
  for (let i = 0; i < order.length; i++) {
    sorted[i] = logProbs[order[i]];
    if (i === 0 || scores[order[i]] !== scores[order[i - 1]]) starts.push(i);
  }
  const start = Int32Array.from([...starts, order.length]);
  const logShare = new Float64Array(starts.length);
  for (let k = 0; k < logShare.length; k++) logShare[k] = logSumExp(sorted.subarray(start[k], start[k + 1]));
  const total = logSumExp(logShare);
  const above = new Float64Array(logShare.length + 1).fill(Number.NEGATIVE_INFINITY);
  for (let k = logShare.length - 1; k >= 0; k--) above[k] = logAddExp(above[k + 1], logShare[k]);
  let below = Number.NEGATIVE_INFINITY;
  const logKept = new Float64Array(logShare.length);
  for (let k = 0; k < logShare.length; k++) {
    below = logAddExp(below, logShare[k]);
    logShare[k] -= total;
    // log F: where F is near 1 from the mass above it, so that 1 - F keeps its digits.
    const rest = above[k + 1] - total;
    const logF = rest < -1 ? Math.log1p(-Math.exp(rest)) : below - total;
    // F^n - F-^n = F^n (1 - (1 - share / F)^n)
    const share = Math.min(1, Math.exp(logShare[k] - logF));
    logKept[k] = n * logF + Math.log(-Math.expm1(n * Math.log1p(-share)));
  }
  return { order, start, logShare, logKept };
}

/** log(e^a + e^b). */
function logAddExp(a: number, b: number): number {
  const most = Math.max(a, b);
  return Number.isFinite(most) ? most + Math.log(Math.exp(a - most) + Math.exp(b - most)) : most;
}

/**
 * @throws DomainError unless n is finite and at least 1; it need not be whole, since F^n has a meaning for all of them
 */
export function checkN(n: number): void {
  if (!(n >= 1 && Number.isFinite(n))) throw new DomainError(complaint("n", "a number of at least 1", n));
}
