import { checkLength, checkNumbers } from "../../core/checks.js";
import { complaint, DomainError, ShapeError } from "../../core/index.js";

/** An affine layer x -> weights x + bias: weights [out][in]; no bias is a bias of 0. */
export interface DenseLayer {
  readonly weights: readonly ArrayLike<number>[];
  readonly bias?: ArrayLike<number>;
}

/** A feed-forward network: affine layers with ReLU, max(0, .), between them and none after the last. */
export type ReluNetwork = readonly DenseLayer[];

/** A box: every x with lower <= x <= upper, coordinate by coordinate. */
export interface Box {
  readonly lower: ArrayLike<number>;
  readonly upper: ArrayLike<number>;
}

/**
 * What the network answers, [out].
 * @throws ShapeError unless layers fit each other and the input
 * @example evaluateNetwork([{ weights: [[1, -1]] }], [3, 1]) // [2]
 */
export function evaluateNetwork(network: ReluNetwork, input: ArrayLike<number>): Float64Array {
  checkNetwork(network, input.length);
  let x = Float64Array.from(input);
  network.forEach(({ weights, bias }, layer) => {
    if (layer > 0) x = x.map((z) => Math.max(0, z));
    x = Float64Array.from(weights, (row, i) => x.reduce((sum, value, j) => sum + row[j] * value, bias?.[i] ?? 0));
  });
  return x;
}

/** @throws ShapeError, DomainError unless all layers fit each other and an input of this size, and hold numbers */
export function checkNetwork(network: ReluNetwork, inputs: number): void {
  if (network.length === 0) throw new ShapeError(complaint("network", "at least one layer", network));
  let size = inputs;
  network.forEach(({ weights, bias }, layer) => {
    if (weights.length === 0) throw new ShapeError(complaint(`layer ${layer}`, "at least one row of weights", weights));
    weights.forEach((row, i) => {
      checkNumbers(`layer ${layer}: weights[${i}]`, row, size);
    });
    if (bias !== undefined) checkNumbers(`layer ${layer}: bias`, bias, weights.length);
    size = weights.length;
  });
}

/** @throws ShapeError, DomainError unless ends are finite, as many, and lower <= upper */
export function checkBox({ lower, upper }: Box): void {
  checkLength("upper", upper, lower.length, "one per end in lower");
  checkNumbers("lower", lower, lower.length);
  checkNumbers("upper", upper, lower.length);
  for (let i = 0; i < lower.length; i++) {
    if (lower[i] <= upper[i]) continue;
    throw new DomainError(complaint(`box, coordinate ${i}`, "lower <= upper", [lower[i], upper[i]]));
  }
}
