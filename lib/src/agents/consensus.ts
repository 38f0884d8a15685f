import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { checkCount, checkDistribution, checkNumbers } from "../core/checks.js";
import { complaint, ShapeError } from "../core/index.js";
import { checkGraph, type Graph } from "./graph.js";

/**
 * Metropolis weights of an undirected graph, [n][n]: W_ij = 1 / (1 + max(degree_i, degree_j)) for neighbours, the rest
 * on the diagonal. Symmetric with rows that add up to 1, so that averaging by it ends in the plain mean.
 */
export function metropolisWeights(graph: Graph): number[][] {
  checkGraph(graph);
  return graph.map((neighbours, i) => {
    const row = graph.map(() => 0);
    for (const j of neighbours) row[j] = 1 / (1 + Math.max(neighbours.length, graph[j].length));
    row[i] = 1 - row.reduce((sum, w) => sum + w, 0);
    return row;
  });
}

/** @throws ShapeError unless the matrix is square, DomainError unless each row is a distribution */
function checkStochastic(W: readonly ArrayLike<number>[]): void {
  if (W.length === 0) throw new ShapeError(complaint("W", "at least one agent", W));
  W.forEach((row, i) => {
    checkNumbers(`W[${i}]`, row, W.length);
    checkDistribution(`W[${i}]`, row);
  });
}

/**
 * How fast averaging x <- W x comes to rest: the second largest modulus of an eigenvalue of W. Errors shrink by it a
 * round in the end; 1 means never (an eigenvalue of -1 swings for ever: the modulus counts, not the value).
 * @example consensusRate([[0.5, 0.5], [0.25, 0.75]]) // 0.25
 */
export function consensusRate(W: readonly ArrayLike<number>[]): number {
  checkStochastic(W);
  if (W.length === 1) return 0;
  const { realEigenvalues, imaginaryEigenvalues } = new EigenvalueDecomposition(toMatrix(W));
  const moduli = realEigenvalues.map((re, i) => Math.hypot(re, imaginaryEigenvalues[i])).sort((a, b) => b - a);
  return Math.min(1, moduli[1]);
}

/**
 * Whose opinion counts how much in the end, [n]: the left eigenvector of W to the eigenvalue 1, s W = s, sum 1
 * (DeGroot 1974; Golub and Jackson 2010). Averaged over W, W^2, ..., so that it exists when averaging swings.
 */
export function influence(W: readonly ArrayLike<number>[]): Float64Array {
  checkStochastic(W);
  const n = W.length;
  // (I + W) / 2 has the same eigenvectors and never swings; 60 squarings are 2^60 rounds.
  let power = Matrix.eye(n, n).add(toMatrix(W)).mul(0.5);
  for (let i = 0; i < 60; i++) power = power.mmul(power);
  const s = Float64Array.from({ length: n }, (_, j) => power.get(0, j));
  const total = s.reduce((sum, x) => sum + x, 0);
  return s.map((x) => x / total);
}

/** Opinions after each round of x <- W x, the first ones included: [rounds + 1][n]. */
export function consensusPath(W: readonly ArrayLike<number>[], x: ArrayLike<number>, rounds: number): Float64Array[] {
  checkStochastic(W);
  checkNumbers("x", x, W.length);
  checkCount("rounds", rounds, 0);
  const path = [Float64Array.from(x)];
  for (let t = 0; t < rounds; t++) {
    const before = path[t];
    path.push(Float64Array.from(W, (row) => before.reduce((sum, value, j) => sum + row[j] * value, 0)));
  }
  return path;
}

function toMatrix(W: readonly ArrayLike<number>[]): Matrix {
  return new Matrix(W.map((row) => Array.from(row)));
}
