import { expect } from "chai";
import { DivergenceError, DomainError, key, normal, ShapeError } from "rlhf-lab";
import {
  affine,
  assertFinite,
  categoricalEntropy,
  crossEntropy,
  dropout,
  dropoutMask,
  gelu,
  layerNorm,
  maskedMean,
  maskedRowMean,
  maskedSum,
  scaledDotProduct,
  tf,
  tokenLogProbs,
  valueAndGradients,
} from "rlhf-lab/tensor";
import { firstAbove } from "../../lib/src/tensor/firstAbove.js";

type Numbers = Record<string, { shape: number[]; values: Float64Array }>;

/**
 * The tensor version in float32 against the formula in float64: the value, and every partial derivative against a
 * central difference of the formula.
 */
function expectAgrees(
  inputs: Numbers,
  formula: (x: Record<string, Float64Array>) => number,
  tensors: (x: Record<string, tf.Tensor>) => tf.Tensor,
  tolerance = 2e-4,
): void {
  const values = Object.fromEntries(Object.entries(inputs).map(([name, { values }]) => [name, values]));
  tf.tidy(() => {
    const params = Object.fromEntries(
      Object.entries(inputs).map(([name, { shape, values }]) => [name, tf.tensor(Float32Array.from(values), shape)]),
    );
    const { loss, gradients } = valueAndGradients(params, tensors);
    expect(loss.dataSync()[0], "value").closeTo(formula(values), tolerance);
    for (const name of Object.keys(inputs)) {
      const gradient = (gradients as Record<string, tf.Tensor>)[name].dataSync();
      for (let i = 0; i < gradient.length; i++) {
        const moved = (by: number) => {
          const copy = values[name].slice();
          copy[i] += by;
          return formula({ ...values, [name]: copy });
        };
        const difference = (moved(1e-5) - moved(-1e-5)) / 2e-5;
        expect(gradient[i], `d/d ${name}[${i}]`).closeTo(difference, tolerance);
      }
    }
  });
}

/** A tensor op's gradient of our own against TensorFlow.js's tape over the same function written plainly. */
function expectSameGradient(
  params: Record<string, tf.Tensor>,
  ours: (p: Record<string, tf.Tensor>) => tf.Tensor,
  plain: (p: Record<string, tf.Tensor>) => tf.Tensor,
): void {
  const weights = (out: tf.Tensor) =>
    tf.sum(tf.mul(out, tf.tensor(Float32Array.from(normal(key(99), out.size)), out.shape)));
  const [a, b] = [ours, plain].map((fn) => valueAndGradients(params, (p) => weights(fn(p))));
  expect(a.loss.dataSync()[0]).closeTo(b.loss.dataSync()[0], 1e-4);
  for (const name of Object.keys(params)) {
    const want = b.gradients[name].dataSync();
    a.gradients[name].dataSync().forEach((value, i) => void expect(value, `${name}[${i}]`).closeTo(want[i], 1e-4));
  }
}

const draw = (seed: number, shape: number[]) => ({
  shape,
  values: normal(
    key(seed),
    shape.reduce((a, b) => a * b, 1),
  ),
});
const tensorOf = (seed: number, shape: number[]) =>
  tf.tensor(Float32Array.from(normal(key(seed), tf.util.sizeFromShape(shape))), shape);

describe("tensor ops", () => {
  it("layer norm is the formula, value and gradient", () => {
    const D = 5;
    const mix = normal(key(4), 3 * D);
    expectAgrees(
      { x: draw(1, [3, D]), gain: draw(2, [D]), bias: draw(3, [D]) },
      ({ x, gain, bias }) => {
        let sum = 0;
        for (let row = 0; row < 3; row++) {
          const r = Array.from(x.slice(row * D, row * D + D));
          const mean = r.reduce((a, b) => a + b, 0) / D;
          const variance = r.reduce((a, b) => a + (b - mean) ** 2, 0) / D;
          r.forEach((value, d) => {
            sum += mix[row * D + d] * (gain[d] * ((value - mean) / Math.sqrt(variance + 1e-5)) + bias[d]);
          });
        }
        return sum;
      },
      ({ x, gain, bias }) => tf.sum(tf.mul(layerNorm(x, gain, bias), tf.tensor(Float32Array.from(mix), [3, D]))),
      1e-3,
    );
  });

  it("layer norm's and GELU's gradients equal TensorFlow.js's own, in three dimensions too", () => {
    tf.tidy(() => {
      expectSameGradient(
        { x: tensorOf(5, [2, 3, 8]), gain: tensorOf(6, [8]), bias: tensorOf(7, [8]) },
        ({ x, gain, bias }) => layerNorm(x, gain, bias),
        ({ x, gain, bias }) => {
          const { mean, variance } = tf.moments(x, -1, true);
          return tf.add(tf.mul(tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-5))), gain), bias);
        },
      );
      expectSameGradient(
        { x: tensorOf(8, [4, 6]) },
        ({ x }) => gelu(x),
        ({ x }) => {
          const inner = tf.mul(Math.sqrt(2 / Math.PI), tf.add(x, tf.mul(0.044715, tf.pow(x, 3))));
          return tf.mul(tf.mul(0.5, x), tf.add(1, tf.tanh(inner)));
        },
      );
    });
  });

  it("attention's gradient equals TensorFlow.js's own, with and without a mask", () => {
    tf.tidy(() => {
      const qkv = { q: tensorOf(20, [2, 3, 4, 5]), k: tensorOf(21, [2, 3, 6, 5]), v: tensorOf(22, [2, 3, 6, 5]) };
      for (const visible of [undefined, tf.mul(tf.less(tensorOf(23, [1, 1, 4, 6]), 0).toFloat(), -1e9)]) {
        expectSameGradient(
          qkv,
          ({ q, k, v }) => scaledDotProduct(q, k, v, visible),
          ({ q, k, v }) => {
            const scores = tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(5));
            return tf.matMul(tf.softmax(visible === undefined ? scores : tf.add(scores, visible)), v);
          },
        );
      }
      expect(() => scaledDotProduct(qkv.q, qkv.k, tf.ones([2, 3, 5, 5]))).throw(
        ShapeError,
        "v: expected shape [..., S, E]",
      );
    });
  });

  it("an affine map's gradient equals TensorFlow.js's own", () => {
    tf.tidy(() => {
      expectSameGradient(
        { x: tensorOf(24, [7, 4]), weight: tensorOf(25, [4, 3]), bias: tensorOf(26, [3]) },
        ({ x, weight, bias }) => affine(x, weight, bias),
        ({ x, weight, bias }) => tf.add(tf.matMul(x as tf.Tensor2D, weight as tf.Tensor2D), bias),
      );
      expect(() => affine(tf.ones([2, 3]), tf.ones([4, 2]), tf.ones([2]))).throw(ShapeError, "weight");
    });
  });

  it("GELU is near x at the right, near 0 at the left, and finite far out", () => {
    tf.tidy(() => {
      const y = gelu(tf.tensor1d([-50, -3, 0, 1, 50])).dataSync();
      [0, -0.00363739, 0, 0.841192, 50].forEach((want, i) => void expect(y[i]).closeTo(want, 1e-5));
    });
  });

  it("token log-probabilities are the formula, value and gradient, and survive huge logits", () => {
    const V = 4;
    const tokens = [2, 0, 3];
    expectAgrees(
      { logits: draw(9, [3, V]) },
      ({ logits }) =>
        tokens.reduce((sum, token, row) => {
          const r = Array.from(logits.slice(row * V, row * V + V));
          return sum + (row + 1) * (r[token] - Math.log(r.reduce((a, b) => a + Math.exp(b), 0)));
        }, 0),
      ({ logits }) => tf.sum(tf.mul(tokenLogProbs(logits, tf.tensor1d(tokens, "int32")), tf.tensor1d([1, 2, 3]))),
    );
    tf.tidy(() => {
      const far = tf.tensor3d([[[1e4, 0, -1e4]]]);
      expect(tokenLogProbs(far, tf.tensor2d([[0]], [1, 1], "int32")).dataSync()[0]).equal(0);
      expect(tokenLogProbs(far, tf.tensor2d([[2]], [1, 1], "int32")).dataSync()[0]).equal(-2e4);
    });
  });

  it("cross-entropy: log V for equal logits, masked tokens do not count", () => {
    tf.tidy(() => {
      const logits = tf.zeros([2, 3, 7]);
      const tokens = tf.zeros([2, 3], "int32");
      expect(crossEntropy(logits, tokens).dataSync()[0]).closeTo(Math.log(7), 1e-6);
      const spread = tensorOf(10, [2, 3, 7]);
      const mask = tf.tensor2d([
        [1, 0, 1],
        [0, 0, 1],
      ]);
      const logp = tokenLogProbs(spread, tokens).dataSync();
      expect(crossEntropy(spread, tokens, mask).dataSync()[0]).closeTo(-(logp[0] + logp[2] + logp[5]) / 3, 1e-6);
    });
  });

  it("entropy: log V when uniform, 0 when certain", () => {
    tf.tidy(() => {
      const h = categoricalEntropy(
        tf.tensor2d([
          [5, 5, 5, 5],
          [100, -100, -100, -100],
        ]),
      ).dataSync();
      expect(h[0]).closeTo(Math.log(4), 1e-6);
      expect(h[1]).closeTo(0, 1e-6);
    });
  });

  it("masked means and sums", () => {
    tf.tidy(() => {
      const values = tf.tensor2d([
        [1, 2, 3],
        [4, 5, 6],
      ]);
      const mask = tf.tensor2d(
        [
          [1, 1, 0],
          [0, 1, 0],
        ],
        [2, 3],
        "bool",
      );
      expect(maskedMean(values, mask).dataSync()[0]).closeTo(8 / 3, 1e-6);
      expect([...maskedSum(values, mask).dataSync()]).deep.equal([3, 5]);
      expect([...maskedRowMean(values, mask).dataSync()]).deep.equal([1.5, 5]);
      expect(maskedMean(values, tf.zerosLike(values)).dataSync()[0]).NaN;
    });
  });

  it("dropout keeps the mean, drops the right share, and repeats with its key", () => {
    tf.tidy(() => {
      const mask = dropoutMask(key(11), [100, 1000], 0.2);
      const values = mask.dataSync();
      const dropped = values.filter((v) => v === 0).length / values.length;
      expect(dropped).closeTo(0.2, (5 * 0.4) / Math.sqrt(1e5));
      expect(new Set(values)).deep.equal(new Set([0, Math.fround(1.25)]));
      expect(dropoutMask(key(11), [100, 1000], 0.2).dataSync()).deep.equal(values);
      expect(
        dropout(tf.mul(tf.onesLike(mask), 3), mask)
          .max()
          .dataSync()[0],
      ).closeTo(3.75, 1e-6);
      expect(() => dropoutMask(key(1), [2], 1)).throw(DomainError);
    });
  });

  it("names the tensor whose shape or dtype is wrong", () => {
    tf.tidy(() => {
      const logits = tf.zeros([2, 3, 5]);
      const int = (shape: number[]) => tf.zeros(shape, "int32");
      expect(() => tokenLogProbs(logits, int([2, 4]))).throw(
        ShapeError,
        "tokens: expected shape [...] with ... = 2, 3, V = 5, got [2, 4]",
      );
      expect(() => tokenLogProbs(logits, tf.zeros([2, 3]))).throw(
        DomainError,
        "tokens: expected a tensor of dtype int32",
      );
      expect(() => crossEntropy(logits, int([2, 3]), tf.zeros([3, 2]))).throw(ShapeError, "mask");
      expect(() => layerNorm(logits, tf.ones([4]), tf.ones([5]))).throw(ShapeError, "gain: expected shape [D] with");
      expect(() => maskedMean(tf.zeros([2]), tf.zeros([3]))).throw(ShapeError, "mask");
      expect(() => maskedMean([1, 2] as never, tf.zeros([2]))).throw(ShapeError, "values: expected a tensor");
      expect(() => valueAndGradients({ w: tf.ones([2]) }, (p) => tf.square(p.w))).throw(
        ShapeError,
        "loss: expected a scalar",
      );
    });
  });

  it("gradients: zero for what the loss does not use, metrics come along, nothing leaks", () => {
    const params = { used: tf.scalar(3), unused: tf.ones([2]) };
    const before = tf.memory().numTensors;
    const out = valueAndGradients(params, (p) => ({ loss: tf.square(p.used) as tf.Scalar, twice: tf.mul(p.used, 2) }));
    expect(out.loss.dataSync()[0]).equal(9);
    expect(out.metrics.twice.dataSync()[0]).equal(6);
    expect(out.gradients.used.dataSync()[0]).equal(6);
    expect([...out.gradients.unused.dataSync()]).deep.equal([0, 0]);
    tf.dispose([out.loss, out.metrics, out.gradients] as never);
    expect(tf.memory().numTensors).equal(before);
    tf.dispose(params);
  });

  it("assertFinite names the leaf and the step", () => {
    tf.tidy(() => {
      expect(assertFinite("loss", 1.5)).equal(1.5);
      expect(() => assertFinite("loss", Number.NaN, 17)).throw(DivergenceError, "loss is NaN at step 17");
      const bad = { a: tf.ones([2]), b: { c: tf.tensor1d([0, Number.POSITIVE_INFINITY]) } };
      expect(() => assertFinite("gradients", bad, 3)).throw(
        DivergenceError,
        "gradients: b.c (entry 1 of 2) is Infinity at step 3",
      );
      expect(() => assertFinite("advantages", [1, Number.NaN])).throw(DivergenceError, "entry 1 of 2");
    });
  });
});

describe("kernels of other libraries give the same bits", () => {
  it("transposing, few numbers and many", () => {
    for (const [shape, order] of [
      [
        [3, 2, 3, 2, 5],
        [2, 0, 3, 1, 4],
      ],
      [
        [16, 32, 3, 4, 16],
        [2, 0, 3, 1, 4],
      ],
      [
        [300, 170],
        [1, 0],
      ],
    ]) {
      tf.tidy(() => {
        const size = shape.reduce((product, n) => product * n);
        const values = Float32Array.from(normal(key(1), size));
        const out = tf.transpose(tf.tensor(values, shape), order);
        const steps = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, n) => product * n, 1));
        const want = new Float32Array(size).map((_, place) => {
          let rest = place;
          let from = 0;
          for (let i = shape.length - 1; i >= 0; i--) {
            from += (rest % shape[order[i]]) * steps[order[i]];
            rest = Math.floor(rest / shape[order[i]]);
          }
          return values[from];
        });
        expect(out.shape).deep.equal(order.map((axis) => shape[axis]));
        expect(out.dataSync()).deep.equal(want);
      });
    }
  });

  it("the first column above a bound", () => {
    for (const [B, V] of [
      [1, 7],
      [16, 5],
      [16, 64],
      [33, 100],
      [2, 256],
      [16, 300],
    ]) {
      tf.tidy(() => {
        const probabilities = tf.softmax(
          tf.tensor2d(Float32Array.from(normal(key(B + V), B * V)), [B, V]),
        ) as tf.Tensor2D;
        const sums = tf.cumsum(probabilities, 1) as tf.Tensor2D;
        const bounds = tf.tensor2d(
          Float32Array.from({ length: B }, (_, b) => (0.999 * b) / B),
          [B, 1],
        );
        const first = firstAbove(sums, bounds);
        expect(first.dtype).equal("int32");
        expect(first.dataSync()).deep.equal(tf.argMax(tf.greater(sums, bounds).toInt(), 1).dataSync());
      });
    }
  });

  it("finds a column also where none is above the bound", () => {
    tf.tidy(() => {
      const [column] = firstAbove(tf.tensor2d([[Number.NaN, Number.NaN]]), tf.tensor2d([[0.5]])).dataSync();
      expect(column).within(0, 1);
    });
  });
});
