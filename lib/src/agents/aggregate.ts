import { checkCount, checkNumbers } from "../core/checks.js";
import { complaint, DomainError, ShapeError } from "../core/index.js";

/** What n clients send, [n][d]: a gradient or a vector of weights each. */
export type Reports = readonly ArrayLike<number>[];

/** @throws ShapeError unless there is a client and all send as many numbers, DomainError for what is not finite */
export function checkReports(reports: Reports): number {
  if (reports.length === 0) throw new ShapeError(complaint("reports", "at least one client", reports));
  const d = reports[0].length;
  reports.forEach((report, i) => {
    checkNumbers(`reports[${i}]`, report, d);
  });
  return d;
}

/** The plain mean, coordinate by coordinate: one liar moves it anywhere. */
export function meanAggregate(reports: Reports): Float64Array {
  const out = new Float64Array(checkReports(reports));
  for (const report of reports) for (let j = 0; j < out.length; j++) out[j] += report[j];
  return out.map((sum) => sum / reports.length);
}

/** The median of each coordinate, of an even number the mean of the middle two (Yin et al. 2018, arXiv:1803.01498). */
export function coordinateMedian(reports: Reports): Float64Array {
  return trimmedMean(reports, Math.floor((reports.length - 1) / 2));
}

/**
 * The mean of each coordinate without its f largest and f smallest values (Yin et al. 2018, arXiv:1803.01498).
 * @throws DomainError unless 2 f < n
 */
export function trimmedMean(reports: Reports, f: number): Float64Array {
  const d = checkReports(reports);
  const n = reports.length;
  checkCount("f", f, 0);
  if (2 * f >= n) throw new DomainError(complaint("f", `below n / 2 = ${n / 2}`, f));
  const out = new Float64Array(d);
  const column = new Float64Array(n);
  const width = 64; // a few columns at a time: reports are long, and a column of them lies far apart
  const columns = new Float64Array(width * n);
  for (let from = 0; from < d; from += width) {
    const to = Math.min(d, from + width);
    for (let i = 0; i < n; i++) {
      const report = reports[i];
      for (let j = from; j < to; j++) columns[(j - from) * n + i] = report[j];
    }
    for (let j = from; j < to; j++) {
      column.set(columns.subarray((j - from) * n, (j - from + 1) * n));
      if (f > 0) {
        select(column, 0, n - 1, f);
        select(column, f, n - 1, n - 1 - f);
      }
      let sum = 0;
      for (let i = f; i < n - f; i++) sum += column[i];
      out[j] = sum / (n - 2 * f);
    }
  }
  return out;
}

/** Orders values[low..high] so far that nothing before place k is above its value and nothing after it below. */
function select(values: Float64Array, low: number, high: number, k: number): void {
  while (low < high) {
    const pivot = middleOfThree(values[low], values[(low + high) >> 1], values[high]);
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i] < pivot) i++;
      while (values[j] > pivot) j--;
      if (i > j) break;
      const held = values[i];
      values[i++] = values[j];
      values[j--] = held;
    }
    if (k <= j) high = j;
    else if (k >= i) low = i;
    else return;
  }
}

function middleOfThree(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}

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

/**
 * Krum's scores, [n]: for each report the sum of *squared* distances to its n - f - 2 nearest others (Blanchard,
 * El Mhamdi, Guerraoui and Stainer 2017, arXiv:1703.02757). Plain distances choose another report in general.
 * @throws DomainError unless n - f - 2 is at least 1
 */
export function krumScores(reports: Reports, f: number): Float64Array {
  const d = checkReports(reports);
  const n = reports.length;
  checkCount("f", f, 0);
  if (n - f - 2 < 1) throw new DomainError(complaint("f", `at most n - 3 = ${n - 3}`, f));
  const squared = squaredDistances(reports, d);
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

/** Squared distances of all pairs, [n][n], two reports against two at a time: each number is read half as often. */
function squaredDistances(reports: Reports, d: number): Float64Array {
  const n = reports.length;
  const squared = new Float64Array(n * n);
  const rows = reports.map((report) => (report instanceof Float64Array ? report : Float64Array.from(report)));
  for (let i = 0; i < n; i += 2) {
    const [a, b] = [rows[i], rows[Math.min(i + 1, n - 1)]];
    for (let j = 0; j <= i; j += 2) {
      const [p, q] = [rows[j], rows[Math.min(j + 1, n - 1)]];
      let ap = 0;
      let aq = 0;
      let bp = 0;
      let bq = 0;
      for (let k = 0; k < d; k++) {
        const toP = a[k] - p[k];
        const toQ = a[k] - q[k];
        const fromP = b[k] - p[k];
        const fromQ = b[k] - q[k];
        ap += toP * toP;
        aq += toQ * toQ;
        bp += fromP * fromP;
        bq += fromQ * fromQ;
      }
      put(squared, n, i, j, ap);
      if (j + 1 < n) put(squared, n, i, j + 1, aq);
      if (i + 1 < n) put(squared, n, i + 1, j, bp);
      if (i + 1 < n && j + 1 < n) put(squared, n, i + 1, j + 1, bq);
    }
  }
  return squared;
}

function put(squared: Float64Array, n: number, i: number, j: number, value: number): void {
  squared[i * n + j] = value;
  squared[j * n + i] = value;
}

function squaredDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) {
    const gap = a[j] - b[j];
    sum += gap * gap;
  }
  return sum;
}

function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Math.sqrt(squaredDistance(a, b));
}

function spread(reports: Reports): number {
  return reports.reduce((most, report) => Math.max(most, distance(report, reports[0])), 0);
}
