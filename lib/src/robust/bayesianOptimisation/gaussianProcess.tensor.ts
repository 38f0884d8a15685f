import { complaint, DomainError, ShapeError } from "../../core/index.js";
import type { Binding } from "../../tensor/binding.js";
import type { Given } from "../../tensor/float64.js";
import { nativeBackend } from "../../tensor/native.js";
import { recordingState } from "../../tensor/recordingState.js";
import { logExpectedImprovement } from "./expectedImprovement.js";
import { type Beliefs, type GaussianProcess, gaussianProcess, type Point } from "./gaussianProcess.js";
import { type KernelScales, matern52, squaredExponential } from "./kernels.js";
import { beliefsGraph, fitGraph, type KernelName, namedKernels } from "./processGraphs.tensor.js";
import { checkCandidates, checkMeasurements, type Fit, notDefinite, processOf, root } from "./processOf.js";

export type { KernelName };

/** A kernel by its name. */
export interface NamedKernel extends KernelScales {
  kernel: KernelName;
}

/**
 * `gaussianProcess` on TensorFlow, in float64 as there, with a kernel that is named: the same to rounding, and quicker
 * from a hundred points on. `jointly` is computed as there, from this fit. Graphs are made once for a kernel and a
 * number of coordinates; no tensor stays. Without native TensorFlow, and while `capture` records, it is
 * `gaussianProcess` itself.
 * @throws as `gaussianProcess`; DomainError for a kernel of another name; MissingPackageError if TensorFlow.js is not
 *   installed, in any of its forms
 * @example
 * const process = gaussianProcessOnTensorFlow({ kernel: "squaredExponential", length: 1 }, [[0], [1]], [1, 0], 0.1);
 * process.at([[0], [0.5]]).mean // [0.9845, 0.5459]
 */
export function gaussianProcessOnTensorFlow(
  named: NamedKernel,
  x: readonly Point[],
  y: ArrayLike<number>,
  noise: number,
): GaussianProcess {
  if (!namedKernels.includes(named.kernel)) {
    throw new DomainError(complaint("kernel", namedKernels.join(", "), named.kernel));
  }
  const kernel = { squaredExponential, matern52 }[named.kernel](named);
  checkMeasurements(x, y, noise);
  const native = recordingState.active ? undefined : nativeBackend();
  // Points without coordinates, or none at all, are no work.
  if (native === undefined || x.length === 0 || x[0].length === 0) return gaussianProcess(kernel, x, y, noise);
  const { binding } = native;
  const data = fit(binding, named, x, y, noise);
  const process = processOf(kernel, x, data);
  const at = (points: readonly Point[]) => beliefs(binding, named, x, data, points);
  return {
    ...process,
    at,
    mostImproving(points, best) {
      if (points.length === 0) throw new ShapeError(complaint("points", "at least one point", points));
      const { mean, deviation } = at(points);
      const improvements = mean.map((m, i) => logExpectedImprovement(m, deviation[i], best));
      // Where several are greatest, as where nothing can improve, the greatest mean.
      const choice = improvements.reduce((winner, own, i) => {
        const equal = own === improvements[winner];
        return own > improvements[winner] || (equal && mean[i] > mean[winner]) ? i : winner;
      }, 0);
      return { choice, logImprovement: improvements[choice] };
    },
  };
}

function fit(
  binding: Binding,
  { kernel, length, deviation = 1 }: NamedKernel,
  x: readonly Point[],
  y: ArrayLike<number>,
  noise: number,
): Fit {
  const n = x.length;
  const inputs = [...halves(x), ...halves(Array.from(y, (value) => [value]))];
  const scales = [length, deviation ** 2, noise ** 2].map(scalar);
  const [lower, white, weights] = fitGraph(binding, kernel, x[0].length).run(binding, [...inputs, ...scales]);
  // Where there is no factor, TensorFlow writes NaN; what it accepts beyond choleskyFactor may be rounding's work.
  const least = n * Number.EPSILON * (deviation ** 2 + noise ** 2);
  for (let i = 0; i < n; i++) if (!(lower[i * n + i] ** 2 > least)) throw notDefinite(noise);
  return { lower, white, weights };
}

function beliefs(
  binding: Binding,
  { kernel, length, deviation = 1 }: NamedKernel,
  x: readonly Point[],
  { lower, weights }: Fit,
  points: readonly Point[],
): Beliefs {
  checkCandidates(points, x);
  const n = x.length;
  const fitted = [{ shape: [n, n], values: lower }, { shape: [n, 1], values: weights }, matrix(x, x[0].length)];
  const scales = [length, deviation ** 2].map(scalar);
  const graph = beliefsGraph(binding, kernel, x[0].length);
  const [mean1, known1, mean2, known2] = graph.run(binding, [...fitted, ...halves(points, x[0].length), ...scales]);
  return {
    mean: join(mean1, mean2),
    deviation: join(known1, known2).map((known) => root(deviation ** 2 - known)),
  };
}

function join(first: Float64Array, second: Float64Array): Float64Array {
  const out = new Float64Array(first.length + second.length);
  out.set(first);
  out.set(second, first.length);
  return out;
}

/** The rows in two halves, of which the second may be empty. */
function halves(rows: readonly Point[], d = rows[0].length): Given[] {
  const middle = Math.ceil(rows.length / 2);
  return [matrix(rows.slice(0, middle), d), matrix(rows.slice(middle), d)];
}

function matrix(rows: readonly Point[], d: number): Given {
  const values = new Float64Array(rows.length * d);
  rows.forEach((row, i) => {
    values.set(row, i * d);
  });
  return { shape: [rows.length, d], values };
}

function scalar(value: number): Given {
  return { shape: [], values: Float64Array.of(value) };
}
