import { Matrix } from "ml-matrix";
import { logSigmoid, sigmoid } from "../../numerics/index.js";

/**
 * A logistic regression in which everything that happened is a win: row k says that weight[k] times something
 * happened whose log-odds are the sum over its entries of value * w[column]. A comparison is a row: what the winner
 * has less what the loser has.
 */
export interface Design {
  readonly columns: number;
  /** Row k's entries are start[k] .. start[k + 1] - 1. */
  readonly start: Int32Array;
  readonly column: Int32Array;
  readonly value: Float64Array;
  readonly weight: Float64Array;
}

/** From rows of [column, value] entries. */
export function designFromRows(
  columns: number,
  rows: ReadonlyArray<{ weight: number; entries: ReadonlyArray<readonly [column: number, value: number]> }>,
): Design {
  const start = new Int32Array(rows.length + 1);
  for (let k = 0; k < rows.length; k++) start[k + 1] = start[k] + rows[k].entries.length;
  const column = new Int32Array(start[rows.length]);
  const value = new Float64Array(start[rows.length]);
  rows.forEach(({ entries }, k) => {
    entries.forEach(([c, x], e) => {
      column[start[k] + e] = c;
      value[start[k] + e] = x;
    });
  });
  return { columns, start, column, value, weight: Float64Array.from(rows, ({ weight }) => weight) };
}

/** The log-odds of row k, in nats. */
export function logOdds(design: Design, w: ArrayLike<number>, k: number): number {
  let z = 0;
  for (let e = design.start[k]; e < design.start[k + 1]; e++) z += design.value[e] * w[design.column[e]];
  return z;
}

/** The sum over rows of weight * log sigmoid(log-odds), in nats. */
export function designLogLikelihood(design: Design, w: ArrayLike<number>): number {
  let sum = 0;
  for (let k = 0; k < design.weight.length; k++) sum += design.weight[k] * logSigmoid(logOdds(design, w, k));
  return sum;
}

/** d log-likelihood / d w, [columns]. */
export function designGradient(design: Design, w: ArrayLike<number>): Float64Array {
  const slope = new Float64Array(design.columns);
  for (let k = 0; k < design.weight.length; k++) {
    const pull = design.weight[k] * sigmoid(-logOdds(design, w, k));
    for (let e = design.start[k]; e < design.start[k + 1]; e++) slope[design.column[e]] += pull * design.value[e];
  }
  return slope;
}

/** Minus the second derivatives, [columns, columns]; the same whatever happened. */
export function designInformation(design: Design, w: ArrayLike<number>): Matrix {
  const { columns: d, start, column, value, weight } = design;
  const sums = new Float64Array(d * d);
  for (let k = 0; k < weight.length; k++) {
    const z = logOdds(design, w, k);
    const bend = weight[k] * sigmoid(z) * sigmoid(-z);
    for (let a = start[k]; a < start[k + 1]; a++) {
      for (let b = start[k]; b < start[k + 1]; b++) sums[column[a] * d + column[b]] += bend * (value[a] * value[b]);
    }
  }
  return Matrix.from1DArray(d, d, sums);
}
