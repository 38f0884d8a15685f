import { type Interval, minus, plus, point, product, quotient, times } from "../../numerics/interval.js";
import type { NetworkBounds } from "./intervalBounds.js";
import { type Box, checkBox, checkNetwork, type ReluNetwork } from "./reluNetwork.js";

/**
 * CROWN: every output is bounded by linear functions of the *input*, found backwards. A ReLU whose input z may lie on
 * both sides of 0, l < 0 < u, is replaced by the chord u (z - l) / (u - l) above and by s z below, s = 1 if u > -l and
 * else 0 (the smaller area); which of the two a weight meets depends on its sign. l and u of each layer come from the
 * same procedure on the layers before it. Sound on the whole box, rounding counted as by `intervalBounds`: coefficients
 * are kept as intervals. Much tighter than intervals where layers undo each other; not always tighter, so take the
 * better end of the two. Zhang et al. 2018, arXiv:1811.00866.
 * @throws ShapeError, DomainError for a box or a network that cannot be
 * @example
 * const net = [{ weights: [[1], [-1]] }, { weights: [[1, 1]] }];
 * linearBounds(net, { lower: [-1], upper: [1] }).upper // [1]
 */
export function linearBounds(network: ReluNetwork, input: Box): NetworkBounds {
  checkBox(input);
  checkNetwork(network, input.lower.length);
  const layers: { lower: Float64Array; upper: Float64Array }[] = [];
  for (let layer = 0; layer < network.length; layer++) {
    const size = network[layer].weights.length;
    const bounds = { lower: new Float64Array(size), upper: new Float64Array(size) };
    for (let i = 0; i < size; i++) {
      bounds.upper[i] = boundUnit(network, layers, input, { layer, unit: i, sign: 1 });
      bounds.lower[i] = 0 - boundUnit(network, layers, input, { layer, unit: i, sign: -1 });
    }
    layers.push(bounds);
  }
  return { ...layers[layers.length - 1], layers };
}

/** The most that sign * (unit of this layer) can be, by going backwards with coefficients on the layer before. */
function boundUnit(
  network: ReluNetwork,
  known: readonly { lower: Float64Array; upper: Float64Array }[],
  { lower, upper }: Box,
  { layer, unit, sign }: { layer: number; unit: number; sign: 1 | -1 },
): number {
  const { weights, bias } = network[layer];
  let constant = point(sign * (bias?.[unit] ?? 0));
  let coefficients = Array.from(weights[unit], (w) => point(sign * w));
  for (let k = layer - 1; k >= 0; k--) {
    const relaxed = coefficients.map((c, j) => {
      const { slope, shift } = reluLine(c, known[k].lower[j], known[k].upper[j]);
      constant = plus(constant, shift);
      return slope;
    });
    const before = network[k];
    coefficients = Array.from({ length: before.weights[0].length }, () => point(0));
    for (let j = 0; j < relaxed.length; j++) {
      constant = plus(constant, times(before.bias?.[j] ?? 0, relaxed[j]));
      for (let i = 0; i < coefficients.length; i++) {
        coefficients[i] = plus(coefficients[i], times(before.weights[j][i], relaxed[j]));
      }
    }
  }
  return coefficients.reduce((sum, c, i) => plus(sum, product(c, [lower[i], upper[i]])), constant)[1];
}

/** The line slope z + shift above c max(0, z) on [l, u]: c times the line above max(0, z), or below it for c < 0. */
function reluLine(c: Interval, l: number, u: number): { slope: Interval; shift: Interval } {
  if (l >= 0) return { slope: c, shift: point(0) };
  if (u <= 0) return { slope: point(0), shift: point(0) };
  if (c[0] >= 0) {
    const chord = product(c, quotient(point(u), minus(point(u), point(l))));
    return { slope: chord, shift: times(-l, chord) };
  }
  if (c[1] <= 0) return { slope: u > -l ? c : point(0), shift: point(0) };
  // A coefficient that is 0 to rounding: at most its upper end times the most that max(0, z) can be.
  return { slope: point(0), shift: times(u, point(c[1])) };
}
