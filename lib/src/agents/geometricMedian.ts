import { DomainError } from "../core/index.js";
import { checkReports, meanAggregate, type Reports } from "./aggregate.js";
import { squaredDistance } from "./squaredDistances.js";

/**
 * The point with the least sum of distances to all reports, by Weiszfeld's steps, z <- sum x_i / |x_i - z| / sum 1 /
 * |x_i - z|, where a report that is nearly reached gets the weight of one 1e-12 away.
 * @throws DomainError if it still moves after `iterations` steps
 */
export function geometricMedian(reports: Reports, { tolerance = 1e-12, iterations = 100_000 } = {}): Float64Array {
  const d = checkReports(reports);
  const scale = Math.max(1e-300, spread(reports));
  let z = meanAggregate(reports);
  for (let step = 0; step < iterations; step++) {
    const next = new Float64Array(d);
    let total = 0;
    for (const report of reports) {
      const weight = 1 / Math.max(distance(report, z), 1e-12 * scale);
      total += weight;
      for (let j = 0; j < d; j++) next[j] += weight * report[j];
    }
    for (let j = 0; j < d; j++) next[j] /= total;
    const moved = distance(next, z);
    z = next;
    if (moved <= tolerance * scale) return z;
  }
  throw new DomainError(`geometricMedian: still moving after ${iterations} steps`);
}

function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Math.sqrt(squaredDistance(a, b));
}

function spread(reports: Reports): number {
  return reports.reduce((most, report) => Math.max(most, distance(report, reports[0])), 0);
}
