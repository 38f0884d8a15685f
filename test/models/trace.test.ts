import { expect } from "chai";
import { DomainError, ShapeError } from "../../lib/src/core/index.js";
import { logitLens, tempered, transformer } from "../../lib/src/models/index.js";
import { key, randint, split } from "../../lib/src/random/index.js";
import { capture, leaves, mapTree, normalInit, tf, valueAndGradients } from "../../lib/src/tensor/index.js";

const model = transformer({ vocabulary: 7, context: 8, width: 12, layers: 2, heads: 2 }); // heads of 6: sqrt(6) rounds
const keys = split(key(5), 40);
let used = 0;
/** Nothing at a special value: gains and biases random too. */
const params = mapTree(model.init(key(0)), (leaf, path) => {
  const noise = normalInit(keys[used++], leaf.shape, 0.4);
  return path.endsWith("gain") ? tf.add(noise, 1) : noise;
});
const rowsOf = (seed: number, B: number, T = 6) =>
  tf.tensor2d(
    Array.from({ length: B }, (_, b) => [...randint(split(key(seed), B)[b], T, 0, 7)]),
    undefined,
    "int32",
  );
const bits = (tensor: tf.Tensor) => [...tensor.dataSync()];

describe("models/trace", () => {
  it("without edits gives the logits to the bit: few rows, many rows (halves), padded rows, captured too", () => {
    for (const B of [1, 3, 16, 37]) {
      const tokens = rowsOf(B, B);
      const starts = tf.tensor1d(
        Array.from({ length: B }, (_, b) => b % 3),
        "int32",
      );
      for (const options of [{}, { starts }]) {
        const want = bits(model.logits(params, tokens, options));
        expect(bits(model.trace(params, tokens, options).logits), `${B} rows`).to.deep.equal(want);
      }
      const looked = capture((p: typeof params, t: tf.Tensor) => model.trace(p, t), [params, tokens] as const);
      const plain = capture((p: typeof params, t: tf.Tensor) => model.logits(p, t), [params, tokens] as const);
      expect(bits(looked(params, tokens).logits)).to.deep.equal(bits(plain(params, tokens)));
      expect(bits(plain(params, tokens))).to.deep.equal(bits(model.logits(params, tokens)));
      expect(bits(looked(params, tokens).residual[1])).to.deep.equal(bits(model.trace(params, tokens).residual[1]));
    }
  });

  it("writes down the residual stream, which the last norm and the head read, and causal weights that sum to 1", () => {
    const tokens = rowsOf(2, 3);
    const { residual, attention, logits } = model.trace(params, tokens);
    expect(residual.map(({ shape }) => shape)).to.deep.equal([
      [3, 6, 12],
      [3, 6, 12],
      [3, 6, 12],
    ]);
    expect(attention.map(({ shape }) => shape)).to.deep.equal([
      [3, 2, 6, 6],
      [3, 2, 6, 6],
    ]);
    const lens = logitLens(model.config, params, residual[2]);
    const want = bits(tf.logSoftmax(logits));
    bits(lens).forEach((value, i) => {
      expect(value).to.be.closeTo(want[i], 1e-5);
    });
    for (const weights of attention) {
      for (const row of (weights.arraySync() as number[][][][]).flat(2)) {
        expect(row.reduce((a, b) => a + b)).to.be.closeTo(1, 1e-6);
      }
      (weights.arraySync() as number[][][][]).flat().forEach((matrix) => {
        matrix.forEach((row, i) => {
          expect(row.slice(i + 1).every((weight) => weight === 0)).to.equal(true);
        });
      });
    }
  });

  it("patched everywhere at any layer with another run's stream gives that run's logits to the bit", () => {
    for (const B of [3, 20]) {
      const [a, b] = [rowsOf(3, B), rowsOf(4, B)];
      const other = model.trace(params, b);
      for (const at of [0, 1, 2]) {
        const edit = (layer: number, x: tf.Tensor3D) => (layer === at ? other.residual[at] : x);
        const patched = model.trace(params, a, { edit });
        expect(bits(patched.logits), `layer ${at}`).to.deep.equal(bits(other.logits));
        expect(bits(patched.residual[at])).to.deep.equal(bits(other.residual[at]));
      }
    }
  });

  it("keeps heads by their number: all ones changes nothing, a zero removes what one head writes", () => {
    const tokens = rowsOf(6, 4);
    const want = bits(model.logits(params, tokens));
    expect(bits(model.trace(params, tokens, { keepHeads: tf.ones([2, 2]) }).logits)).to.deep.equal(want);
    // Without its rows in `out` a head writes nothing either.
    const without = mapTree(params, (leaf, path) =>
      path === "blocks.1.attention.out.weight" ? tf.concat([tf.zeros([6, 12]), leaf.slice([6, 0], [6, 12])], 0) : leaf,
    );
    const cut = bits(
      model.trace(params, tokens, {
        keepHeads: tf.tensor2d([
          [1, 1],
          [0, 1],
        ]),
      }).logits,
    );
    const expected = bits(model.logits(without, tokens));
    expect(cut).to.not.deep.equal(want);
    cut.forEach((value, i) => {
      expect(value).to.be.closeTo(expected[i], 1e-5);
    });
  });

  it("can be differentiated: the slope of a logit in what an edit adds is that of differences", () => {
    const tokens = rowsOf(7, 1);
    const logit = (v: tf.Tensor) => {
      const edit = (layer: number, x: tf.Tensor3D) => (layer === 1 ? (x.add(v) as tf.Tensor3D) : x);
      return model.trace(params, tokens, { edit }).logits.slice([0, 5, 3], [1, 1, 1]).asScalar();
    };
    const { gradients } = valueAndGradients({ v: tf.zeros([12]) }, ({ v }) => logit(v));
    const h = 1e-2;
    bits(gradients.v).forEach((slope, j) => {
      const step = tf.tensor1d(Array.from({ length: 12 }, (_, i) => (i === j ? h : 0)));
      const difference = (logit(step).dataSync()[0] - logit(tf.neg(step)).dataSync()[0]) / (2 * h);
      expect(slope).to.be.closeTo(difference, 2e-3);
    });
  });

  it("at a temperature divides its logits as that model's logits are", () => {
    const warm = tempered(model, 0.5);
    const tokens = rowsOf(8, 2);
    expect(bits(warm.trace(params, tokens).logits)).to.deep.equal(bits(warm.logits(params, tokens)));
  });

  it("leaves no tensor behind", () => {
    const tokens = rowsOf(9, 2);
    const before = tf.memory().numTensors;
    const made = model.trace(params, tokens);
    expect(tf.memory().numTensors - before).to.equal(leaves(made).length);
    tf.dispose(made);
    expect(tf.memory().numTensors).to.equal(before);
  });

  it("says what cannot be", () => {
    const tokens = rowsOf(10, 2);
    expect(() => model.trace(params, tokens, { edit: (_, x) => x.slice([0, 0, 0], [1, 6, 12]) })).to.throw(
      ShapeError,
      /what edit\(0, x\) returns.*\[2,6,12\]/,
    );
    expect(() => model.trace(params, tokens, { keepHeads: tf.ones([2, 3]) })).to.throw(ShapeError, /keepHeads/);
    expect(() => model.trace(params, rowsOf(11, 2, 9))).to.throw(DomainError, /context/);
    expect(() => model.trace(params, tf.ones([1, 3]))).to.throw(DomainError, /tokens/);
  });
});
