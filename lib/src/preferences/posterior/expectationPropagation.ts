import { CholeskyDecomposition, Matrix } from "ml-matrix";
import { ConvergenceError, InterruptError, notebookHost } from "../../core/index.js";
import { inversePositiveDefinite } from "../../numerics/index.js";
import type { Comparisons } from "../comparisons.js";
import type { Design } from "../logistic/design.js";
import { type Posterior, type PosteriorOptions, posteriorDesign } from "./posterior.js";
import { tilted } from "./tilted.js";

export interface EpOptions extends PosteriorOptions {
  /**
   * Stop when no factor changes the posterior by more in a sweep: its mean along the comparison, in standard
   * deviations, and its precision there, as a share. Default 1e-9.
   */
  tolerance?: number;
  /** Default 500 sweeps. */
  iterations?: number;
}

/**
 * Expectation propagation for Bradley-Terry under a Gaussian prior: every comparison is replaced by a Gaussian factor
 * such that, one by one, the true factor in place of its Gaussian would leave the posterior's mean and variance along
 * the comparison as they are (Minka 2001; Chu and Ghahramani 2005 for pairs). Usually much nearer to the true mean and
 * covariance than Laplace. A row of weight n stands for n equal factors; the part of a weight below 1 is a power of the
 * likelihood. Every row of every sweep changes the whole covariance: time rows times n^2, a third of a second for 100
 * items and 1,000 rows, two for 200 and 2,000, twenty for 400 and 4,000. Beyond that take `laplacePosterior`.
 * Moments are integrated to 12 digits, where choix and GPML mix five probits (1e-4).
 * @throws DomainError unless deviation > 0; ConvergenceError when the sweeps run out
 */
export function epPosterior(data: Comparisons, options: EpOptions): Posterior {
  const { tolerance = 1e-9, iterations = 500, deviation } = options;
  const design = posteriorDesign(data, options);
  const rows = design.weight.length;
  // Natural parameters of one factor of each row, along the row: precision and precision * mean.
  const tau = new Float64Array(rows);
  const nu = new Float64Array(rows);
  let state = refresh(design, tau, nu, deviation);
  let moved = 0;
  for (let sweep = 0; sweep < iterations; sweep++) {
    if (notebookHost()?.interrupt.aborted) throw new InterruptError("expectation propagation: interrupted");
    // Full steps circle now and then on rows of great weight; smaller ones do not.
    const pace = sweep < 50 ? 1 : 0.5;
    moved = 0;
    for (let k = 0; k < rows; k++) {
      const power = Math.min(design.weight[k], 1);
      const copies = design.weight[k] / power;
      const along = project(design, k, state);
      const precision = 1 / along.variance - tau[k];
      const cavity = { mean: (along.mean / along.variance - nu[k]) / precision, variance: 1 / precision };
      if (!(precision > 0)) continue;
      const wanted = tilted(cavity.mean, cavity.variance, power);
      // From derivatives, not as the difference of two precisions: a factor among many changes the
      // last digits of the whole.
      const newTau = Math.max(wanted.bend / (1 - cavity.variance * wanted.bend), 0);
      const changeTau = pace * (newTau - tau[k]);
      const changeNu = pace * (wanted.slope + newTau * (cavity.mean + cavity.variance * wanted.slope) - nu[k]);
      tau[k] += changeTau;
      nu[k] += changeNu;
      const narrowed = copies * changeTau * along.variance;
      const shifted = copies * (changeNu - changeTau * along.mean) * Math.sqrt(along.variance);
      moved = Math.max(moved, Math.abs(narrowed), Math.abs(shifted));
      update(state, along, copies * changeTau, copies * changeNu);
    }
    state = refresh(design, tau, nu, deviation);
    if (moved <= tolerance) return { mean: [...state.mean], covariance: state.covariance.to2DArray() };
  }
  throw new ConvergenceError(
    `expectation propagation: factors still move the posterior by ${moved.toPrecision(2)} after ${iterations} sweeps (tolerance ${tolerance}). ` +
      "Allow more iterations or loosen the tolerance",
  );
}

interface State {
  mean: Float64Array;
  covariance: Matrix;
}

/** The posterior from all factors at once, free of what rounding the updates have gathered. */
function refresh(design: Design, tau: Float64Array, nu: Float64Array, deviation: number): State {
  const d = design.columns;
  const precision = Matrix.eye(d, d, 1 / deviation ** 2);
  const pull = new Float64Array(d);
  for (let k = 0; k < tau.length; k++) {
    const copies = Math.max(design.weight[k], 1);
    for (let a = design.start[k]; a < design.start[k + 1]; a++) {
      pull[design.column[a]] += copies * nu[k] * design.value[a];
      for (let b = design.start[k]; b < design.start[k + 1]; b++) {
        const [i, j] = [design.column[a], design.column[b]];
        precision.set(i, j, precision.get(i, j) + copies * tau[k] * (design.value[a] * design.value[b]));
      }
    }
  }
  // Solved rather than multiplied by the inverse: of many answers the pulls are large and cancel.
  const cholesky = new CholeskyDecomposition(precision);
  const mean = cholesky.solve(Matrix.columnVector(pull));
  return { covariance: inversePositiveDefinite(precision)!, mean: Float64Array.from(mean.to1DArray()) };
}

/** Mean and variance of row k's log-odds, and the covariance of every parameter with them. */
function project(design: Design, k: number, { mean, covariance }: State) {
  const shared = new Float64Array(design.columns);
  let [centre, variance] = [0, 0];
  for (let e = design.start[k]; e < design.start[k + 1]; e++) {
    const [c, x] = [design.column[e], design.value[e]];
    centre += x * mean[c];
    for (let i = 0; i < shared.length; i++) shared[i] += x * covariance.get(i, c);
  }
  for (let e = design.start[k]; e < design.start[k + 1]; e++) variance += design.value[e] * shared[design.column[e]];
  return { mean: centre, variance, shared };
}

/** A factor changed along one row: the inverse by Sherman and Morrison. */
function update(state: State, along: ReturnType<typeof project>, tau: number, nu: number): void {
  const { shared, mean, variance } = along;
  const shrink = 1 / (1 + tau * variance);
  for (let i = 0; i < shared.length; i++) {
    state.mean[i] += shared[i] * shrink * (nu - tau * mean);
    for (let j = 0; j < shared.length; j++) {
      state.covariance.set(i, j, state.covariance.get(i, j) - tau * shrink * shared[i] * shared[j]);
    }
  }
}
