// What every loss of lib/src/policy owes: the tensor version and its float64 twin agree, and captured
// is eager to the last bit.
import { expect } from "chai";
import { differenceGradient } from "rlhf-lab/numerics";
import { backend, capture, leaves, type Tree, tf, valueAndGradients } from "rlhf-lab/tensor";

/** All numbers are close, relative to the size of the larger list. */
export function expectClose(got: ArrayLike<number>, want: ArrayLike<number>, tolerance: number, what = ""): void {
  expect(got.length, what).to.equal(want.length);
  const size = Math.max(1, ...Array.from(want, Math.abs));
  for (let i = 0; i < want.length; i++) expect(got[i], `${what}[${i}]`).to.be.closeTo(want[i], tolerance * size);
}

/**
 * `loss` is a function of tensors whose first argument is differentiated; `twin` gives value and gradient on plain
 * arrays, flat, for the values of the first argument.
 */
export function expectFloorsAgree(
  loss: (...args: tf.Tensor[]) => tf.Scalar,
  args: tf.Tensor[],
  twin: (x: Float64Array) => { loss: number; gradient: ArrayLike<number> },
  tolerance = 2e-6,
): void {
  tf.tidy(() => {
    const [x, ...rest] = args;
    const slope = (x: tf.Tensor, ...rest: tf.Tensor[]) => {
      const { loss: value, gradients } = valueAndGradients({ x }, (p) => loss(p.x, ...rest));
      return { value, gradient: gradients.x };
    };
    const eager = slope(x, ...rest);
    const exact = twin(Float64Array.from(x.dataSync()));
    expectClose(eager.value.dataSync(), [exact.loss], tolerance, "loss");
    expectClose(eager.gradient.dataSync(), exact.gradient, tolerance, "gradient");
    const differences = differenceGradient((z) => twin(Float64Array.from(z)).loss, Float64Array.from(x.dataSync()));
    expectClose(exact.gradient, differences, 1e-8, "gradient against differences");
    if (backend().name !== "native") return;
    const same = (fn: (...args: tf.Tensor[]) => Tree) => {
      const bits = (tree: Tree) => leaves(tree).map((t) => Array.from(t.dataSync() as Float32Array));
      expect(bits(capture(fn, args)(...args))).to.deep.equal(bits(fn(...args)));
    };
    same(loss);
    same(slope as unknown as (...args: tf.Tensor[]) => Tree);
  });
}

/** Rows of numbers as a tensor [B, T]. */
export const rows = (values: readonly (readonly number[])[]): tf.Tensor2D => tf.tensor2d(values as number[][]);
