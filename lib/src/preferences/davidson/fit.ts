import { Matrix } from "ml-matrix";
import { ConvergenceError } from "../../core/index.js";
import { inversePositiveDefinite, newton } from "../../numerics/index.js";
import { fit as fitBradleyTerry } from "../bradleyTerry/fit.js";
import { fixGauge, type Gauge, gaugeCovariance } from "../bradleyTerry/gauge.js";
import { standardErrors } from "../bradleyTerry/uncertainty.js";
import { type Comparisons, mergeComparisons } from "../comparisons.js";
import { totalWeight } from "../weights.js";
import { requireFiniteEstimate } from "./existence.js";
import { gradient, information, logLikelihood } from "./likelihood.js";

export interface DavidsonFit {
  /** Abilities in nats, [n], in the gauge asked for. */
  theta: number[];
  /** The strength of ties; equals tie with probability nu / (2 + nu). */
  nu: number;
  logLikelihood: number;
  iterations: number;
  /** One per item, [n], in nats, in the same gauge. */
  standardErrors: number[];
}

/**
 * The maximum-likelihood abilities and tie strength, by Newton's method on (theta, log nu), where the log-likelihood is
 * concave. Without any tie nu is 0, and this is Bradley-Terry.
 * @throws ConvergenceError if there is no finite estimate; ShapeError if wins and ties disagree on the number of items
 */
export function fit(wins: Comparisons, ties: Comparisons, options: { gauge?: Gauge } = {}): DavidsonFit {
  const { gauge = "sum-zero" } = options;
  const n = wins.items;
  const weight = totalWeight(wins) + totalWeight(ties);
  const [won, tied] = [mergeComparisons(wins), mergeComparisons(ties)];
  // Read once for its shape check.
  logLikelihood(new Float64Array(n), 1, won, tied);
  if (tied.winner.length === 0) {
    const { theta, ...found } = fitBradleyTerry(won, { gauge });
    return { ...found, theta, nu: 0, standardErrors: standardErrors(theta, won, { gauge }) };
  }
  requireFiniteEstimate(won, tied);

  const found = newton(
    {
      value: (at) => logLikelihood(at.subarray(0, n), Math.exp(at[n]), won, tied),
      gradient: (at) => gradient(at.subarray(0, n), Math.exp(at[n]), won, tied),
      curvature: (at) => curvature(at, won, tied),
    },
    new Float64Array(n + 1),
    { weight },
  );
  const spread = inversePositiveDefinite(curvature(found.at, won, tied));
  if (spread === undefined || found.ranAway || found.singular) {
    throw new ConvergenceError(
      "Davidson: some ability is known so much less than others that its error cannot be told from infinity. Compare the " +
        "items more evenly",
    );
  }
  const covariance = gaugeCovariance(spread.subMatrix(0, n - 1, 0, n - 1).to2DArray(), gauge);
  return {
    theta: fixGauge(found.at.subarray(0, n), gauge),
    nu: Math.exp(found.at[n]),
    logLikelihood: found.value,
    iterations: found.iterations,
    standardErrors: covariance.map((row, i) => Math.sqrt(Math.max(row[i], 0))),
  };
}

/** The information, with a curvature of its own for the flat direction (1, ..., 1, 0). */
function curvature(at: Float64Array, wins: Comparisons, ties: Comparisons): Matrix {
  const n = wins.items;
  const matrix = information(at.subarray(0, n), Math.exp(at[n]), wins, ties);
  const bend = matrix.reduce((sum, row, i) => sum + row[i], 0) / (n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) matrix[i][j] += bend;
  return new Matrix(matrix);
}
