import type { Binding } from "../../tensor/binding.js";
import { Float64Graph, flag, int32, keptGraph, type LoadedGraph, type Value, whole } from "../../tensor/float64.js";

/** Kernels that can be written as a graph. */
export const namedKernels = ["squaredExponential", "matern52"] as const;
export type KernelName = (typeof namedKernels)[number];

/**
 * The fit. Given x in two halves [h1, d] and [h2, d], y likewise [h1, 1] and [h2, 1], the kernel's length and height
 * (its variance), and the variance of the noise; gives Cholesky's factor [n, n], what it makes of y, and the weights.
 * By halves, since the parts of one are then worked on while those of the other are:
 *   L = [L1 0; W' L2],  L1 L1' = K11,  L1 W = K12,  L2 L2' = K22 - W' W.
 */
export function fitGraph(binding: Binding, kernel: KernelName, d: number): LoadedGraph {
  return keptGraph(binding, `gaussianProcess fit ${kernel} ${d}`, () => {
    const g = new Float64Graph();
    const [x1, x2] = [g.input([-1, d]), g.input([-1, d])];
    const [y1, y2] = [g.input([-1, 1]), g.input([-1, 1])];
    const covariance = kernelOps(g, kernel, d);
    const noise = g.input([]);
    const noisy = (k: Value) => g.op("MatrixSetDiag", [k, g.op("AddV2", [g.op("MatrixDiagPart", [k]), noise])]);
    const first = g.op("Cholesky", [noisy(covariance(x1, x1))]);
    const across = solve(g, first, covariance(x1, x2));
    const rest = g.op("Sub", [noisy(covariance(x2, x2)), product(g, across, across, true)]);
    const second = g.op("Cholesky", [rest]);
    const white1 = solve(g, first, y1);
    const white2 = solve(g, second, g.op("Sub", [y2, product(g, across, white1, true)]));
    const weights2 = solve(g, second, white2, true);
    const weights1 = solve(g, first, g.op("Sub", [white1, product(g, across, weights2)]), true);
    const lower = concat(g, 0, [
      concat(g, 1, [first, g.op("ZerosLike", [across])]),
      concat(g, 1, [transpose(g, across), second]),
    ]);
    return g.load(binding, [lower, concat(g, 0, [white1, white2]), concat(g, 0, [weights1, weights2])]);
  });
}

/**
 * What is believed. Given factor [n, n], weights [n, 1], x [n, d], points in two halves [., d], and the kernel's length
 * and height; gives for each half, which are worked on side by side, the means and what is known of the variance.
 */
export function beliefsGraph(binding: Binding, kernel: KernelName, d: number): LoadedGraph {
  return keptGraph(binding, `gaussianProcess beliefs ${kernel} ${d}`, () => {
    const g = new Float64Graph();
    const [lower, weights, x] = [g.input([-1, -1]), g.input([-1, 1]), g.input([-1, d])];
    const halves = [g.input([-1, d]), g.input([-1, d])];
    const covariance = kernelOps(g, kernel, d);
    const outputs = halves.flatMap((points) => {
      const shared = covariance(x, points);
      const squares = g.op("Square", [solve(g, lower, shared)]);
      const known = g.op("Sum", [squares, g.integers(0)], { Tidx: int32, keep_dims: flag(false) });
      return [product(g, shared, weights, true), known];
    });
    return g.load(binding, outputs);
  });
}

/** Takes two more inputs, length and height; gives the kernel of the rows of a and b, [rows of a, rows of b]. */
function kernelOps(g: Float64Graph, kernel: KernelName, d: number): (a: Value, b: Value) => Value {
  const [length, height] = [g.input([]), g.input([])];
  return (a, b) => {
    const turned = transpose(g, b);
    const square = Array.from({ length: d }, (_, k) => {
      const column = g.op("Slice", [a, g.integers(0, k), g.integers(-1, 1)], { Index: int32 });
      const row = g.op("Slice", [turned, g.integers(k, 0), g.integers(1, -1)], { Index: int32 });
      return g.op("SquaredDifference", [column, row]);
    }).reduce((sum, own) => g.op("AddV2", [sum, own]));
    return g.op("Mul", [ofSquaredDistance[kernel](g, square, length), height]);
  };
}

/** The kernels of height 1, as in kernels.ts. */
const ofSquaredDistance: Record<KernelName, (g: Float64Graph, square: Value, length: Value) => Value> = {
  squaredExponential(g, square, length) {
    const scale = g.op("RealDiv", [g.number(-1 / 2), g.op("Square", [length])]);
    return g.op("Exp", [g.op("Mul", [square, scale])]);
  },
  matern52(g, square, length) {
    const scale = g.op("RealDiv", [g.number(Math.sqrt(5)), length]);
    const z = g.op("Mul", [g.op("Sqrt", [square]), scale]);
    const third = g.op("Mul", [g.op("Square", [z]), g.number(1 / 3)]);
    const polynomial = g.op("AddV2", [g.op("AddV2", [z, g.number(1)]), third]);
    return g.op("Mul", [polynomial, g.op("Exp", [g.op("Neg", [z])])]);
  },
};

function solve(g: Float64Graph, lower: Value, right: Value, adjoint = false): Value {
  return g.op("MatrixTriangularSolve", [lower, right], { lower: flag(true), adjoint: flag(adjoint) });
}

function product(g: Float64Graph, a: Value, b: Value, transposed = false): Value {
  return g.op("MatMul", [a, b], { transpose_a: flag(transposed), transpose_b: flag(false) });
}

function transpose(g: Float64Graph, a: Value): Value {
  return g.op("Transpose", [a, g.integers(1, 0)], { Tperm: int32 });
}

function concat(g: Float64Graph, axis: number, parts: readonly Value[]): Value {
  return g.op("ConcatV2", [...parts, g.axis(axis)], { N: whole(parts.length), Tidx: int32 });
}
