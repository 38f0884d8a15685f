import { Matrix } from "ml-matrix";
import { complaint, DomainError, ShapeError } from "../../core/index.js";
import { dot } from "../../numerics/dot.js";
import { inversePositiveDefinite } from "../../numerics/index.js";

/**
 * How unsure a linear reward is of each outcome, [N]: sqrt((f - f0)' H^-1 (f - f0)), the standard deviation of
 * theta . (f - f0) where theta's posterior is normal with precision H [d, d] (Laplace's approximation: H is the
 * Hessian of the whole loss, summed over comparisons, prior included). `features` [N][d]; f0 is the mean under
 * `centre`, log-probabilities of the reference: only differences of rewards are known, so an outcome is compared with
 * what the reference writes.
 * @throws ShapeError if the sizes do not fit; DomainError if H is not positive definite
 */
export function posteriorSd(
  features: readonly ArrayLike<number>[],
  hessian: Matrix | readonly ArrayLike<number>[],
  options: { readonly centre?: ArrayLike<number> } = {},
): Float64Array {
  const H = Matrix.isMatrix(hessian)
    ? hessian
    : new Matrix(Array.from(hessian as number[][], (row) => Array.from(row)));
  const d = H.rows;
  if (H.columns !== d) throw new ShapeError(complaint("hessian", "a square matrix", hessian));
  const inverse = inversePositiveDefinite(H)?.to2DArray();
  if (inverse === undefined) {
    const hint = "A prior (l2 above 0) makes it so";
    throw new DomainError(complaint("hessian", "a positive definite matrix", hessian, hint));
  }
  return covarianceSd(features, inverse, options);
}

/**
 * `posteriorSd` from the posterior's covariance S [d, d] in place of its precision: sqrt((f - f0)' S (f - f0)), [N].
 * @throws ShapeError if the sizes do not fit
 */
export function covarianceSd(
  features: readonly ArrayLike<number>[],
  covariance: readonly ArrayLike<number>[],
  { centre }: { readonly centre?: ArrayLike<number> } = {},
): Float64Array {
  checkSizes(features, covariance, centre);
  const d = covariance.length;
  const middle = new Float64Array(d);
  if (centre !== undefined) {
    for (let y = 0; y < features.length; y++) {
      const [f, p] = [features[y], Math.exp(centre[y])];
      for (let j = 0; j < d; j++) middle[j] += p * f[j];
    }
  }
  // (f - f0)' S (f - f0) = f' S f - 2 f' S f0 + f0' S f0: most features of a text are 0, those of the mean are not.
  const towards = covariance.map((row) => dot(row, middle));
  const constant = dot(towards, middle);
  const on = new Int32Array(d);
  const out = new Float64Array(features.length);
  for (let y = 0; y < out.length; y++) {
    const f = features[y];
    let count = 0;
    for (let j = 0; j < d; j++) if (f[j] !== 0) on[count++] = j;
    let square = constant;
    for (let a = 0; a < count; a++) {
      const row = covariance[on[a]];
      let sum = -2 * towards[on[a]];
      for (let b = 0; b < count; b++) sum += row[on[b]] * f[on[b]];
      square += f[on[a]] * sum;
    }
    out[y] = Math.sqrt(Math.max(0, square));
  }
  return out;
}

/** @throws ShapeError unless S is square, features are as wide, and the centre has a number for each outcome */
export function checkSizes(
  features: readonly ArrayLike<number>[],
  covariance: readonly ArrayLike<number>[],
  centre?: ArrayLike<number>,
): void {
  const d = covariance.length;
  const bent = covariance.findIndex((row) => row.length !== d);
  if (bent >= 0) throw new ShapeError(complaint(`covariance[${bent}]`, `${d} numbers`, covariance[bent]));
  const wrong = features.findIndex((f) => f.length !== d);
  if (wrong >= 0) throw new ShapeError(complaint(`features[${wrong}]`, `${d} numbers`, features[wrong]));
  if (centre !== undefined && centre.length !== features.length) {
    throw new ShapeError(complaint("centre", `${features.length} numbers, one per outcome`, centre));
  }
}
