import { complaint, DomainError, ShapeError } from "../../core/index.js";
import { logSoftmax } from "../../numerics/index.js";
import type { Comparisons } from "../comparisons.js";

/**
 * Davidson's model of comparisons with ties. With h = (theta_i - theta_j) / 2,
 *
 *   P(i) : P(j) : P(tie)  =  exp(h) : exp(-h) : nu,
 *
 * so that nu = 0 is Bradley-Terry, and two equals tie with probability nu / (2 + nu). Davidson 1970.
 * @throws DomainError unless nu >= 0
 */
export function probabilities(difference: number, nu: number): { first: number; second: number; tie: number } {
  if (!(nu >= 0)) throw new DomainError(complaint("nu", "a number of at least 0", nu));
  const [first, second, tie] = logSoftmax([difference / 2, -difference / 2, Math.log(nu)]).map(Math.exp);
  return { first, second, tie };
}

/**
 * The log-likelihood in nats of abilities theta [n] and tie strength nu. `ties` lists the pairs that tied; which of the
 * two stands in its winner column does not matter.
 * @throws ShapeError unless theta, wins and ties agree on the number of items; DomainError unless nu >= 0
 */
export function logLikelihood(theta: ArrayLike<number>, nu: number, wins: Comparisons, ties: Comparisons): number {
  let sum = 0;
  eachComparison(theta, nu, wins, ties, (_i, _j, weight, logP, tied) => {
    sum += weight * logP[tied ? 2 : 0];
  });
  return sum;
}

/** d logLikelihood / d (theta, log nu), [n + 1]. @throws as `logLikelihood` */
export function gradient(theta: ArrayLike<number>, nu: number, wins: Comparisons, ties: Comparisons): Float64Array {
  const slope = new Float64Array(theta.length + 1);
  eachComparison(theta, nu, wins, ties, (i, j, weight, logP, tied) => {
    const [first, second, tie] = logP.map(Math.exp);
    // For a win 1 - (first - second), written without a difference of near equals; so all the sums here.
    const pull = (weight * (tied ? second - first : tie + 2 * second)) / 2;
    slope[i] += pull;
    slope[j] -= pull;
    slope[theta.length] += weight * (tied ? first + second : -tie);
  });
  return slope;
}

/**
 * Minus the second derivatives with respect to (theta, log nu), [n + 1, n + 1]: the Fisher information, the same
 * whatever the outcomes were, since the model is an exponential family. @throws as `logLikelihood`
 */
export function information(theta: ArrayLike<number>, nu: number, wins: Comparisons, ties: Comparisons): number[][] {
  const n = theta.length;
  const matrix = Array.from({ length: n + 1 }, () => new Array<number>(n + 1).fill(0));
  eachComparison(theta, nu, wins, ties, (i, j, weight, logP) => {
    const [first, second, tie] = logP.map(Math.exp);
    const lead = first - second;
    const edge = weight * (first * second + (tie * (first + second)) / 4);
    const mixed = (weight * -lead * tie) / 2;
    matrix[i][i] += edge;
    matrix[j][j] += edge;
    matrix[i][j] -= edge;
    matrix[j][i] -= edge;
    matrix[i][n] += mixed;
    matrix[n][i] += mixed;
    matrix[j][n] -= mixed;
    matrix[n][j] -= mixed;
    matrix[n][n] += weight * tie * (first + second);
  });
  return matrix;
}

function eachComparison(
  theta: ArrayLike<number>,
  nu: number,
  wins: Comparisons,
  ties: Comparisons,
  visit: (i: number, j: number, weight: number, logP: number[], tied: boolean) => void,
): void {
  if (wins.items !== ties.items || theta.length !== wins.items) {
    const got = [theta.length, wins.items, ties.items];
    throw new ShapeError(complaint("items of theta, wins and ties", "three times the same number", got));
  }
  if (!(nu >= 0)) throw new DomainError(complaint("nu", "a number of at least 0", nu));
  for (const data of [wins, ties]) {
    for (let k = 0; k < data.winner.length; k++) {
      const [i, j] = [data.winner[k], data.loser[k]];
      if (data.weight[k] === 0) continue;
      const half = (theta[i] - theta[j]) / 2;
      visit(i, j, data.weight[k], logSoftmax([half, -half, Math.log(nu)]), data === ties);
    }
  }
}
