import { lanes, RESULTS } from "../numerics/lanes/lanes.js";
import type { Binding } from "../tensor/binding.js";
import { ALIGNED, Float64Graph, flag, keptGraph, type LoadedGraph } from "../tensor/float64.js";
import { nativeBackend } from "../tensor/native.js";
import { recordingState } from "../tensor/recordingState.js";
import { copyStretch, type Reports } from "./aggregate.js";
import { krumScoresOf, leastScored } from "./krumOf.js";
import { leastBySingles } from "./leastBySingles.tensor.js";
import type { InnerProducts } from "./squaredDistances.js";

/**
 * `krumScores` on TensorFlow, in float64 as there: the same to rounding, and quicker where reports are many and long.
 * No tensor stays. Without native TensorFlow, and while `capture` records, it is `krumScores` itself.
 * @throws as `krumScores`; MissingPackageError if TensorFlow.js is not installed, in any of its forms
 * @example krumScoresOnTensorFlow([[0], [1], [3], [90]], 1) // [1, 1, 4, 7569]
 */
export function krumScoresOnTensorFlow(reports: Reports, f: number): Float64Array {
  const native = recordingState.active ? undefined : nativeBackend();
  return krumScoresOf(reports, f, native && productsBy(native.binding));
}

/**
 * `krum` on TensorFlow, see `krumScoresOnTensorFlow`: the same report. Where one is asked for, and float32 with its
 * bounds on rounding tells that its score is the least, no score is computed in float64.
 * @throws as `krum`, and as that
 */
export function krumOnTensorFlow(reports: Reports, f: number, { take = 1 }: { take?: number } = {}): Float64Array {
  const native = recordingState.active || take !== 1 ? undefined : nativeBackend();
  const least = native && leastBySingles(reports, f, native.binding);
  if (least !== undefined) return Float64Array.from(reports[least]);
  return leastScored(reports, krumScoresOnTensorFlow(reports, f), take);
}

/** Numbers that are given to TensorFlow at once: 8 MB. */
const AT_ONCE = 2 ** 20;

function productsBy(binding: Binding): InnerProducts {
  return (reports, middle) => {
    const [n, d] = [reports.length, reports[0].length];
    const products = new Float64Array(n * n);
    // The third strip is as much work as the other two.
    const [first, second] = [n / 3, (2 * n) / 3].map((end) => Math.min(n, 4 * Math.round(end / 4)));
    const most = ALIGNED * Math.max(1, Math.floor(AT_ONCE / n / ALIGNED));
    for (let from = 0; from < d; from += most) {
      const { numbers, length } = copied(reports, middle, from, Math.min(from + most, d));
      const rows = (begin: number, end: number) => ({
        shape: [end - begin, length],
        values: numbers.subarray(RESULTS + begin * length, RESULTS + end * length),
      });
      const given = [rows(0, first), rows(0, second), rows(first, second), rows(0, n), rows(second, n)];
      const strips = stripsGraph(binding).run(binding, given);
      strips.forEach((strip, s) => {
        const [begin, end] = [[0, first, second][s], [first, second, n][s]];
        for (let i = begin; i < end; i++) {
          for (let j = 0; j <= i; j++) products[i * n + j] += strip[j * (end - begin) + i - begin];
        }
      });
    }
    return { products, stride: n };
  };
}

/** Numbers `from` to `to` - 1 of the reports less the middle, where TensorFlow reads them, and zeros up to `length`. */
function copied(reports: Reports, middle: Float64Array | undefined, from: number, to: number) {
  const [n, width] = [reports.length, to - from];
  const length = ALIGNED * Math.ceil(width / ALIGNED);
  const row = (i: number) => RESULTS + i * length;
  const room = lanes(row(n + 1));
  const { numbers } = room;
  if (middle !== undefined) copyStretch(numbers, row(n), middle, from, to);
  for (let i = 0; i < n; i++) {
    copyStretch(numbers, row(i), reports[i], from, to);
    if (middle !== undefined) room.differences(row(i), row(i) + width, row(n));
    numbers.fill(0, row(i) + width, row(i + 1));
  }
  return { numbers, length };
}

/**
 * Given rows up to the end of the first strip, and for the second and the third those up to its end and those of the
 * strip; gives the products of each pair. Half of all products is enough, and each strip is worked on by a thread:
 * fewer strips are products twice, more are rows that are read again.
 */
function stripsGraph(binding: Binding): LoadedGraph {
  return keptGraph(binding, "inner products in three strips", () => {
    const g = new Float64Graph();
    const any = [-1, -1];
    const first = g.input(any);
    const pairs = [
      [first, first],
      [g.input(any), g.input(any)],
      [g.input(any), g.input(any)],
    ];
    const attributes = { transpose_a: flag(false), transpose_b: flag(true) };
    return g.load(
      binding,
      pairs.map((pair) => g.op("MatMul", pair, attributes)),
    );
  });
}
