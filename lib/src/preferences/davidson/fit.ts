import { Matrix } from "ml-matrix";
import { ConvergenceError } from "../../core/index.js";
import { inversePositiveDefinite, newton } from "../../numerics/index.js";
import { requireFiniteEstimate } from "../bradleyTerry/existence.js";
import { fit as fitBradleyTerry } from "../bradleyTerry/fit.js";
import { fixGauge, type Gauge, gaugeCovariance } from "../bradleyTerry/gauge.js";
import { standardErrors } from "../bradleyTerry/uncertainty.js";
import { type Comparisons, mergeComparisons } from "../comparisons.js";
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
 * The maximum-likelihood abilities and tie strength, by Newton's method on (theta, log nu), where the log-likelihood is concave.
 * Without any tie nu is 0, and this is Bradley-Terry.
 * @throws ConvergenceError if there is no finite estimate; ShapeError if wins and ties disagree on the number of items
 */
export function fit(wins: Comparisons, ties: Comparisons, options: { gauge?: Gauge } = {}): DavidsonFit {
  const { gauge = "sum-zero" } = options;
  const n = wins.items;
  const [won, tied] = [mergeComparisons(wins), mergeComparisons(ties)];
  // Read once for its shape check.
  logLikelihood(new Float64Array(n), 1, won, tied);
  if (tied.winner.length === 0) {
    const { theta, ...found } = fitBradleyTerry(won, { gauge });
    return { ...found, theta, nu: 0, standardErrors: standardErrors(theta, won, { gauge }) };
  }
  if (won.winner.length === 0) {
    throw new ConvergenceError(
      "Davidson: every comparison is a tie, so the strength of ties grows without end. Add a decided one",
    );
  }
  requireFiniteEstimate(asGraph(won, tied));

  const found = newton(
    {
      value: (at) => logLikelihood(at.subarray(0, n), Math.exp(at[n]), won, tied),
      gradient: (at) => gradient(at.subarray(0, n), Math.exp(at[n]), won, tied),
      curvature: (at) => curvature(at, won, tied),
    },
    new Float64Array(n + 1),
  );
  // A tie bounds differences only relative to nu: some data pass the graph test and still run away together with nu, to where
  // nothing bends any more.
  const spread = inversePositiveDefinite(curvature(found.at, won, tied));
  if (spread === undefined || spread.diagonal().some((variance) => !(variance < 1e6))) {
    throw new ConvergenceError(
      "Davidson: abilities and the strength of ties grow without end together, because the wins alone form no cycle. " +
        "Compare the items more, or count a tie as half a win for each and use bradleyTerry.fit",
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

/** A tie holds two items together from both sides. */
function asGraph(wins: Comparisons, ties: Comparisons): Comparisons {
  const join = (...parts: Int32Array[]) => Int32Array.from(parts.flatMap((part) => [...part]));
  return {
    ...wins,
    winner: join(wins.winner, ties.winner, ties.loser),
    loser: join(wins.loser, ties.loser, ties.winner),
    weight: new Float64Array(wins.winner.length + 2 * ties.winner.length).fill(1),
  };
}
