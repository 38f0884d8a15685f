import { readFileSync } from "node:fs";
import { expect } from "chai";
import { DomainError, foldIn, type Key, key, ShapeError } from "rlhf-lab";
import { normal, split, uniform } from "rlhf-lab/random";
import {
  type Box,
  evaluateNetwork,
  intervalBounds,
  linearBounds,
  lipschitzBound,
  type ReluNetwork,
} from "rlhf-lab/safety";

import { add, type Dyadic, exact, lies, multiply } from "../numerics/dyadic.js";

const [toy] = JSON.parse(readFileSync("test/golden/safety-bounds.json", "utf8"));
const toyNet: ReluNetwork = toy.weights.map((weights: number[][]) => ({ weights }));
const toyBox: Box = { lower: toy.lower, upper: toy.upper };

/** A network of normal weights, with biases. */
function randomNetwork(k: Key, sizes: readonly number[]): ReluNetwork {
  return sizes.slice(1).map((out, layer) => {
    const [weightKey, biasKey] = split(foldIn(k, layer));
    const w = normal(weightKey, out * sizes[layer]);
    return {
      weights: Array.from({ length: out }, (_, i) => w.subarray(i * sizes[layer], (i + 1) * sizes[layer])),
      bias: normal(biasKey, out),
    };
  });
}

/** The range of the first output over a fine grid of a box in the plane, corners included. */
function gridRange(network: ReluNetwork, { lower, upper }: Box, steps = 60): [number, number] {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i <= steps; i++) {
    for (let j = 0; j <= steps; j++) {
      const at = [i, j].map((n, d) => lower[d] + ((upper[d] - lower[d]) * n) / steps);
      const [y] = evaluateNetwork(network, at);
      [least, most] = [Math.min(least, y), Math.max(most, y)];
    }
  }
  return [least, most];
}

/** Rounded outwards: around the exact interval, and hardly wider. */
function encloses([lower, upper]: readonly number[], [least, most]: readonly number[]): void {
  expect(lower).to.be.within(least - 1e-12, least);
  expect(upper).to.be.within(most, most + 1e-12);
}

/** The first output of a network in exact arithmetic. */
function exactAnswer(network: ReluNetwork, input: readonly number[]): Dyadic {
  let x = input.map(exact);
  network.forEach(({ weights, bias }, layer) => {
    if (layer > 0) x = x.map((z) => (z.m > 0n ? z : exact(0)));
    x = weights.map((row, i) =>
      x.reduce((sum, value, j) => add(sum, multiply(exact(row[j]), value)), exact(bias?.[i] ?? 0)),
    );
  });
  return x[0];
}

describe("bounds of a ReLU network on a box", () => {
  it(`${toy.desc}: auto_LiRPA's toy`, () => {
    const { lower, upper, layers } = intervalBounds(toyNet, toyBox);
    encloses([lower[0], upper[0]], toy.interval);
    encloses([layers[0].lower[0], layers[0].upper[0]], [-2, 4]);
    encloses([layers[0].lower[1], layers[0].upper[1]], [-3, 6]);
    gridRange(toyNet, toyBox).forEach((end, i) => {
      expect(end).to.be.closeTo(toy.truth[i], 1e-12);
    });
  });

  it("linear bounds of the toy, by hand: y >= -x/3 - x'/3 - 2 and y <= -4x/3 + x'/3 + 4/3, so [-3, 3]", () => {
    const { lower, upper } = linearBounds(toyNet, toyBox);
    expect(lower[0]).to.be.closeTo(-3, 1e-12);
    expect(upper[0]).to.be.closeTo(3, 1e-12);
  });

  it("hold on 20 networks of three layers, and linear ones are tighter on most", () => {
    let tighter = 0;
    for (let i = 0; i < 20; i++) {
      const [netKey, boxKey] = split(key(i));
      const network = randomNetwork(netKey, [2, 8, 6, 1]);
      const corner = uniform(boxKey, 2, -1, 1);
      const box = { lower: corner, upper: corner.map((x) => x + 0.4) };
      const [least, most] = gridRange(network, box);
      const [byInterval, byLines] = [intervalBounds(network, box), linearBounds(network, box)];
      for (const { lower, upper } of [byInterval, byLines]) {
        expect(lower[0]).to.be.at.most(least + 1e-9);
        expect(upper[0]).to.be.at.least(most - 1e-9);
      }
      if (byLines.upper[0] - byLines.lower[0] < byInterval.upper[0] - byInterval.lower[0]) tighter++;
    }
    expect(tighter).to.be.at.least(18);
  });

  it("are exact for a network of one layer, and for a box of one point", () => {
    const one = [{ weights: [[1, -2]], bias: [3] }];
    for (const bounds of [intervalBounds(one, toyBox), linearBounds(one, toyBox)]) {
      encloses([bounds.lower[0], bounds.upper[0]], [0, 9]);
    }
    const network = randomNetwork(key(5), [2, 8, 6, 2]);
    const point = [0.3, -0.7];
    const value = evaluateNetwork(network, point);
    for (const bounds of [intervalBounds, linearBounds]) {
      const { lower, upper } = bounds(network, { lower: point, upper: point });
      value.forEach((y, i) => {
        expect(lower[i]).to.be.closeTo(y, 1e-10);
        expect(upper[i]).to.be.closeTo(y, 1e-10);
      });
    }
  });

  it("count rounding: the exact answer at a point lies in its bounds, where rounded answers differ from it", () => {
    let rounded = 0;
    for (let i = 0; i < 60; i++) {
      const [netKey, pointKey] = split(key(100 + i));
      const network = randomNetwork(netKey, [2, 8, 6, 1]);
      const x = Array.from(uniform(pointKey, 2, -1, 1));
      const answer = exactAnswer(network, x);
      const [own] = evaluateNetwork(network, x);
      if (!lies(answer, [own, own])) rounded++;
      for (const bounds of [intervalBounds, linearBounds]) {
        const { lower, upper } = bounds(network, { lower: x, upper: x });
        expect(lies(answer, [lower[0], upper[0]])).to.equal(true);
      }
    }
    expect(rounded).to.be.above(50);
  });

  it("keep every layer's values in their boxes, which a figure draws", () => {
    const network = randomNetwork(key(6), [2, 5, 4, 3]);
    const { layers } = linearBounds(network, toyBox);
    const inputs = uniform(key(7), 200, -1, 1);
    for (let i = 0; i < 200; i += 2) {
      const x = [0.5 + 1.5 * inputs[i], -0.5 + 1.5 * inputs[i + 1]];
      layers.forEach(({ lower, upper }, layer) => {
        evaluateNetwork(network.slice(0, layer + 1), x).forEach((z, unit) => {
          expect(z).to.be.within(lower[unit] - 1e-9, upper[unit] + 1e-9);
        });
      });
    }
  });

  it("scale: weights of the last layer times 1e8, or shifted by a bias, move the bounds alike", () => {
    const network = randomNetwork(key(8), [2, 5, 1]);
    const [first, last] = network;
    for (const bounds of [intervalBounds, linearBounds]) {
      const { lower, upper } = bounds(network, toyBox);
      const weights = last.weights.map((row) => Float64Array.from(row, (w) => -1e8 * w));
      const scaled = bounds([first, { weights, bias: [-1e8 * (last.bias?.[0] ?? 0) + 5] }], toyBox);
      expect((scaled.lower[0] - 5) / (-1e8 * upper[0])).to.be.closeTo(1, 1e-9);
      expect((scaled.upper[0] - 5) / (-1e8 * lower[0])).to.be.closeTo(1, 1e-9);
    }
  });

  it("refuse boxes and layers that do not fit", () => {
    for (const bounds of [intervalBounds, linearBounds]) {
      expect(() => bounds(toyNet, { lower: [0], upper: [1] })).to.throw(ShapeError, "layer 0");
      expect(() => bounds(toyNet, { lower: [0, 2], upper: [1, 1] })).to.throw(DomainError, "coordinate 1");
      expect(() => bounds(toyNet, { lower: [0, Number.NaN], upper: [1, 1] })).to.throw(DomainError, "lower[1]");
      expect(() => bounds([], toyBox)).to.throw(ShapeError, "at least one layer");
      expect(() => bounds([toyNet[0], { weights: [[1]] }], toyBox)).to.throw(ShapeError, "layer 1");
    }
  });
});

describe("the Lipschitz bound of a network", () => {
  it("of the toy in three norms, by hand", () => {
    expect(lipschitzBound(toyNet, Number.POSITIVE_INFINITY)).to.be.within(6, 6 + 1e-12);
    expect(lipschitzBound(toyNet, 1)).to.be.within(3, 3 + 1e-12);
    // W W' has trace 7 and determinant 1; the last layer's norm is sqrt 2.
    expect(lipschitzBound(toyNet)).to.be.closeTo(Math.sqrt((7 + Math.sqrt(45)) / 2) * Math.SQRT2, 1e-12);
  });

  it("is not passed between 2,000 pairs of points", () => {
    const network = randomNetwork(key(9), [3, 6, 2]);
    const points = normal(key(10), 12000);
    for (const norm of [1, 2, Number.POSITIVE_INFINITY] as const) {
      const size = (v: ArrayLike<number>) =>
        norm === 2
          ? Math.hypot(v[0], v[1], v[2] ?? 0)
          : Array.from(v).reduce((a, b) => (norm === 1 ? a + Math.abs(b) : Math.max(a, Math.abs(b))), 0);
      const L = lipschitzBound(network, norm);
      for (let i = 0; i < 12000; i += 6) {
        const [x, y] = [points.subarray(i, i + 3), points.subarray(i + 3, i + 6)];
        const [fx, fy] = [evaluateNetwork(network, x), evaluateNetwork(network, y)];
        expect(size(fx.map((value, j) => value - fy[j]))).to.be.at.most(L * size(x.map((v, j) => v - y[j])) + 1e-9);
      }
    }
  });

  it("refuses another norm", () => {
    expect(() => lipschitzBound(toyNet, 3 as 2)).to.throw(DomainError, "norm");
    expect(() => lipschitzBound([])).to.throw(ShapeError, "layer");
  });
});
