import { type Interval, plus, point, times } from "../../numerics/interval.js";
import { type Box, checkBox, checkNetwork, type DenseLayer, type ReluNetwork } from "./reluNetwork.js";

/** Bounds on every affine layer's values, before ReLU; the last are the network's own. */
export interface NetworkBounds {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** Before ReLU, layer by layer; the last one is the output. */
  readonly layers: readonly { readonly lower: Float64Array; readonly upper: Float64Array }[];
}

/**
 * Interval bound propagation: the box of inputs is carried through each layer as centre and radius,
 *
 *   centre' = W centre + b,  radius' = |W| radius,
 *
 * and through ReLU end by end. Sound for every input of the box: ends are rounded outwards, so that they bound what the
 * network with these weights answers in exact arithmetic (`evaluateNetwork` rounds, and may pass them by as much).
 * Loose, since it forgets that two units see the same input. Gowal et al. 2018, arXiv:1810.12715.
 * @throws ShapeError, DomainError for a box or a network that cannot be
 * @example intervalBounds([{ weights: [[1, -1]] }], { lower: [0, 0], upper: [1, 1] }).upper // [1]
 */
export function intervalBounds(network: ReluNetwork, input: Box): NetworkBounds {
  checkBox(input);
  checkNetwork(network, input.lower.length);
  const layers: { lower: Float64Array; upper: Float64Array }[] = [];
  for (const layer of network) {
    const before = layers.at(-1);
    layers.push(throughAffine(layer, before === undefined ? input : rectified(before)));
  }
  return { ...layers[layers.length - 1], layers };
}

function throughAffine({ weights, bias }: DenseLayer, { lower, upper }: Box) {
  const size = weights.length;
  const out = { lower: new Float64Array(size), upper: new Float64Array(size) };
  weights.forEach((row, i) => {
    // Weight by weight, which is the same as centre and radius, and needs no halves.
    let sum: Interval = point(bias?.[i] ?? 0);
    for (let j = 0; j < row.length; j++) sum = plus(sum, times(row[j], [lower[j], upper[j]]));
    [out.lower[i], out.upper[i]] = sum;
  });
  return out;
}

function rectified({ lower, upper }: { lower: Float64Array; upper: Float64Array }): Box {
  return { lower: lower.map((x) => Math.max(0, x)), upper: upper.map((x) => Math.max(0, x)) };
}
