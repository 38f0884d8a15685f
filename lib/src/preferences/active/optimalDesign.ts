import { sigmoid } from "../../numerics/index.js";
import type { Posterior } from "../posterior/index.js";
import { logOddsOf } from "./gaussian.js";

/**
 * D-optimality: by how much one answer shrinks the volume of a Gaussian posterior, in nats of its entropy:
 * 1/2 log det(S^-1 + v x x') - 1/2 log det(S^-1) = 1/2 log(1 + v x'Sx), where v = p (1 - p) is the Fisher information
 * that an answer carries about its log-odds, at the posterior mean. Chaloner and Verdinelli 1995; for human feedback
 * Das et al. 2024, arXiv:2402.10500, and Mukherjee et al. 2024, arXiv:2404.13895.
 * For small x'Sx it agrees with the information gain; for a large one it can exceed ln 2, which no yes or no can tell.
 * @throws ShapeError, DomainError as `logOddsOf`
 */
export function dOptimalGain(posterior: Posterior, x: ArrayLike<number>): number {
  const { mean, variance } = logOddsOf(posterior, x);
  return Math.log1p(fisher(mean) * variance) / 2;
}

/**
 * A-optimality: by how much one answer shrinks the sum of the variances, trace S - trace S' = v |Sx|^2 / (1 + v x'Sx),
 * in the unit of w squared. Unlike D-optimality it depends on the units of the features. Chaloner and Verdinelli 1995.
 * @throws as `dOptimalGain`
 */
export function aOptimalGain(posterior: Posterior, x: ArrayLike<number>): number {
  const { mean, variance } = logOddsOf(posterior, x);
  const v = fisher(mean);
  const reach = alongQuestion(posterior, x).reduce((sum, value) => sum + value * value, 0);
  return (v * reach) / (1 + v * variance);
}

/**
 * The posterior after one more answer to x, whatever the answer, as far as its width goes: S' = S - v
 * (Sx)(Sx)' / (1 + v x'Sx), by Sherman and Morrison. The mean stays, because nobody has answered yet.
 * @throws as `dOptimalGain`
 */
export function afterAsking(posterior: Posterior, x: ArrayLike<number>): Posterior {
  const { mean, variance } = logOddsOf(posterior, x);
  const v = fisher(mean);
  const along = alongQuestion(posterior, x);
  return {
    mean: posterior.mean,
    covariance: posterior.covariance.map((row, i) =>
      row.map((value, j) => value - (v * along[i] * along[j]) / (1 + v * variance)),
    ),
  };
}

/** p (1 - p) at log-odds z. */
function fisher(z: number): number {
  return sigmoid(z) * sigmoid(-z);
}

/** S x, [d]. */
function alongQuestion({ covariance }: Posterior, x: ArrayLike<number>): number[] {
  return covariance.map((row) => row.reduce((sum, value, j) => sum + value * x[j], 0));
}
