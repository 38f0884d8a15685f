import { CholeskyDecomposition, Matrix } from "ml-matrix";
import { checkCount } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import { lbfgs, type ValueAndGradient } from "../../numerics/index.js";
import type { Posterior } from "../../preferences/index.js";
import { type Key, normal } from "../../random/index.js";

export interface VariationalOptions {
  /** A full covariance; false (mean field): a diagonal one. Default true. */
  full?: boolean;
  /** Draws that the expectation is taken over, an even number; default 256. */
  draws?: number;
}

/**
 * Variational inference: the Gaussian q = N(m, L L') that maximises the evidence lower bound, E_q log p + H(q), that is
 * minimises KL(q || p). The expectation is a mean over fixed draws m + L z, symmetric and scaled to covariance I, so
 * that a p that is Gaussian comes back exactly (with `full: false`, its diagonal precision: too narrow wherever
 * parameters hang together). Maximised by L-BFGS from N(start, I). (Jordan et al. 1999; Kucukelbir et al. 2017,
 * arXiv:1603.00788; fixed draws as Giordano et al. 2024, arXiv:2304.05527.)
 * @throws DomainError unless `draws` is even and at least 4 d; what `lbfgs` throws
 */
export function variationalGaussian(
  key: Key,
  logDensity: ValueAndGradient,
  start: ArrayLike<number>,
  { full = true, draws = 256 }: VariationalOptions = {},
): Posterior {
  const d = start.length;
  checkCount("draws", draws, 4 * d);
  if (draws % 2 === 1) throw new DomainError(complaint("draws", "an even number", draws));
  const z = whiteDraws(key, draws, d);
  /** [row, column] of every entry below the diagonal that is free. */
  const below = full ? Array.from({ length: d }, (_, i) => Array.from({ length: i }, (_, j) => [i, j])).flat() : [];
  const lowerOf = (at: ArrayLike<number>) => {
    const lower = Array.from({ length: d }, () => new Float64Array(d));
    for (let i = 0; i < d; i++) lower[i][i] = Math.exp(at[d + i]);
    below.forEach(([i, j], e) => {
      lower[i][j] = at[2 * d + e];
    });
    return lower;
  };
  const bound: ValueAndGradient = (at, gradient) => {
    const lower = lowerOf(at);
    const [point, slope] = [new Float64Array(d), new Float64Array(d)];
    gradient.fill(0);
    let value = 0;
    for (const draw of z) {
      for (let i = 0; i < d; i++) {
        point[i] = at[i];
        for (let j = 0; j <= i; j++) point[i] += lower[i][j] * draw[j];
      }
      value += logDensity(point, slope) / draws;
      for (let i = 0; i < d; i++) {
        gradient[i] += slope[i] / draws;
        gradient[d + i] += (slope[i] * draw[i] * lower[i][i]) / draws;
      }
      below.forEach(([i, j], e) => {
        gradient[2 * d + e] += (slope[i] * draw[j]) / draws;
      });
    }
    for (let i = 0; i < d; i++) {
      value += at[d + i];
      gradient[d + i] += 1;
    }
    return value;
  };
  const from = new Float64Array(2 * d + below.length);
  from.set(Float64Array.from(start));
  const { at } = lbfgs(bound, from, { tolerance: 1e-7 });
  const lower = new Matrix(lowerOf(at).map((row) => [...row]));
  return { mean: [...at.slice(0, d)], covariance: lower.mmul(lower.transpose()).to2DArray() };
}

/** n draws [n][d] of mean 0 and covariance I, both exactly. */
function whiteDraws(key: Key, n: number, d: number): Float64Array[] {
  const raw = normal(key, (n / 2) * d);
  const half = Array.from({ length: n / 2 }, (_, k) => raw.slice(k * d, (k + 1) * d));
  const covariance = Matrix.zeros(d, d);
  for (const draw of half) {
    for (let i = 0; i < d; i++) {
      for (let j = 0; j < d; j++) covariance.set(i, j, covariance.get(i, j) + (2 * draw[i] * draw[j]) / n);
    }
  }
  const { lowerTriangularMatrix: lower } = new CholeskyDecomposition(covariance);
  const white = half.map((draw) => {
    // Forward substitution: lower x = draw.
    const x = new Float64Array(d);
    for (let i = 0; i < d; i++) {
      let rest = draw[i];
      for (let j = 0; j < i; j++) rest -= lower.get(i, j) * x[j];
      x[i] = rest / lower.get(i, i);
    }
    return x;
  });
  return [...white, ...white.map((draw) => draw.map((x) => -x))];
}
