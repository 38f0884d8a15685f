import { expect } from "chai";
import { DomainError, key, logSoftmax, normal, ShapeError } from "rlhf-lab";
import { differenceGradient, exactKL } from "rlhf-lab/numerics";
import { categoricalKl, klK2PenaltyAndGradient, klK3PenaltyAndGradient } from "rlhf-lab/policy";
import { klK2Penalty, klK3Penalty, klOldNew, referenceKl, tokenKl } from "rlhf-lab/policy/tensor";
import { tf, valueAndGradients } from "rlhf-lab/tensor";
import { expectClose, expectFloorsAgree, rows } from "../floors.js";

const Inf = Number.POSITIVE_INFINITY;

describe("policy/kl: exact, of a token", () => {
  const p = Array.from(normal(key(1), 6));
  const q = Array.from(normal(key(2), 6));

  it("is the sum over the vocabulary, with the gradient that differences give", () => {
    const { kl, gradientP, gradientQ } = categoricalKl(p, q);
    expect(kl).to.be.closeTo(exactKL(logSoftmax(p), logSoftmax(q)), 1e-14);
    const of = (a: ArrayLike<number>, b: ArrayLike<number>) => exactKL(logSoftmax(a), logSoftmax(b));
    expectClose(
      gradientP,
      differenceGradient((z) => of(z, q), p),
      1e-9,
    );
    expectClose(
      gradientQ,
      differenceGradient((z) => of(p, z), q),
      1e-9,
    );
  });

  it("agrees in float32, value and gradients, captured or not", () => {
    const tensors = (values: number[]) => tf.tensor(values, [1, 1, values.length]);
    expectFloorsAgree(
      (x, y) => tf.sum(tokenKl(x, y)),
      [tensors(p), tensors(q)],
      (x) => {
        const { kl, gradientP } = categoricalKl(x, Float64Array.from(Float32Array.from(q)));
        return { loss: kl, gradient: gradientP };
      },
    );
    expectFloorsAgree(
      (y, x) => tf.sum(tokenKl(x, y)),
      [tensors(q), tensors(p)],
      (y) => {
        const { kl, gradientQ } = categoricalKl(Float64Array.from(Float32Array.from(p)), y);
        return { loss: kl, gradient: gradientQ };
      },
    );
  });

  it("stands tokens that cannot be: they add nothing on the left, and Infinity on the right", () => {
    expect(categoricalKl([0, -Inf], [0, 0]).kl).to.be.closeTo(Math.LN2, 1e-15);
    expect(categoricalKl([0, 0], [0, -Inf]).kl).to.equal(Inf);
    expect(() => categoricalKl([-Inf, -Inf], [0, 0])).to.throw(DomainError, "logitsP");
    expect(() => categoricalKl([0, 0], [0, Number.NaN])).to.throw(DomainError, "logitsQ");
    expect(() => categoricalKl([0], [0, 0])).to.throw(ShapeError, "logitsQ");
    tf.tidy(() => {
      const { loss, gradients } = valueAndGradients({ x: tf.tensor1d([0, -Inf]) }, ({ x }) =>
        tokenKl(x, tf.tensor1d([0, 0])),
      );
      expect(loss.dataSync()[0]).to.be.closeTo(Math.LN2, 1e-6);
      expectClose(gradients.x.dataSync(), [0, 0], 1e-7);
    });
  });

  it("step and reference: two directions, and garbage behind the mask is not looked at", () => {
    tf.tidy(() => {
      const cube = (...tokens: number[][]) => tf.tensor3d([tokens]);
      const junk = [Number.NaN, 0, Inf, 1, 2, 3];
      const mask = tf.tensor2d([[0, 1]]);
      const step = klOldNew(cube(junk, p), cube(q, q), mask).dataSync()[0];
      expect(step).to.be.closeTo(categoricalKl(p, q).kl, 1e-6);
      expect(referenceKl(cube(junk, q), cube(q, p), mask).dataSync()[0]).to.be.closeTo(categoricalKl(q, p).kl, 1e-6);
      expect(Math.abs(categoricalKl(q, p).kl - categoricalKl(p, q).kl)).to.be.above(0.05);
      const { gradients } = valueAndGradients({ x: cube(junk, p) }, ({ x }) => referenceKl(x, cube(q, q), mask));
      expectClose(gradients.x.dataSync(), [0, 0, 0, 0, 0, 0, ...categoricalKl(p, q).gradientP], 1e-6);
      expect(() => klOldNew(cube(p), cube(q, q), mask)).to.throw(ShapeError, "logitsNew");
      expect(() => referenceKl(cube(p), cube(q), mask)).to.throw(ShapeError, "mask");
    });
  });
});

describe("policy/kl: penalties", () => {
  const [logpNew, logpRef] = [3, 4].map((seed) => Array.from(normal(key(seed), 6), (x) => -Math.abs(x)));
  const mask = [1, 1, 0, 1, 0, 0];
  const float32 = (x: number[]) => Float64Array.from(Float32Array.from(x));
  const grid = (x: number[]) => rows([x.slice(0, 3), x.slice(3)]);

  for (const [name, tensor, plain] of [
    ["klK2Penalty", klK2Penalty, klK2PenaltyAndGradient],
    ["klK3Penalty", klK3Penalty, klK3PenaltyAndGradient],
  ] as const) {
    it(`${name}: both floors`, () => {
      expectFloorsAgree(tensor as never, [grid(logpNew), grid(logpRef), grid(mask)], (x) =>
        plain(x, float32(logpRef), mask),
      );
    });

    it(`${name}: bad input`, () => {
      expect(() => plain([0], [0, 0], [1])).to.throw(ShapeError, "logpRef");
      expect(() => plain([0], [0], [0])).to.throw(DomainError, "at least one 1");
      expect(() => plain([0], [0], [0.5])).to.throw(DomainError, "mask[0]");
      expect(() => plain([], [], [])).to.throw(DomainError, "mask");
      expect(() => plain([-Inf], [0], [1])).to.throw(DomainError, "logpNew[0]");
      expect(plain([-1, -Inf], [-1, -Inf], [1, 0])).to.deep.equal({ loss: 0, gradient: new Float64Array(2) });
      expect(plain([-1], [-Inf], [1]).loss).to.equal(Inf);
      tf.tidy(() => {
        expect(() => tensor(grid(logpNew), rows([[1]]), grid(mask))).to.throw(ShapeError, "logpRef");
        const { loss, gradients } = valueAndGradients({ x: rows([[-1, -Inf]]) }, ({ x }) =>
          tensor(x, rows([[-1, -Inf]]), rows([[1, 0]])),
        );
        expect([loss.dataSync()[0], ...gradients.x.dataSync()].map(Math.abs)).to.deep.equal([0, 0, 0]);
        expect(tensor(rows([[-1]]), rows([[-1]]), rows([[0]])).dataSync()[0]).to.be.NaN;
      });
    });
  }
});
