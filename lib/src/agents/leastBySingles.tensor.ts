import { lanes, RESULTS } from "../numerics/lanes/lanes.js";
import type { Binding } from "../tensor/binding.js";
import { ALIGNED, Float64Graph, flag, int32, keptGraph, type LoadedGraph } from "../tensor/float64.js";
import { copyStretch, type Reports } from "./aggregate.js";
import { checkKrum, sumsOfLeast } from "./krumOf.js";
import { middleOf } from "./squaredDistances.js";

/** Coordinates whose products are added up in float32; of so many such stretches at most the sums are, too. */
const [STRETCH, GROUP] = [640, 4];
/** Below so many multiplications float64 is as quick; above so many numbers float32 takes more memory than is kept. */
const [FEWEST, MOST] = [2 ** 24, 2 ** 24];
/** Norms within these are so far from float32's own ends that only rounding counts. */
const [SMALLEST, LARGEST] = [1e-24, 1e30];
/** Half a unit in the last place of 1, in float32. */
const UNIT = 2 ** -24;

/**
 * The report with the least of Krum's scores, as far as float32 can tell; undefined where it cannot, or where it would
 * not be quicker.
 *
 * A product of rounded numbers, added up over m coordinates and then over s such stretches, in any order, is at most
 * (m + s + 2) UNIT |a| |b| off, and a bit of second order (Higham 2002, Accuracy and Stability of Numerical
 * Algorithms, 3.1). So a squared distance |a|^2 + |b|^2 - 2 ab is at most 2 (m + s + 2) UNIT (|a|^2 + |b|^2) off, and
 * sums of the least of its bounds are bounds of the score. A report is the least if its upper bound is below all other
 * lower ones; its own lower one is then the least of those.
 * @throws as `krum`
 */
export function leastBySingles(reports: Reports, f: number, binding: Binding): number | undefined {
  checkKrum(reports, f);
  const [n, d] = [reports.length, reports[0].length];
  if (n * n * d < FEWEST || n * d > MOST) return undefined;
  const groups = 2 * Math.ceil(d / (2 * STRETCH * GROUP)); // for two halves
  const stretches = Math.ceil(d / (STRETCH * groups));
  const length = 8 * Math.ceil(d / (8 * stretches * groups));
  const values = rounded(reports, groups, stretches, length);
  const [products] = graph(binding).run(binding, [{ shape: [groups, stretches, n, length], values }]);
  for (let i = 0; i < n; i++)
    if (!(products[i * n + i] >= SMALLEST && products[i * n + i] <= LARGEST)) return undefined;
  const off = 2.02 * (length + stretches + 4) * UNIT;
  const bound = (i: number, j: number, offs: number) => {
    const norms = products[i * n + i] + products[j * n + j];
    return norms - 2 * products[i * n + j] + offs * norms;
  };
  const low = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) low[i * n + j] = low[j * n + i] = Math.max(0, bound(i, j, -off));
  }
  const nearest = n - f - 1; // its own 0 stands first
  const lower = sumsOfLeast(low, n, nearest);
  let least = 0;
  for (let i = 1; i < n; i++) if (lower[i] < lower[least]) least = i;
  const high = Float64Array.from(lower, (_, j) => (j === least ? 0 : bound(least, j, off))).sort();
  const upper = high.subarray(0, nearest).reduce((sum, x) => sum + x, 0);
  for (let i = 0; i < n; i++) if (i !== least && !(lower[i] > upper)) return undefined;
  return least;
}

/** The reports in float32 where TensorFlow reads them, [groups][stretches][n][length], and zeros behind them. */
function rounded(reports: Reports, groups: number, stretches: number, length: number): Float32Array {
  const [n, d] = [reports.length, reports[0].length];
  const middle = middleOf(reports);
  const width = stretches * length; // what is copied of a report at once
  const [row, other] = [RESULTS, RESULTS + width];
  const begin = ALIGNED * Math.ceil((RESULTS + 2 * width) / ALIGNED);
  const count = groups * n * width;
  const room = lanes(begin + count / 2);
  for (let g = 0; g < groups; g++) {
    const from = Math.min(d, g * width);
    const to = Math.min(d, from + width);
    room.numbers.fill(0, row, other + width);
    if (middle !== undefined) copyStretch(room.numbers, other, middle, from, to);
    for (let i = 0; i < n; i++) {
      copyStretch(room.numbers, row, reports[i], from, to);
      if (middle !== undefined) room.differences(row, other, other);
      for (let s = 0; s < stretches; s++) {
        const at = begin + (((g * stretches + s) * n + i) * length) / 2;
        room.singles(row + s * length, row + (s + 1) * length, at);
      }
    }
  }
  return new Float32Array(room.numbers.buffer, 8 * begin, count);
}

function graph(binding: Binding): LoadedGraph {
  return keptGraph(binding, "inner products in float32", () => {
    const g = new Float64Graph();
    const sums = g.squareSumsOfHalves(g.singles([-1, -1, -1, -1])).map((half) => {
      return g.op("Sum", [half, g.axis(0)], { Tidx: int32, keep_dims: flag(false) });
    });
    return g.load(binding, [g.op("AddV2", sums)]);
  });
}
