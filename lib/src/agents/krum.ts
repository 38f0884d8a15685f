import { checkCount } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";
import { checkLengths, checkReports, meanAggregate, type Reports } from "./aggregate.js";
import { squaredDistances } from "./squaredDistances.js";

/**
 * Krum's scores, [n]: for each report the sum of *squared* distances to its n - f - 2 nearest others (Blanchard,
 * El Mhamdi, Guerraoui and Stainer 2017, arXiv:1703.02757). Plain distances choose another report in general.
 * @throws DomainError unless n - f - 2 is at least 1
 */
export function krumScores(reports: Reports, f: number): Float64Array {
  checkLengths(reports);
  const n = reports.length;
  checkCount("f", f, 0);
  if (n - f - 2 < 1) throw new DomainError(complaint("f", `at most n - 3 = ${n - 3}`, f));
  const squared = squaredDistances(reports);
  if (!squared.every(Number.isFinite)) checkReports(reports); // a distance may also be too large
  return Float64Array.from(reports, (_, i) => {
    const others = squared.slice(i * n, (i + 1) * n).sort(); // its own 0 stands first
    let sum = 0;
    for (let k = 1; k <= n - f - 2; k++) sum += others[k];
    return sum;
  });
}

/**
 * Multi-Krum: the mean of the `take` reports with the least scores; Krum with one (arXiv:1703.02757). Of equal scores
 * the first.
 */
export function krum(reports: Reports, f: number, { take = 1 }: { take?: number } = {}): Float64Array {
  const scores = krumScores(reports, f);
  checkCount("take", take);
  if (take > reports.length) throw new DomainError(complaint("take", `at most ${reports.length}`, take));
  const order = Array.from(scores.keys()).sort((a, b) => scores[a] - scores[b] || a - b);
  return meanAggregate(order.slice(0, take).map((i) => reports[i]));
}
