import { Matrix, SingularValueDecomposition } from "ml-matrix";
import { complaint, DomainError } from "../../core/index.js";
import { type Interval, plus, point, product } from "../../numerics/interval.js";
import { checkNetwork, type DenseLayer, type ReluNetwork } from "./reluNetwork.js";

/**
 * A constant L with ||f(x) - f(y)|| <= L ||x - y|| everywhere, in the norm asked for: the product of the layers'
 * operator norms, since ReLU never stretches. Norm 2: greatest singular values; Infinity: greatest sum of a row's
 * |weights|; 1: of a column's. Sound, and loose: it takes every layer's worst direction. Rounded upwards, but for
 * singular values, which are to rounding. Szegedy et al. 2013, arXiv:1312.6199, section 4.3.
 * @throws ShapeError, DomainError for a network that cannot be, or another norm
 * @example lipschitzBound([{ weights: [[1, -1], [2, -1]] }, { weights: [[1, -1]] }], Infinity) // 6
 */
export function lipschitzBound(network: ReluNetwork, norm: 1 | 2 | typeof Number.POSITIVE_INFINITY = 2): number {
  if (norm !== 1 && norm !== 2 && norm !== Number.POSITIVE_INFINITY) {
    throw new DomainError(complaint("norm", "1, 2 or Infinity", norm));
  }
  checkNetwork(network, network[0]?.weights[0]?.length ?? 0);
  return network.reduce((all, layer) => product(all, point(operatorNorm(layer, norm))), point(1))[1];
}

function operatorNorm({ weights }: DenseLayer, norm: number): number {
  const rows = weights.map((row) => Array.from(row));
  if (norm === 2) return new SingularValueDecomposition(new Matrix(rows), { autoTranspose: true }).norm2;
  const sums = Array.from({ length: norm === 1 ? rows[0].length : rows.length }, (): Interval => point(0));
  rows.forEach((row, i) => {
    row.forEach((w, j) => {
      const at = norm === 1 ? j : i;
      sums[at] = plus(sums[at], point(Math.abs(w)));
    });
  });
  return sums.reduce((most, [, sum]) => Math.max(most, sum), 0);
}
