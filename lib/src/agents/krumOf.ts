import { checkCount } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";
import { checkLengths, checkReports, copyStretch, meanAggregate, type Reports } from "./aggregate.js";
import { BLOCK, COLUMNS, columnsInOrder } from "./columnsInOrder.js";
import { type InnerProducts, squaredDistances } from "./squaredDistances.js";

/** Krum's scores, by one way or another to inner products. */
export function krumScoresOf(reports: Reports, f: number, innerProducts?: InnerProducts): Float64Array {
  checkKrum(reports, f);
  const n = reports.length;
  const squared = squaredDistances(reports, innerProducts);
  let sum = 0;
  for (let at = 0; at < squared.length; at++) sum += squared[at];
  if (!Number.isFinite(sum)) checkReports(reports); // a distance may also be too large
  return sumsOfLeast(squared, n, n - f - 1); // its own 0 stands first
}

/** @throws ShapeError, DomainError where there is no Krum */
export function checkKrum(reports: Reports, f: number): void {
  checkLengths(reports);
  const n = reports.length;
  checkCount("f", f, 0);
  if (n - f - 2 < 1) throw new DomainError(complaint("f", `at most n - 3 = ${n - 3}`, f));
}

/** Sums of the `count` least numbers of each column of a matrix [n][n], added up in their order. */
export function sumsOfLeast(matrix: Float64Array, n: number, count: number): Float64Array {
  const out = new Float64Array(n);
  const columns = columnsInOrder(n);
  const { numbers } = columns;
  for (let from = 0; from < n; from += BLOCK) {
    const to = Math.min(from + BLOCK, n);
    for (let i = 0; i < n; i++) copyStretch(numbers, columns.row(i), matrix, i * n + from, i * n + to);
    for (let j = from; j < to; j += COLUMNS) {
      columns.order(j - from);
      columns.sums(j - from, 0, count);
      for (let i = 0; i < Math.min(COLUMNS, to - j); i++) out[j + i] = numbers[i];
    }
  }
  return out;
}

/** The mean of the `take` reports with the least scores, of equal ones the first. */
export function leastScored(reports: Reports, scores: Float64Array, take: number): Float64Array {
  checkCount("take", take);
  if (take > reports.length) throw new DomainError(complaint("take", `at most ${reports.length}`, take));
  const order = Array.from(scores.keys()).sort((a, b) => scores[a] - scores[b] || a - b);
  return meanAggregate(order.slice(0, take).map((i) => reports[i]));
}
