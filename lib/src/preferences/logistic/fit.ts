import { Matrix } from "ml-matrix";
import { ConvergenceError, DomainError } from "../../core/index.js";
import { inversePositiveDefinite, newton } from "../../numerics/index.js";
import { totalWeight } from "../weights.js";
import { type Design, designGradient, designInformation, designLogLikelihood } from "./design.js";

export interface DesignFitOptions {
  /** What the columns are called in errors. */
  name: (column: number) => string;
  /** What to do when the data do not suffice, for errors. */
  cure: string;
  /** [columns] the precision (1 / variance) of a Gaussian prior around 0 on each coefficient. */
  precision?: Float64Array;
  /** A direction, [columns], in which the likelihood is flat by nature; the answer does not move along it. */
  flat?: Float64Array;
  tolerance?: number;
  iterations?: number;
}

export interface DesignFit {
  w: Float64Array;
  logLikelihood: number;
  iterations: number;
  gradientNorm: number;
  /** The inverse of the information (and the prior's precision) at w, [columns, columns]. */
  covariance: Matrix;
}

/**
 * The maximum-likelihood coefficients of a design, with `precision` the most probable ones, by Newton's method.
 * @throws DomainError if the columns are not independent; ConvergenceError if a coefficient runs off to infinity
 */
export function fitDesign(design: Design, options: DesignFitOptions): DesignFit {
  const { precision, name, cure, flat, tolerance, iterations } = options;
  const bend = (w: ArrayLike<number>) => {
    const matrix = designInformation(design, w);
    if (precision) for (let c = 0; c < design.columns; c++) matrix.set(c, c, matrix.get(c, c) + precision[c]);
    if (!flat) return matrix;
    const column = Matrix.columnVector(flat);
    return matrix.add(
      column.mmul(column.transpose()).mul(Math.max(matrix.trace(), Number.MIN_VALUE) / flat.length ** 2),
    );
  };
  requireIndependent(bend(new Float64Array(design.columns)), name, cure);
  const unit = unitsOf(design);
  const penalty = (w: Float64Array) => (precision ? w.reduce((sum, x, c) => sum + (precision[c] * x * x) / 2, 0) : 0);
  const objective = {
    value: (w: Float64Array) => designLogLikelihood(design, w) - penalty(w),
    gradient: (w: Float64Array) =>
      designGradient(design, w).map((slope, c) => slope - (precision ? precision[c] * w[c] : 0)),
    curvature: bend,
  };
  const start = new Float64Array(design.columns);
  const found = newton(objective, start, { tolerance, unit, weight: totalWeight(design), iterations });
  const covariance = inversePositiveDefinite(bend(found.at));
  if (covariance === undefined || found.ranAway || found.singular) throw runaway(found.at, unit, name, cure);
  return {
    w: found.at,
    logLikelihood: designLogLikelihood(design, found.at),
    iterations: found.iterations,
    gradientNorm: found.gradientNorm,
    covariance,
  };
}

/** Cholesky's pivots on the scale of correlations: one near 0 says that a column is made of those before it. */
function requireIndependent(matrix: Matrix, name: DesignFitOptions["name"], cure: string): void {
  const n = matrix.rows;
  const lower = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const own = matrix.get(i, i);
    if (!(own > 0)) {
      throw new DomainError(
        `${name(i)} is the same on both sides of every comparison, so nothing is known of it. ${cure}`,
      );
    }
    for (let j = 0; j <= i; j++) {
      let sum = matrix.get(i, j) / Math.sqrt(own * matrix.get(j, j));
      for (let k = 0; k < j; k++) sum -= lower[i * n + k] * lower[j * n + k];
      if (j < i) lower[i * n + j] = sum / lower[j * n + j];
      else if (sum > 1e-10) lower[i * n + i] = Math.sqrt(sum);
      else
        throw new DomainError(
          `${name(i)} follows from the others in every comparison, so they cannot be told apart. ${cure}`,
        );
    }
  }
}

/** [columns] the change of each coefficient that moves some row's log-odds by 1 nat, and no other by more. */
function unitsOf(design: Design): Float64Array {
  const reach = new Float64Array(design.columns);
  for (let e = 0; e < design.column.length; e++) {
    reach[design.column[e]] = Math.max(reach[design.column[e]], Math.abs(design.value[e]));
  }
  return reach.map((most) => (most > 0 ? 1 / most : 1));
}

/**
 * Where the data can be separated, the likelihood grows without end along a line. Names the
 * coefficient that has gone furthest.
 */
function runaway(w: Float64Array, unit: Float64Array, name: DesignFitOptions["name"], cure: string): ConvergenceError {
  let worst = 0;
  for (let c = 1; c < w.length; c++) if (Math.abs(w[c] / unit[c]) > Math.abs(w[worst] / unit[worst])) worst = c;
  return new ConvergenceError(
    `${name(worst)} predicts the winner without a mistake (alone or with others), so its coefficient grows without end. ${cure}`,
  );
}
