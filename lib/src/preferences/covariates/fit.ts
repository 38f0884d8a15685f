import { checkFinite, checkNonNegative } from "../../core/checks.js";
import { complaint, DomainError, ShapeError } from "../../core/index.js";
import { normalInterval } from "../../numerics/index.js";
import { type Comparisons, mergeComparisons } from "../comparisons.js";
import { type Design, designFromRows } from "../logistic/design.js";
import { fitDesign } from "../logistic/fit.js";
import { totalWeight } from "../weights.js";

export interface CovariateOptions {
  /**
   * lambda of the penalty (lambda / 2) |w|^2: a Gaussian prior of variance 1 / lambda on each coefficient. Default 0.
   */
  ridge?: number;
  /** What the features are called, for errors. */
  featureNames?: readonly string[];
  tolerance?: number;
  iterations?: number;
}

export interface CovariateFit {
  /** [features] in nats per unit of the feature. */
  w: number[];
  /** [items] theta = X w, in nats; as in every such model only differences mean something. */
  theta: number[];
  logLikelihood: number;
  iterations: number;
  /** The largest component of the gradient (of the penalised log-likelihood), in size. */
  gradientNorm: number;
  /** [features, features], the inverse of the (penalised) information. */
  covariance: number[][];
  /** [features] */
  standardErrors: number[];
}

/**
 * Bradley-Terry with abilities that follow from features, theta = X w: logistic regression of who won on the difference
 * of the two items' features, without an intercept. It carries over to items that were never compared.
 * `features` is [items, features].
 * @throws ShapeError, DomainError for features of another shape, not finite, or not independent; ConvergenceError where
 *   they predict the winners without a mistake, unless there is a ridge
 */
export function fit(
  data: Comparisons,
  features: ReadonlyArray<ArrayLike<number>>,
  options: CovariateOptions = {},
): CovariateFit {
  const { ridge = 0, featureNames, tolerance, iterations } = options;
  checkNonNegative("ridge", ridge);
  const design = featureDesign(data, features);
  if (data.weight.every((weight) => weight === 0) && ridge === 0) {
    throw new DomainError("covariates: there are no comparisons, so nothing is known. Add some, or give { ridge: 1 }");
  }
  const found = fitDesign(design, {
    name: (column) => `covariates: feature ${featureNames?.[column] ?? column}`,
    cure: "Leave it out, compare other items, or give { ridge: 1 }",
    ...(ridge > 0 && { precision: new Float64Array(design.columns).fill(ridge) }),
    tolerance,
    iterations,
  });
  return {
    w: [...found.w],
    theta: features.map((row) => found.w.reduce((sum, weight, c) => sum + weight * row[c], 0)),
    logLikelihood: found.logLikelihood,
    iterations: found.iterations,
    gradientNorm: found.gradientNorm,
    covariance: found.covariance.to2DArray(),
    standardErrors: found.covariance.diagonal().map(Math.sqrt),
  };
}

/** Normal (Wald) intervals w +- z * error that each cover with probability `level`. */
export function intervals(found: CovariateFit, level = 0.95): { low: number; high: number }[] {
  return found.w.map((weight, c) => normalInterval(weight, found.standardErrors[c], level));
}

/** Winner's features less the loser's, one row for each different pair and outcome. */
export function featureDesign(data: Comparisons, features: ReadonlyArray<ArrayLike<number>>): Design {
  if (features.length !== data.items) {
    throw new ShapeError(complaint("features", `${data.items} rows, one for each item`, features));
  }
  const columns = features[0]?.length ?? 0;
  features.forEach((row, i) => {
    if (row.length !== columns || columns === 0) {
      throw new ShapeError(complaint(`features of item ${i}`, `${columns || "some"} numbers, as for item 0`, row));
    }
    for (let c = 0; c < columns; c++) {
      checkFinite(`features[${i}][${c}]`, row[c]);
    }
  });
  totalWeight(data); // checks it
  const { winner, loser, weight } = mergeComparisons(data);
  return designFromRows(
    columns,
    Array.from(winner, (won, k) => ({
      weight: weight[k],
      entries: Array.from(features[won], (x, c) => [c, x - features[loser[k]][c]] as const),
    })),
  );
}
