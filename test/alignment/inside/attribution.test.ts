import { readFileSync } from "node:fs";
import { expect } from "chai";
import fc from "fast-check";
import { gradientTimesInput, integratedGradients, patchingEffect } from "rlhf-lab/alignment";
import { integratedGradientsOf, patchPositions, projectOut } from "rlhf-lab/alignment/tensor";
import { DomainError, ShapeError } from "rlhf-lab/core";
import { tf } from "rlhf-lab/tensor";

const golden = JSON.parse(readFileSync(new URL("../../golden/inside.json", import.meta.url), "utf8")) as Record<
  string,
  unknown
>[];

const relu = (x: number) => Math.max(0, x);
const step = (x: number) => (x > 0 ? 1 : 0);
/** Value and gradient of the two networks of Sundararajan et al. */
const networks = {
  f: {
    value: ([a, b]: ArrayLike<number> & Iterable<number>) => relu(relu(a) - 1 - relu(b)),
    gradient: ([a, b]: Float64Array) => {
      const open = step(relu(a) - 1 - relu(b));
      return [open * step(a), -open * step(b)];
    },
  },
  g: {
    value: ([a, b]: ArrayLike<number> & Iterable<number>) => relu(relu(a - 1) - relu(b)),
    gradient: ([a, b]: Float64Array) => {
      const open = step(relu(a - 1) - relu(b));
      return [open * step(a - 1), -open * step(b)];
    },
  },
};

describe("alignment/integrated gradients", () => {
  const entries = golden.filter((entry) => "network" in entry) as unknown as {
    network: "f" | "g";
    x: number[];
    integrated: number[];
    gradientTimesInput: number[];
  }[];
  for (const { network, x, integrated, gradientTimesInput: product } of entries) {
    it(`is what the paper prints for ${network}, and gradient times input is not complete there`, () => {
      const { gradient } = networks[network];
      const got = integratedGradients(gradient, x, [0, 0], { steps: 10_000 });
      integrated.forEach((value, i) => {
        expect(got[i]).to.be.closeTo(value, 1e-3);
      });
      expect([...gradientTimesInput(gradient, x)]).to.deep.equal(product);
    });
  }

  it("is exact for x^2 by the midpoint and the trapezoid rule; left and right miss by the size of a step", () => {
    const gradient = ([x]: Float64Array) => [2 * x];
    expect(integratedGradients(gradient, [3], [1], { steps: 4 })[0]).to.be.closeTo(8, 1e-12);
    expect(integratedGradients(gradient, [3], [1], { steps: 4, rule: "trapezoid" })[0]).to.be.closeTo(8, 1e-12);
    expect(integratedGradients(gradient, [3], [1], { steps: 4, rule: "left" })[0]).to.be.closeTo(7, 1e-12);
    expect(integratedGradients(gradient, [3], [1], { steps: 4, rule: "right" })[0]).to.be.closeTo(9, 1e-12);
  });

  it("is complete, and linear in f, for smooth functions", () => {
    const number = fc.double({ min: -2, max: 2, noNaN: true });
    fc.assert(
      fc.property(fc.tuple(number, number), fc.tuple(number, number), number, (x, x0, c) => {
        const f = ([a, b]: ArrayLike<number> & Iterable<number>) => Math.sin(a * b) + c * a;
        const got = integratedGradients(([a, b]) => [b * Math.cos(a * b) + c, a * Math.cos(a * b)], x, x0, {
          steps: 400,
        });
        expect(got[0] + got[1]).to.be.closeTo(f(x) - f(x0), 1e-3);
        const part = integratedGradients(([a, b]) => [b * Math.cos(a * b), a * Math.cos(a * b)], x, x0, { steps: 400 });
        expect(got[0] - part[0]).to.be.closeTo(c * (x[0] - x0[0]), 1e-9);
      }),
      { numRuns: 40 },
    );
  });

  it("on tensors agrees with float64, and says what is missing", () => {
    const [x, x0] = [
      [1.5, -0.5, 2],
      [0.5, 1, 0],
    ];
    const f = (rows: tf.Tensor) => tf.sum(tf.mul(tf.tanh(rows), rows), -1);
    const slope = (v: number) => Math.tanh(v) + v * (1 - Math.tanh(v) ** 2);
    const want = integratedGradients((v) => v.map(slope), x, x0, { steps: 32 });
    const before = tf.memory().numTensors;
    const { attributions, gap } = integratedGradientsOf(f, tf.tensor1d(x), tf.tensor1d(x0), { steps: 32 });
    const got = attributions.dataSync();
    want.forEach((value, i) => {
      expect(got[i]).to.be.closeTo(value, 1e-5);
    });
    const whole = x.reduce((sum, v, i) => sum + v * Math.tanh(v) - x0[i] * Math.tanh(x0[i]), 0);
    expect(gap).to.be.closeTo(whole - want.reduce((a, b) => a + b), 1e-4);
    expect(tf.memory().numTensors - before).to.equal(3); // x, the baseline and the attributions
  });

  it("says what cannot be", () => {
    const gradient = () => [1];
    expect(() => integratedGradients(gradient, [1], [1, 2])).to.throw(ShapeError, /baseline/);
    expect(() => integratedGradients(gradient, [Number.NaN], [0])).to.throw(DomainError, /x\[0\]/);
    expect(() => integratedGradients(gradient, [1, 2], [0, 0])).to.throw(ShapeError, /gradient/);
    expect(() => integratedGradients(gradient, [1], [0], { steps: 0 })).to.throw(DomainError, /steps/);
    expect(() => integratedGradients(gradient, [1], [0], { rule: "simpson" as never })).to.throw(DomainError, /rule/);
    expect(() => integratedGradientsOf((rows) => rows, tf.ones([2]), tf.zeros([3]))).to.throw(ShapeError, /baseline/);
    expect(() => integratedGradientsOf((rows) => rows, tf.ones([2]), tf.zeros([2]))).to.throw(ShapeError, /two rows/);
  });
});

describe("alignment/patching", () => {
  it("is 1 for the clean measure, 0 for the corrupt one, whatever scale and zero the measure has", () => {
    const number = fc.double({ min: -9, max: 9, noNaN: true });
    fc.assert(
      fc.property(
        number,
        number,
        number,
        fc.double({ min: 0.1, max: 9, noNaN: true }),
        (clean, corrupt, patched, scale) => {
          fc.pre(Math.abs(clean - corrupt) > 0.1);
          const moved = (m: number) => scale * m - 3;
          const effect = patchingEffect({ clean, corrupt, patched });
          expect(
            patchingEffect({ clean: moved(clean), corrupt: moved(corrupt), patched: moved(patched) }),
          ).to.be.closeTo(effect, 1e-6);
          expect(patchingEffect({ clean, corrupt, patched: clean })).to.be.closeTo(1, 1e-12);
          expect(patchingEffect({ clean, corrupt, patched: corrupt })).to.be.closeTo(0, 1e-12);
        },
      ),
    );
    expect(() => patchingEffect({ clean: 1, corrupt: 1, patched: 0 })).to.throw(DomainError, /clean/);
    expect(() => patchingEffect({ clean: 1, corrupt: 0, patched: Number.NaN })).to.throw(DomainError, /patched/);
  });

  it("writes the places that it is told to, to the bit, and no other", () => {
    const [x, from] = [
      tf.randomUniform([2, 3, 4], 0, 1, "float32", 1),
      tf.randomUniform([2, 3, 4], 0, 1, "float32", 2),
    ];
    const got = patchPositions(x, from, tf.tensor2d([[0, 1, 0]])).arraySync();
    const [own, other] = [x.arraySync() as number[][][], from.arraySync() as number[][][]];
    own.forEach((rows, b) => {
      expect(got[b]).to.deep.equal([rows[0], other[b][1], rows[2]]);
    });
  });

  it("projects a direction out, of any length", () => {
    const x = tf.tensor2d([
      [3, 4],
      [1, -1],
    ]);
    for (const size of [1, 3]) {
      const got = projectOut(x, tf.tensor1d([size, size])).arraySync() as number[][];
      expect(got[0][0]).to.be.closeTo(-0.5, 1e-6);
      expect(got[0][1]).to.be.closeTo(0.5, 1e-6);
      expect(got[1]).to.deep.equal([1, -1]);
    }
  });
});
