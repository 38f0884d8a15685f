import { checkNumbers, checkPositive } from "../core/checks.js";
import { exactExpectation, exactRegularisedOptimum } from "../numerics/index.js";
import { checkScores, type Scores } from "./checkScores.js";

export interface MaxMin {
  /** Weights of the principles [k], adding up to 1. */
  weights: Float64Array;
  /** log-probabilities of the policy that is best for them, [N]. */
  logProbs: Float64Array;
  /** E[score] of each principle [k]. */
  values: Float64Array;
  /** How far from the saddle point the value can be, in units of score: upper minus lower bound, at least 0. */
  gap: number;
}

/**
 * The policy whose worst principle is as well off as can be: max over pi of min_i E[S_i] - beta KL(pi, ref), by
 * multiplicative weights, w_i <- w_i exp(-rate E[S_i]) / Z with pi the optimum for the weights: whoever is badly off
 * gains weight. The function min over w of beta log Z(w) is convex, so the gap shrinks to 0 (Freund and Schapire 1999).
 * The best round is returned.
 * @param scores [k][N]: of each principle, its score of every outcome
 * @throws ShapeError, DomainError if lengths differ, a score is not finite, or beta, rate, steps are not positive
 */
export function maxMinWeights(
  logRef: ArrayLike<number>,
  scores: Scores,
  { beta, rate = 1, steps = 500 }: { beta: number; rate?: number; steps?: number },
): MaxMin {
  checkScores("scores", scores);
  checkNumbers("scores[0]", scores[0], logRef.length);
  for (const [name, value] of Object.entries({ rate, steps })) {
    checkPositive(name, value);
  }
  let weights = new Float64Array(scores.length).fill(1 / scores.length);
  let best: MaxMin | undefined;
  for (let step = 0; step < steps; step++) {
    const sum = Float64Array.from(logRef, (_, y) => scores.reduce((s, row, i) => s + weights[i] * row[y], 0));
    const { logProbs } = exactRegularisedOptimum(logRef, sum, beta);
    const values = Float64Array.from(scores, (row) => exactExpectation(logProbs, row));
    const least = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
    // The value of the weights is at least the saddle's; the policy's own worst principle is at most that.
    const gap = Math.max(0, values.reduce((s, value, i) => s + weights[i] * value, 0) - least);
    if (best === undefined || gap < best.gap) best = { weights, logProbs, values, gap };
    const tilted = weights.map((w, i) => w * Math.exp(-rate * (values[i] - least)));
    const total = tilted.reduce((a, b) => a + b, 0);
    weights = tilted.map((w) => w / total);
  }
  return best as MaxMin;
}
