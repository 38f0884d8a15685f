import { complaint, DomainError, ShapeError } from "../../core/index.js";
import { logSigmoid, sigmoid } from "../../numerics/index.js";
import type { Comparisons } from "../comparisons.js";
import { type Noise, noiseFloor } from "../noise.js";

/**
 * The log-likelihood of the abilities theta [n], in nats: the sum over comparisons of weight * log
 * P(winner preferred to loser).
 *
 * Written with labels y it has two terms, y log sigmoid(R(x1) - R(x2)) + (1 - y) log sigmoid(R(x2) - R(x1)); here each
 * comparison is stored winner first, so that its one non-zero term is the first.
 * @throws ShapeError if theta has not one ability per item; DomainError for a NaN in it or noise out of range
 */
export function logLikelihood(theta: ArrayLike<number>, data: Comparisons, noise: Noise = {}): number {
  checkAbilities(theta, data);
  const floor = noiseFloor(noise);
  const temperature = noise.temperature ?? 1;
  let sum = 0;
  for (let k = 0; k < data.winner.length; k++) {
    const z = (theta[data.winner[k]] - theta[data.loser[k]]) / temperature;
    sum += data.weight[k] * (floor === 0 ? logSigmoid(z) : Math.log(floor + (1 - 2 * floor) * sigmoid(z)));
  }
  return sum;
}

/**
 * d logLikelihood / d theta, [n]. Without noise, each comparison pulls its winner up and its loser down by its
 * surprise, weight * sigmoid(-(theta_winner - theta_loser)). The components sum to 0: no comparison says
 * anything about the common level.
 * @throws as `logLikelihood`
 */
export function gradient(theta: ArrayLike<number>, data: Comparisons, noise: Noise = {}): Float64Array {
  checkAbilities(theta, data);
  const floor = noiseFloor(noise);
  const temperature = noise.temperature ?? 1;
  const slope = new Float64Array(data.items);
  for (let k = 0; k < data.winner.length; k++) {
    const z = (theta[data.winner[k]] - theta[data.loser[k]]) / temperature;
    const pull = (data.weight[k] / temperature) * surprise(z, floor);
    slope[data.winner[k]] += pull;
    slope[data.loser[k]] -= pull;
  }
  return slope;
}

/**
 * The matrix of second derivatives of the log-likelihood, [n, n]. Without noise it is minus the Laplacian of a graph
 * whose edge i-j weighs n_ij P_ij P_ji; so its rows sum to 0 and (1, ..., 1) is a flat direction.
 * @throws as `logLikelihood`
 */
export function hessian(theta: ArrayLike<number>, data: Comparisons, noise: Noise = {}): number[][] {
  const floor = noiseFloor(noise);
  const temperature = noise.temperature ?? 1;
  return laplacian(theta, data, (difference) => {
    const z = difference / temperature;
    const s = sigmoid(z);
    if (floor === 0) return (-s * sigmoid(-z)) / temperature ** 2;
    const p = floor + (1 - 2 * floor) * s;
    const first = (1 - 2 * floor) * s * sigmoid(-z);
    const second = first * (1 - 2 * s);
    return (second / p - (first / p) ** 2) / temperature ** 2;
  });
}

/**
 * The expected (Fisher) information about theta in these comparisons, [n, n], positive semi-definite. Without noise it
 * is minus the Hessian; with noise it is what the Hessian averages to.
 * @throws as `logLikelihood`
 */
export function information(theta: ArrayLike<number>, data: Comparisons, noise: Noise = {}): number[][] {
  return laplacian(theta, data, informationOf(noise));
}

/** The Fisher information of one comparison about its difference in abilities, as a function of that difference. */
export function informationOf(noise: Noise = {}): (difference: number) => number {
  const floor = noiseFloor(noise);
  const temperature = noise.temperature ?? 1;
  return (difference) => {
    const z = difference / temperature;
    const s = sigmoid(z);
    const spread = s * sigmoid(-z);
    if (floor === 0) return spread / temperature ** 2;
    const p = floor + (1 - 2 * floor) * s;
    return ((1 - 2 * floor) * spread) ** 2 / (p * (1 - p)) / temperature ** 2;
  };
}

/** d log P / d z: without noise sigmoid(-z), the probability that was given to the other answer. */
function surprise(z: number, floor: number): number {
  if (floor === 0) return sigmoid(-z);
  const s = sigmoid(z);
  return ((1 - 2 * floor) * s * sigmoid(-z)) / (floor + (1 - 2 * floor) * s);
}

/** Adds up edges: each comparison puts its second derivative on the diagonal twice and, negated, off it twice. */
function laplacian(theta: ArrayLike<number>, data: Comparisons, bend: (difference: number) => number): number[][] {
  checkAbilities(theta, data);
  const matrix = Array.from({ length: data.items }, () => new Array<number>(data.items).fill(0));
  for (let k = 0; k < data.winner.length; k++) {
    const [i, j] = [data.winner[k], data.loser[k]];
    const edge = data.weight[k] * bend(theta[i] - theta[j]);
    matrix[i][i] += edge;
    matrix[j][j] += edge;
    matrix[i][j] -= edge;
    matrix[j][i] -= edge;
  }
  return matrix;
}

export function checkAbilities(theta: ArrayLike<number>, data: Comparisons): void {
  if (theta.length !== data.items) {
    throw new ShapeError(complaint("theta", `${data.items} abilities, one for each item`, theta));
  }
  for (let i = 0; i < theta.length; i++) {
    if (Number.isNaN(theta[i])) throw new DomainError(complaint(`theta[${i}]`, "a number", theta[i]));
  }
}
