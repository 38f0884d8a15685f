import { checkCount } from "../core/checks.js";
import { complaint, ShapeError } from "../core/index.js";
import { foldIn, type Key, normal } from "../random/index.js";
import type { ReluNetwork } from "../safety/networks/index.js";

/**
 * A random network of the given widths, inputs first, with ReLU between the layers: weights Normal(0, 2 / inputs of the
 * layer), biases Normal(0, 0.01). For bounds to be tried on.
 * @throws ShapeError for fewer than two widths; DomainError unless all are whole numbers of at least 1
 */
export function randomRelu(key: Key, widths: readonly number[]): ReluNetwork {
  if (widths.length < 2) throw new ShapeError(complaint("widths", "at least two: inputs and outputs", widths));
  widths.forEach((size, i) => {
    checkCount(`widths[${i}]`, size);
  });
  return widths.slice(1).map((out, layer) => {
    const inputs = widths[layer];
    const z = normal(foldIn(key, layer), out * (inputs + 1));
    const weights = Array.from({ length: out }, (_, i) =>
      z.slice(i * inputs, (i + 1) * inputs).map((x) => x * Math.sqrt(2 / inputs)),
    );
    return { weights, bias: z.slice(out * inputs).map((x) => 0.1 * x) };
  });
}
