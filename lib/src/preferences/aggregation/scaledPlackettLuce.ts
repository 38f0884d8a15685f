import { checkPositive } from "../../core/checks.js";
import { complaint, DomainError, ShapeError } from "../../core/index.js";
import { lbfgs } from "../../numerics/index.js";
import { gradient as rankingGradient, logLikelihood as rankingLogLikelihood } from "../plackettLuce/likelihood.js";
import type { Rankings } from "../rankings.js";
import { requireData } from "../weights.js";
import type { ScaledFit, ScaledOptions } from "./scaledBradleyTerry.js";
import { inUnitSharpness } from "./unitSharpness.js";

/**
 * The log-likelihood of rankings by labelers who differ in sharpness, in nats: labeler k ranks by Plackett-Luce at
 * abilities alpha_k theta. `labeler[r]` says who gave ranking r. Writes both gradients where asked.
 * @throws ShapeError for another number of abilities or labelers; DomainError for a labeler out of range
 */
export function scaledRankingLogLikelihood(
  theta: ArrayLike<number>,
  alpha: ArrayLike<number>,
  rankings: Rankings,
  labeler: ArrayLike<number>,
  gradients?: { theta: Float64Array; alpha: Float64Array },
): number {
  return pooledLogLikelihood(theta, alpha, byLabeler(rankings, labeler, alpha.length), gradients);
}

/**
 * Pools several labelers' rankings, full, partial or top-1: abilities and one sharpness per labeler that are most
 * probable together. With all sharpness equal it is `plackettLuce.fit` on all rankings, which counts everybody alike;
 * with rankings of two items it is `scaledBradleyTerry`, whose prior and unit (mean |alpha| 1) it shares. Not concave:
 * it climbs from equal sharpness.
 * @param labelers how many there are; by default as many as are named
 * @throws DomainError for a spread that is not above 0, or no rankings; ShapeError unless there
 *   is one labeler a ranking
 */
export function scaledPlackettLuce(
  rankings: Rankings,
  labeler: ArrayLike<number>,
  options: ScaledOptions & { labelers?: number } = {},
): ScaledFit {
  const { spread = 2, sharpnessSpread = 1, tolerance = 1e-7, iterations = 2000 } = options;
  checkPositive("spread", spread);
  checkPositive("sharpnessSpread", sharpnessSpread);
  requireData("rankings", rankings);
  const labelers = options.labelers ?? Array.from(labeler).reduce((most, w) => Math.max(most, w + 1), 0);
  const own = byLabeler(rankings, labeler, labelers);
  const n = rankings.items;
  const pulls = new Float64Array(n + labelers).fill(1 / spread ** 2).fill(1 / sharpnessSpread ** 2, n);
  own.forEach((mine, k) => {
    for (let r = 0; r < mine.weight.length; r++) {
      pulls[n + k] += mine.weight[r];
      for (let p = mine.start[r]; p < mine.start[r + 1]; p++) pulls[mine.order[p]] += mine.weight[r];
    }
  });
  const found = lbfgs(
    (at, slope) => {
      const [theta, alpha] = [at.subarray(0, n), at.subarray(n)];
      slope.fill(0);
      let value = pooledLogLikelihood(theta, alpha, own, { theta: slope.subarray(0, n), alpha: slope.subarray(n) });
      for (let p = 0; p < at.length; p++) {
        const [centre, sd] = p < n ? [0, spread] : [1, sharpnessSpread];
        value -= 0.5 * ((at[p] - centre) / sd) ** 2;
        slope[p] -= (at[p] - centre) / sd ** 2;
      }
      return value;
    },
    new Float64Array(n + labelers).fill(1, n),
    { tolerance, weight: pulls, iterations, mayStopEarly: true },
  );
  return inUnitSharpness(found, n);
}

function pooledLogLikelihood(
  theta: ArrayLike<number>,
  alpha: ArrayLike<number>,
  own: readonly Rankings[],
  gradients?: { theta: Float64Array; alpha: Float64Array },
): number {
  let sum = 0;
  own.forEach((mine, k) => {
    if (mine.weight.length === 0) return;
    const seen = Float64Array.from(theta, (t) => alpha[k] * t);
    sum += rankingLogLikelihood(seen, mine);
    if (!gradients) return;
    const slope = rankingGradient(seen, mine);
    for (let i = 0; i < slope.length; i++) {
      gradients.theta[i] += alpha[k] * slope[i];
      gradients.alpha[k] += theta[i] * slope[i];
    }
  });
  return sum;
}

/** The rankings of each labeler. */
function byLabeler(rankings: Rankings, labeler: ArrayLike<number>, labelers: number): Rankings[] {
  const { items, order, start, ranked, weight } = rankings;
  if (labeler.length !== weight.length) {
    throw new ShapeError(complaint("labeler", `${weight.length} indices, one a ranking`, labeler));
  }
  const rows: number[][] = Array.from({ length: labelers }, () => []);
  for (let r = 0; r < labeler.length; r++) {
    if (!(Number.isInteger(labeler[r]) && labeler[r] >= 0 && labeler[r] < labelers)) {
      throw new DomainError(
        complaint(`labeler of ranking ${r}`, `a whole number from 0 to ${labelers - 1}`, labeler[r]),
      );
    }
    rows[labeler[r]].push(r);
  }
  return rows.map((mine) => {
    const starts = Int32Array.from({ length: mine.length + 1 }, () => 0);
    mine.forEach((r, m) => {
      starts[m + 1] = starts[m] + start[r + 1] - start[r];
    });
    const orders = new Int32Array(starts[mine.length]);
    mine.forEach((r, m) => {
      orders.set(order.subarray(start[r], start[r + 1]), starts[m]);
    });
    return {
      items,
      order: orders,
      start: starts,
      ranked: Int32Array.from(mine, (r) => ranked[r]),
      weight: Float64Array.from(mine, (r) => weight[r]),
    };
  });
}
