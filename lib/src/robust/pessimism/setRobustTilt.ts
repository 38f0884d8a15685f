import { CholeskyDecomposition, Matrix } from "ml-matrix";
import { checkNonNegative, checkPositive } from "../../core/checks.js";
import { ConvergenceError, complaint, DomainError, ShapeError } from "../../core/index.js";
import { dot } from "../../numerics/dot.js";
import { logSumExp } from "../../numerics/index.js";
import type { Posterior } from "../../preferences/index.js";
import { sparseRows } from "../../rewards/linearReward/sparseRows.js";

export interface SetRobustTilt {
  /** The policy's log-probabilities, [N]. */
  logProbs: Float64Array;
  /** The weights that nature answers with, [d]: the worst of the set for this policy. */
  theta: Float64Array;
  /** min over the set of E_pi r: the reward, above the reference's, that the policy is sure of. */
  guaranteed: number;
  /** KL(policy || reference), nats. */
  kl: number;
}

/**
 * The policy that does best against a set of rewards as a whole, max_pi min_t E_pi r_t - beta KL(pi || ref), for
 * rewards r_t = f't with t in the ellipsoid (t - m)' S^-1 (t - m) <= k^2 and f = phi - E_ref phi. For a policy with
 * M = E_pi f the inner minimum is M'm - k sqrt(M'S M): the deviation of the mean, which is less than the mean of the
 * deviations that `lowerBoundReward` takes off. By minimax it is the tilt towards one member of the set, the one for
 * which beta ln E_ref exp(f't / beta) is least; found by accelerated projected gradients until both sides of the
 * minimax are within `tolerance` (in reward).
 * @throws ShapeError if the sizes do not fit; DomainError unless beta > 0, k >= 0 and S is positive definite;
 *   ConvergenceError after 20,000 steps
 */
export function setRobustTilt(
  features: readonly ArrayLike<number>[],
  posterior: Posterior,
  { k, beta, logRef, tolerance = 1e-6 }: { k: number; beta: number; logRef: ArrayLike<number>; tolerance?: number },
): SetRobustTilt {
  checkNonNegative("k", k);
  checkPositive("beta", beta);
  const lower = lowerOf(posterior);
  const tilt = tilter(features, logRef, beta);
  const d = lower.length;
  const thetaOf = (u: Float64Array) => Float64Array.from(posterior.mean, (m, i) => m + k * dot(lower[i], u));
  let u: Float64Array = new Float64Array(d);
  let ahead: Float64Array = u;
  let pace = 1;
  let size = beta; // of a step; backtracking finds its own
  for (let step = 0; step < 20_000; step++) {
    const here = tilt(thetaOf(ahead));
    const moments = here.moments();
    const slope = new Float64Array(d);
    for (let i = 0; i < d; i++) for (let j = 0; j <= i; j++) slope[j] += k * lower[i][j] * moments[i];
    // M'm - k sqrt(M'SM): what the policy is sure of. Its objective is below the optimum, the tilt's own above.
    const guaranteed = dot(moments, posterior.mean) - Math.sqrt(dot(slope, slope));
    const kl = here.kl(moments);
    if (here.value - (guaranteed - beta * kl) <= tolerance) {
      return { logProbs: here.logProbs(), theta: thetaOf(ahead), guaranteed, kl };
    }
    let next: Float64Array = u;
    for (let halvings = 0; halvings < 60; halvings++, size /= 2) {
      next = ontoBall(ahead.map((x, j) => x - size * slope[j]));
      const move = next.map((x, j) => x - ahead[j]);
      const limit = here.value + dot(slope, move) + dot(move, move) / (2 * size);
      if (tilt(thetaOf(next)).value <= limit + 1e-13 * (1 + Math.abs(limit))) break;
    }
    const restart =
      dot(
        slope,
        next.map((x, j) => x - u[j]),
      ) > 0;
    const nextPace = restart ? 1 : (1 + Math.sqrt(1 + 4 * pace * pace)) / 2;
    const push = restart ? 0 : (pace - 1) / nextPace;
    ahead = next.map((x, j) => x + push * (x - u[j]));
    [u, pace, size] = [next, nextPace, size * 1.2];
  }
  throw new ConvergenceError("setRobustTilt: 20,000 steps did not close the gap. Take a larger beta or tolerance");
}

/** The lower Cholesky factor of the covariance, its rows. */
function lowerOf({ mean, covariance }: Posterior): Float64Array[] {
  if (mean.length !== covariance.length) {
    throw new ShapeError(complaint("mean", `${covariance.length} numbers, as the covariance has`, mean));
  }
  const symmetric = covariance.map((row, i) => Array.from(row, (value, j) => (value + covariance[j][i]) / 2));
  const cholesky = new CholeskyDecomposition(new Matrix(symmetric));
  if (!cholesky.isPositiveDefinite()) {
    throw new DomainError(complaint("covariance", "a positive definite matrix", covariance));
  }
  return cholesky.lowerTriangularMatrix.to2DArray().map((row) => Float64Array.from(row));
}

/** What a tilt is like: beta ln E_ref exp(f't / beta), E_pi f and the KL. Features of a text are mostly 0. */
function tilter(features: readonly ArrayLike<number>[], logRef: ArrayLike<number>, beta: number) {
  const N = features.length;
  if (logRef.length !== N) throw new ShapeError(complaint("logRef", `${N} numbers, one per outcome`, logRef));
  const middle = new Float64Array(features[0].length);
  const { start, column, value } = sparseRows(flat(features, middle.length), middle.length);
  const moments = (logProbs: ArrayLike<number>, logZ: number) => {
    const out = new Float64Array(middle.length);
    for (let y = 0; y < N; y++) {
      const p = Math.exp(logProbs[y] - logZ);
      for (let e = start[y]; e < start[y + 1]; e++) out[column[e]] += p * value[e];
    }
    return out;
  };
  middle.set(moments(logRef, logSumExp(logRef)));
  return (theta: Float64Array) => {
    const zero = dot(theta, middle);
    const scores = new Float64Array(N);
    for (let y = 0; y < N; y++) {
      let reward = -zero;
      for (let e = start[y]; e < start[y + 1]; e++) reward += theta[column[e]] * value[e];
      scores[y] = logRef[y] + reward / beta;
    }
    const logZ = logSumExp(scores);
    return {
      value: beta * logZ,
      // Backtracking asks for the value alone.
      moments: () => moments(scores, logZ).map((m, j) => m - middle[j]),
      kl: (centred: Float64Array) => Math.max(0, dot(theta, centred) / beta - logZ),
      logProbs: () => scores.map((score) => score - logZ),
    };
  };
}

/** Row-major. */
function flat(rows: readonly ArrayLike<number>[], width: number): Float64Array {
  const out = new Float64Array(rows.length * width);
  for (let y = 0; y < rows.length; y++) out.set(rows[y], y * width);
  return out;
}

/** The nearest point of the unit ball. */
function ontoBall(u: Float64Array): Float64Array {
  const length = Math.sqrt(dot(u, u));
  return length <= 1 ? u : u.map((x) => x / length);
}
