import {
  checkCount,
  checkDistribution,
  checkNonNegative,
  checkNumbers,
  checkPositive,
  checkShare,
} from "../core/checks.js";
import { complaint, DomainError, ShapeError } from "../core/index.js";
import { expectedPayoff, type Payoffs, rowPayoffs } from "../games/index.js";

/** The kinds of agents in a population with rules. */
export const enforcementKinds = ["adherer", "violator", "enforcer"] as const;

/**
 * What adherers, violators and enforcers earn when they meet, [3][3]: violating pays 1 more against adherers, enforcers
 * punish violators and pay for it; with `second` enforcers also punish adherers, who do not punish, at a cost.
 */
export function enforcementGame({ second = false }: { second?: boolean } = {}): number[][] {
  const [fine, price] = second ? [0.6, 0.1] : [0, 0];
  return [
    [2, -1, 2 - fine],
    [3, 0, 1.5],
    [2 - price, -1.5, 2],
  ];
}

/**
 * Shares of kinds over time, [steps + 1][kinds], by the replicator flow with mutation, x_i' = x_i (f_i - mean f) +
 * mu (1 / kinds - x_i), in Euler steps of `dt`: kinds that earn more than the mean grow, and a few appear from nothing.
 * @throws DomainError unless start is a distribution, 0 <= mutation and dt is positive
 */
export function replicatorWithMutation(
  payoffs: Payoffs,
  start: ArrayLike<number>,
  { steps, dt = 0.1, mutation = 1e-3 }: { steps: number; dt?: number; mutation?: number },
): Float64Array[] {
  checkDistribution("start", start);
  checkCount("steps", steps, 0);
  checkPositive("dt", dt);
  checkNonNegative("mutation", mutation);
  const path = [Float64Array.from(start)];
  for (let t = 0; t < steps; t++) {
    const x = path[t];
    const f = rowPayoffs(payoffs, x);
    const mean = expectedPayoff(payoffs, x, x);
    const next = x.map((share, i) =>
      Math.max(0, share + dt * (share * (f[i] - mean) + mutation * (1 / x.length - share))),
    );
    const total = next.reduce((sum, share) => sum + share, 0);
    path.push(next.map((share) => share / total));
  }
  return path;
}

/**
 * Whether a pure strategy of a symmetric game is evolutionarily stable: it does strictly better against itself than any
 * other does, or as well, and then better against the other than that does (Maynard Smith and Price 1973).
 */
export function isEvolutionarilyStable(payoffs: Payoffs, strategy: number): boolean {
  const n = payoffs.length;
  payoffs.forEach((row, i) => {
    checkNumbers(`payoffs[${i}]`, row, n);
  });
  if (!(Number.isInteger(strategy) && strategy >= 0 && strategy < n)) {
    throw new DomainError(complaint("strategy", `a whole number from 0 to ${n - 1}`, strategy));
  }
  return Array.from({ length: n }, (_, other) => other).every((other) => {
    if (other === strategy) return true;
    const [own, theirs] = [payoffs[strategy][strategy], payoffs[other][strategy]];
    return own > theirs || (own === theirs && payoffs[strategy][other] > payoffs[other][other]);
  });
}

/**
 * How long a population spends with k agents on the second strategy, [n + 1], in the end: one agent at a time revises,
 * takes the best reply to the others with probability 1 - error, else either strategy by a coin. The stationary law of
 * a chain of births and deaths, exact; small errors pick the risk-dominant strategy (Kandori, Mailath and Rob 1993).
 * @throws ShapeError unless the game is 2 by 2; DomainError unless n is at least 2 and 0 < error <= 1
 */
export function noisyBestReplies(payoffs: Payoffs, n: number, error: number): Float64Array {
  if (payoffs.length !== 2 || payoffs.some((row) => row.length !== 2)) {
    throw new ShapeError(complaint("payoffs", "2 rows of 2", payoffs));
  }
  checkCount("n", n, 2);
  checkShare("error", error);
  if (error === 0) throw new DomainError(complaint("error", "above 0: without errors it stays where it began", error));
  // Probability that a revising agent takes strategy 1, when m of the n - 1 others have it.
  const takes = (m: number) => {
    const [first, second] = [0, 1].map((s) => payoffs[s][0] * (n - 1 - m) + payoffs[s][1] * m);
    if (first === second) return 0.5;
    return second > first ? 1 - error / 2 : error / 2;
  };
  const weights = new Float64Array(n + 1);
  weights[0] = 1;
  for (let k = 0; k < n; k++) {
    const up = ((n - k) / n) * takes(k); // one of the n - k on 0 revises, k of its others are on 1
    const down = ((k + 1) / n) * (1 - takes(k)); // one of k + 1 on 1 revises, k of its others are on 1
    weights[k + 1] = (weights[k] * up) / down;
  }
  const total = weights.reduce((sum, w) => sum + w, 0);
  return weights.map((w) => w / total);
}
