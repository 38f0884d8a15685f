import { readFileSync } from "node:fs";
import { expect } from "chai";
import fc from "fast-check";
import { featureDimensionality, meanMaxCosine, sparseAutoencoder, toySuperposition } from "rlhf-lab/alignment";
import { DomainError, ShapeError } from "rlhf-lab/core";
import { key, normal, split, uniform } from "rlhf-lab/random";

const golden = JSON.parse(readFileSync(new URL("../../golden/inside.json", import.meta.url), "utf8")) as Record<
  string,
  unknown
>[];

const ring = (n: number, size = 1) =>
  Array.from({ length: n }, (_, i) => [size * Math.cos((2 * Math.PI * i) / n), size * Math.sin((2 * Math.PI * i) / n)]);

describe("alignment/featureDimensionality", () => {
  const shapes = golden.find((entry) => "pentagon" in entry) as unknown as Record<string, number>;

  it("is what the paper says of a pair, a triangle, a pentagon, a tetrahedron", () => {
    const corners = [
      [1, 1, 1],
      [1, -1, -1],
      [-1, 1, -1],
      [-1, -1, 1],
    ];
    for (const [name, directions] of Object.entries({
      pair: ring(2),
      triangle: ring(3),
      pentagon: ring(5, 2),
      tetrahedron: corners,
    })) {
      for (const d of featureDimensionality(directions)) expect(d, name).to.be.closeTo(shapes[name], 1e-6);
    }
  });

  it("by hand for directions of unlike length; 0 for a feature that is not there", () => {
    const got = featureDimensionality([
      [2, 0],
      [1, 1],
      [0, 0],
    ]);
    expect(got[0]).to.be.closeTo(16 / (16 + 4), 1e-12);
    expect(got[1]).to.be.closeTo(4 / (4 + 4), 1e-12);
    expect(got[2]).to.equal(0);
  });

  it("is never above 1, adds up to at most the dimensions, and does not know turns or a common scale", () => {
    const entry = fc.double({ min: -2, max: 2, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(entry, entry), { minLength: 1, maxLength: 7 }), entry, (rows, angle) => {
        const own = featureDimensionality(rows);
        const turned = rows.map(([x, y]) => [
          3 * (Math.cos(angle) * x - Math.sin(angle) * y),
          3 * (Math.sin(angle) * x + Math.cos(angle) * y),
        ]);
        for (const d of own) expect(d).to.be.within(0, 1 + 1e-9);
        featureDimensionality(turned).forEach((d, i) => {
          if (Math.hypot(rows[i][0], rows[i][1]) > 1e-3) expect(d).to.be.closeTo(own[i], 1e-6);
        });
        expect(own.reduce((a, b) => a + b)).to.be.at.most(2 + 1e-9);
      }),
    );
    expect(() => featureDimensionality([])).to.throw(DomainError, /directions/);
    expect(() => featureDimensionality([[1, 2], [1]])).to.throw(ShapeError, /directions\[1\]/);
  });
});

describe("alignment/toySuperposition", () => {
  const linear = golden.find((entry) => "loss" in entry) as unknown as {
    features: number;
    dimensions: number;
    loss: number;
  };

  it("without a ReLU is principal components: their loss, and two dimensions in all", () => {
    const { features, dimensions, loss } = linear;
    const got = toySuperposition(key(1), { features, dimensions, sparsity: 0, relu: false });
    expect(got.loss).to.be.closeTo(loss, 0.01);
    const square = got.directions.flat().reduce((sum, w) => sum + w * w, 0);
    expect(square).to.be.closeTo(dimensions, 0.1); // a projection
  });

  it("finds a pentagon where features are rare", () => {
    const got = toySuperposition(key(2), { features: 5, dimensions: 2, sparsity: 0.95 });
    for (const d of featureDimensionality(got.directions)) expect(d).to.be.closeTo(0.4, 0.02);
    expect(got.loss).to.be.below(0.012);
  });

  it("keeps what matters where there is room for one", () => {
    const importance = [1, 1, 10];
    const { directions } = toySuperposition(key(3), { features: 3, dimensions: 1, sparsity: 0, importance });
    const sizes = directions.map(([w]) => Math.abs(w));
    expect(sizes[2]).to.be.above(0.9);
    expect(Math.max(sizes[0], sizes[1])).to.be.below(0.2);
  });

  it("says what cannot be", () => {
    const options = { features: 3, dimensions: 2, sparsity: 0.5 };
    expect(() => toySuperposition(key(1), { ...options, features: 0 })).to.throw(DomainError, /features/);
    expect(() => toySuperposition(key(1), { ...options, sparsity: 1.5 })).to.throw(DomainError, /sparsity/);
    expect(() => toySuperposition(key(1), { ...options, importance: [1] })).to.throw(DomainError, /importance/);
  });
});

describe("alignment/sparseAutoencoder", () => {
  /** Rare features at the six directions of three axes, in three dimensions. */
  const truth = [0, 1, 2].flatMap((i) => [1, -1].map((sign) => [0, 1, 2].map((j) => (i === j ? sign : 0))));
  const rows = (() => {
    const u = uniform(key(8), 2 * 6 * 3000);
    return Array.from({ length: 3000 }, (_, r) =>
      [0, 1, 2].map((j) =>
        truth.reduce((sum, direction, f) => {
          const at = 2 * (6 * r + f);
          return sum + (u[at] < 0.05 ? (0.5 + u[at + 1]) * direction[j] : 0);
        }, 0.3),
      ),
    );
  })();

  it("finds directions that are there, with either way to be sparse, and explains what is to explain", () => {
    for (const sparse of [{ l1: 0.05 }, { topK: 1 }]) {
      const got = sparseAutoencoder(key(4), rows, { hidden: 12, steps: 1500, ...sparse });
      expect(meanMaxCosine(truth, got.decoder)).to.be.above(0.95);
      expect(got.unexplained).to.be.below(0.12);
      for (const row of got.decoder) expect(Math.hypot(...row)).to.be.closeTo(1, 1e-9);
      expect(got.bias.some((b) => b < -0.01)).to.equal(true); // thresholds are learned, too
      if ("topK" in sparse) expect(got.active).to.be.at.most(1);
    }
  });

  it("uses fewer codes at a higher price, and explains less", () => {
    const at = (l1: number) => sparseAutoencoder(key(5), rows, { hidden: 12, steps: 600, l1 });
    const [cheap, dear] = [at(0.02), at(0.6)];
    expect(dear.active).to.be.below(cheap.active);
    expect(dear.unexplained).to.be.above(cheap.unexplained);
  });

  it("says what cannot be", () => {
    const options = { hidden: 4, l1: 0.1 };
    expect(() => sparseAutoencoder(key(1), [], options)).to.throw(DomainError, /activations/);
    expect(() => sparseAutoencoder(key(1), [[1, 2], [1]], options)).to.throw(ShapeError, /activations\[1\]/);
    expect(() => sparseAutoencoder(key(1), rows, { hidden: 4 })).to.throw(DomainError, /either l1 or topK/);
    expect(() => sparseAutoencoder(key(1), rows, { hidden: 4, l1: 1, topK: 2 })).to.throw(DomainError, /either/);
    expect(() => sparseAutoencoder(key(1), rows, { hidden: 4, l1: -1 })).to.throw(DomainError, /l1/);
  });
});

describe("alignment/meanMaxCosine", () => {
  it("is 1 for the truth in any order and at any size; signs count", () => {
    const z = normal(split(key(3))[0], 12);
    const rows = [0, 1, 2].map((i) => Array.from(z.subarray(4 * i, 4 * i + 4)));
    expect(
      meanMaxCosine(
        rows,
        [...rows].reverse().map((row) => row.map((x) => 7 * x)),
      ),
    ).to.be.closeTo(1, 1e-12);
    expect(meanMaxCosine([[1, 0]], [[-1, 0]])).to.equal(-1);
    expect(meanMaxCosine([[1, 0]], [[0, 0]])).to.equal(-1);
    expect(() => meanMaxCosine([], [[1]])).to.throw(DomainError, /truth/);
    expect(() => meanMaxCosine([[0]], [[1]])).to.throw(DomainError, /truth\[0\]/);
    expect(() => meanMaxCosine([[1]], [[1, 2]])).to.throw(ShapeError, /found\[0\]/);
  });
});
