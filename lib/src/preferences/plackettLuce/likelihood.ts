import { Matrix } from "ml-matrix";
import type { Rankings } from "../rankings.js";
import { checkAbilities, readStages, stagesFor } from "./stages.js";

/**
 * The log-likelihood of abilities theta [n], in nats. A ranking is a chain of choices, each by
 * Luce's rule from what is left,
 *
 *   P(ranking) = product over s of exp(theta_s) / sum over t >= s of exp(theta_t),
 *
 * s running over the ranked places, t also over the unranked alternatives. A choice of one from a set is a single
 * factor, a full ranking of two is Bradley-Terry. Luce 1959; Plackett 1975.
 * @throws ShapeError if theta has not one ability per item; DomainError if one is not finite
 */
export function logLikelihood(theta: ArrayLike<number>, rankings: Rankings): number {
  checkAbilities(theta, rankings);
  const stages = stagesFor(rankings);
  let sum = 0;
  for (let r = 0; r < rankings.ranked.length; r++) {
    readStages(theta, rankings, r, stages);
    sum += rankings.weight[r] * stages.logProbability;
  }
  return sum;
}

/** How often each item was chosen, [n], in choices: it leads all that were left, and there was a choice. */
export function wins(rankings: Rankings): Float64Array {
  const { items, order, start, ranked, weight } = rankings;
  const won = new Float64Array(items);
  for (let r = 0; r < ranked.length; r++) {
    const stages = Math.min(ranked[r], start[r + 1] - start[r] - 1);
    for (let s = 0; s < stages; s++) won[order[start[r] + s]] += weight[r];
  }
  return won;
}

/**
 * How often each item should have been chosen at these abilities, [n]: its shares, added up over all choices it was in.
 */
export function expectedWins(theta: ArrayLike<number>, rankings: Rankings): Float64Array {
  checkAbilities(theta, rankings);
  const { items, order, start, ranked, weight } = rankings;
  const stages = stagesFor(rankings);
  const { chosen, left } = stages;
  const expected = new Float64Array(items);
  for (let r = 0; r < ranked.length; r++) {
    readStages(theta, rankings, r, stages);
    const { count } = stages;
    if (count === 0) continue;
    // times = the sum over choices so far of exp(level now - level then): what a share now was worth in all of them.
    let times = 0;
    for (let s = 0; s < count; s++) {
      times = 1 + (s === 0 ? 0 : times * left[s - 1]);
      expected[order[start[r] + s]] += weight[r] * chosen[s] * times;
    }
    const rest = weight[r] * left[count - 1] * times;
    for (let p = start[r] + count; p < start[r + 1]; p++) expected[order[p]] += rest * chosen[p - start[r]];
  }
  return expected;
}

/**
 * d logLikelihood / d theta, [n]: wins minus expected wins. Added up as what each choice leaves to the others, so that
 * nothing cancels where one item is nearly sure to be chosen. @throws as `logLikelihood`
 */
export function gradient(theta: ArrayLike<number>, rankings: Rankings): Float64Array {
  checkAbilities(theta, rankings);
  const { items, order, start, ranked, weight } = rankings;
  const stages = stagesFor(rankings);
  const { chosen, left } = stages;
  const slope = new Float64Array(items);
  for (let r = 0; r < ranked.length; r++) {
    readStages(theta, rankings, r, stages);
    const { count } = stages;
    if (count === 0) continue;
    // As in expectedWins, without the choice at hand: there the item gains 1 - its share.
    let before = 0;
    for (let s = 0; s < count; s++) {
      if (s > 0) before = (1 + before) * left[s - 1];
      slope[order[start[r] + s]] += weight[r] * (left[s] - chosen[s] * before);
    }
    const rest = weight[r] * (1 + before) * left[count - 1];
    for (let p = start[r] + count; p < start[r + 1]; p++) slope[order[p]] -= rest * chosen[p - start[r]];
  }
  return slope;
}

/** The matrix of second derivatives, [n, n], negative semi-definite, rows sum to 0. @throws as `logLikelihood` */
export function hessian(theta: ArrayLike<number>, rankings: Rankings): number[][] {
  return informationMatrix(theta, rankings).neg().to2DArray();
}

/**
 * Minus the second derivatives, [n, n]: the Laplacian of a graph whose edge i-j weighs the sum over the
 * choices both were in of share_i * share_j. It is the observed information; with rankings as chance offered
 * them, also about the expected one.
 * @throws as `logLikelihood`
 */
export function information(theta: ArrayLike<number>, rankings: Rankings): number[][] {
  return informationMatrix(theta, rankings).to2DArray();
}

/** information(theta) times v, [n], in O(alternatives), without writing the matrix down. @throws as `logLikelihood` */
export function informationTimes(theta: ArrayLike<number>, rankings: Rankings, v: ArrayLike<number>): Float64Array {
  checkAbilities(theta, rankings);
  const { items, order, start, ranked, weight } = rankings;
  const stages = stagesFor(rankings);
  const { chosen, left } = stages;
  const means = new Float64Array(items);
  const product = new Float64Array(items);
  for (let r = 0; r < ranked.length; r++) {
    readStages(theta, rankings, r, stages);
    const { count } = stages;
    if (count === 0) continue;
    const from = start[r];
    // The mean of v over those that compete in each choice, from the end.
    let mean = 0;
    for (let p = from + count; p < start[r + 1]; p++) mean += chosen[p - from] * v[order[p]];
    for (let s = count - 1; s >= 0; s--) {
      mean = chosen[s] * v[order[from + s]] + left[s] * mean;
      means[s] = mean;
    }
    // An item's share times (its v - the mean), over all choices that it was in; summed as in expectedWins.
    let times = 0;
    let level = 0;
    for (let s = 0; s < count; s++) {
      const carried = s === 0 ? 0 : left[s - 1];
      times = 1 + times * carried;
      level = means[s] + level * carried;
      const item = order[from + s];
      product[item] += weight[r] * chosen[s] * (times * v[item] - level);
    }
    const rest = weight[r] * left[count - 1];
    for (let p = from + count; p < start[r + 1]; p++) {
      product[order[p]] += rest * chosen[p - from] * (times * v[order[p]] - level);
    }
  }
  return product;
}

export function informationMatrix(theta: ArrayLike<number>, rankings: Rankings): Matrix {
  checkAbilities(theta, rankings);
  const { items: n, order, start, ranked, weight } = rankings;
  const stages = stagesFor(rankings);
  const { chosen, left } = stages;
  const edges = new Float64Array(n * n);
  for (let r = 0; r < ranked.length; r++) {
    readStages(theta, rankings, r, stages);
    const { count } = stages;
    if (count === 0) continue;
    const from = start[r];
    const length = start[r + 1] - from;
    // As in expectedWins, for products of two shares.
    let times = 0;
    for (let s = 0; s < count; s++) {
      times = 1 + (s === 0 ? 0 : times * left[s - 1] ** 2);
      const row = order[from + s] * n;
      let scale = weight[r] * times * chosen[s];
      for (let p = s + 1; p < length; p++) {
        if (p <= count) scale *= left[p - 1];
        edges[row + order[from + p]] += scale * chosen[p];
      }
    }
    const rest = weight[r] * times * left[count - 1] ** 2;
    for (let p = count; p < length; p++) {
      const row = order[from + p] * n;
      for (let q = p + 1; q < length; q++) edges[row + order[from + q]] += rest * chosen[p] * chosen[q];
    }
  }
  const matrix = new Matrix(n, n);
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < n; j++) {
      if (i === j) continue;
      const edge = edges[i * n + j] + edges[j * n + i];
      matrix.set(i, j, -edge);
      sum += edge;
    }
    matrix.set(i, i, sum);
  }
  return matrix;
}
