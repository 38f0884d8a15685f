import { checkLength, checkNumbers } from "../core/checks.js";
import { complaint, ShapeError } from "../core/index.js";

/** What n clients send, [n][d]: a gradient or a vector of weights each. */
export type Reports = readonly ArrayLike<number>[];

/** @throws ShapeError unless there is a client and all send as many numbers, DomainError for what is not finite */
export function checkReports(reports: Reports): number {
  const d = checkLengths(reports);
  reports.forEach((report, i) => {
    checkNumbers(`reports[${i}]`, report, d);
  });
  return d;
}

/** @throws ShapeError unless there is a client and all send as many numbers */
export function checkLengths(reports: Reports): number {
  if (reports.length === 0) throw new ShapeError(complaint("reports", "at least one client", reports));
  const d = reports[0].length;
  reports.forEach((report, i) => {
    checkLength(`reports[${i}]`, report, d);
  });
  return d;
}

/** The plain mean, coordinate by coordinate: one liar moves it anywhere. */
export function meanAggregate(reports: Reports): Float64Array {
  const out = new Float64Array(checkReports(reports));
  for (const report of reports) for (let j = 0; j < out.length; j++) out[j] += report[j];
  return out.map((sum) => sum / reports.length);
}

/** Copies a report's numbers `from` to `to` - 1 to where they are worked on. */
export function copyStretch(
  numbers: Float64Array,
  at: number,
  report: ArrayLike<number>,
  from: number,
  to: number,
): void {
  if (report instanceof Float64Array) numbers.set(report.subarray(from, to), at);
  else for (let j = from; j < to; j++) numbers[at + j - from] = report[j];
}
