import { checkCount } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";
import { checkLengths, checkReports, copyStretch, meanAggregate, type Reports } from "./aggregate.js";
import { BLOCK, COLUMNS, columnsInOrder } from "./columnsInOrder.js";
import { middleOfThree } from "./middleOfThree.js";

/** The median of each coordinate, of an even number the mean of the middle two (Yin et al. 2018, arXiv:1803.01498). */
export function coordinateMedian(reports: Reports): Float64Array {
  return trimmedMean(reports, Math.floor((reports.length - 1) / 2));
}

/** Up to so many reports a network is the quicker: it takes n (log n)^2 exchanges, quicksort a multiple of n log n. */
const FEW = 1024;
/** Coordinates looked at together by quicksort: reports are long, and one column of them lies far apart in memory. */
const WIDTH = 16;

/**
 * The mean of each coordinate without its f largest and f smallest values (Yin et al. 2018, arXiv:1803.01498).
 * @throws DomainError unless 2 f < n
 */
export function trimmedMean(reports: Reports, f: number): Float64Array {
  const d = checkLengths(reports);
  const n = reports.length;
  checkCount("f", f, 0);
  if (2 * f >= n) throw new DomainError(complaint("f", `below n / 2 = ${n / 2}`, f));
  if (f === 0) return meanAggregate(reports);
  return n <= FEW && d >= COLUMNS ? byNetwork(reports, f) : byQuicksort(reports, f);
}

/** Sixteen columns at once by a network, whose exchanges are the same in all: the middle rows become the middle. */
function byNetwork(reports: Reports, f: number): Float64Array {
  const [n, d] = [reports.length, reports[0].length];
  const out = new Float64Array(d);
  const columns = columnsInOrder(n, [f, n - f]);
  const { numbers } = columns;
  let finite = true;
  for (let from = 0; from < d; from += BLOCK) {
    const to = Math.min(from + BLOCK, d);
    for (let i = 0; i < n; i++) copyStretch(numbers, columns.row(i), reports[i], from, to);
    for (let j = from; j < to; j += COLUMNS) {
      const count = Math.min(COLUMNS, to - j);
      columns.sums(j - from, 0, n);
      for (let i = 0; i < count; i++) finite &&= Number.isFinite(numbers[i]);
      columns.order(j - from);
      columns.sums(j - from, f, n - f);
      for (let i = 0; i < count; i++) out[j + i] = numbers[i] / (n - 2 * f);
    }
  }
  if (!finite) checkReports(reports); // a sum may also be too large
  return out;
}

function byQuicksort(reports: Reports, f: number): Float64Array {
  const [n, d] = [reports.length, checkReports(reports)];
  const out = new Float64Array(d);
  const columns = new Float64Array(WIDTH * n);
  for (let from = 0; from < d; from += WIDTH) {
    const to = Math.min(d, from + WIDTH);
    for (let i = 0; i < n; i++) {
      const report = reports[i];
      for (let j = from, at = i; j < to; j++, at += n) columns[at] = report[j];
    }
    for (let j = from; j < to; j++) {
      const first = (j - from) * n + f;
      const after = first + n - 2 * f;
      separate(columns, first - f, after + f, first, after);
      let sum = 0;
      for (let at = first; at < after; at++) sum += columns[at];
      out[j] = sum / (n - 2 * f);
    }
  }
  return out;
}

/**
 * Moves values[from..to) so far that nothing before place `first` is above what stands from there on, and nothing from
 * `after` on below what stands before: quicksort of those parts alone that one of the two places divides. Values go to
 * their side without an `if`, since the processor could not guess it.
 */
function separate(values: Float64Array, from: number, to: number, first: number, after: number): void {
  let low = from;
  while ((low < first && first < to) || (low < after && after < to)) {
    const pivot = middleOfThree(values[low], values[(low + to) >> 1], values[to - 1]);
    let middle = low;
    for (let at = low; at < to; at++) {
      const value = values[at];
      values[at] = values[middle];
      values[middle] = value;
      middle += Number(value < pivot);
    }
    if (middle > low) {
      separate(values, low, middle, first, after);
      low = middle;
      continue;
    }
    // Nothing is below the pivot: those that equal it come first, and are done, however many there are.
    for (let at = low; at < to; at++) {
      const value = values[at];
      values[at] = values[middle];
      values[middle] = value;
      middle += Number(value <= pivot);
    }
    low = middle;
  }
}
