import { lanes, RESULTS } from "../numerics/lanes/lanes.js";
import type { Binding } from "../tensor/binding.js";
import { ALIGNED, Float64Graph, flag, int32, keptGraph, type LoadedGraph } from "../tensor/float64.js";
import { copyStretch, type Reports } from "./aggregate.js";
import { checkKrum, sumsOfLeast } from "./krumOf.js";
import { middleOf } from "./squaredDistances.js";

/** Coordinates whose products are added up in float32; the sums of such stretches are added up in float64. */
const STRETCH = 640;
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
 * A product of rounded numbers, added up over m coordinates in any order, is at most (m + 2) UNIT |a| |b| off, and a
 * bit of second order (Higham 2002, Accuracy and Stability of Numerical Algorithms, 3.1). So a squared distance
 * |a|^2 + |b|^2 - 2 ab is at most 2 (m + 2) UNIT (|a|^2 + |b|^2) off, and sums of the least of its bounds are bounds of
 * the score. A report is the least if its upper bound is below all other lower ones.
 * @throws as `krum`
 */
export function leastBySingles(reports: Reports, f: number, binding: Binding): number | undefined {
  checkKrum(reports, f);
  const [n, d] = [reports.length, reports[0].length];
  if (n * n * d < FEWEST || n * d > MOST) return undefined;
  const stretches = Math.ceil(d / STRETCH);
  const length = 4 * Math.ceil(d / (4 * stretches));
  const values = rounded(reports, stretches, length);
  const [products] = graph(binding).run(binding, [{ shape: [stretches, n, length], values }]);
  const off = 2.02 * (length + 4) * UNIT;
  const [low, high] = [new Float64Array(n * n), new Float64Array(n * n)];
  for (let i = 0; i < n; i++) {
    const own = products[i * n + i];
    if (!(own >= SMALLEST && own <= LARGEST)) return undefined;
    for (let j = 0; j < i; j++) {
      const norms = own + products[j * n + j];
      const distance = norms - 2 * products[i * n + j];
      low[i * n + j] = low[j * n + i] = Math.max(0, distance - off * norms);
      high[i * n + j] = high[j * n + i] = distance + off * norms;
    }
  }
  const [lower, upper] = [low, high].map((bounds) => sumsOfLeast(bounds, n, n - f - 1)); // its own 0 stands first
  let least = 0;
  for (let i = 1; i < n; i++) if (upper[i] < upper[least]) least = i;
  for (let i = 0; i < n; i++) if (i !== least && !(lower[i] > upper[least])) return undefined;
  return least;
}

/** The reports in float32 where TensorFlow reads them, [stretches, n, length], and zeros behind them. */
function rounded(reports: Reports, stretches: number, length: number): Float32Array {
  const [n, d] = [reports.length, reports[0].length];
  const middle = middleOf(reports);
  const [row, other] = [RESULTS, RESULTS + length];
  const begin = ALIGNED * Math.ceil((RESULTS + 2 * length) / ALIGNED);
  const count = stretches * n * length;
  const room = lanes(begin + count / 2);
  for (let s = 0; s < stretches; s++) {
    const from = Math.min(d, s * length);
    const to = Math.min(d, from + length);
    room.numbers.fill(0, row, other + length);
    if (middle !== undefined) copyStretch(room.numbers, other, middle, from, to);
    for (let i = 0; i < n; i++) {
      copyStretch(room.numbers, row, reports[i], from, to);
      if (middle !== undefined) room.differences(row, row + length, other);
      room.singles(row, row + length, begin + ((s * n + i) * length) / 2);
    }
  }
  return new Float32Array(room.numbers.buffer, 8 * begin, count);
}

function graph(binding: Binding): LoadedGraph {
  return keptGraph(binding, "inner products in float32", () => {
    const g = new Float64Graph();
    const squares = g.squares(g.singles([-1, -1, -1]));
    const sums = g.op("Sum", [squares, g.axis(0)], { Tidx: int32, keep_dims: flag(false) });
    return g.load(binding, [sums]);
  });
}
