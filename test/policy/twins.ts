// A loss on two floors: what every one of them owes.
import { expect } from "chai";
import { backend, capture, leaves, type Tree, tf, valueAndGradients } from "rlhf-lab/tensor";

/**
 * Value and gradient of a tensor loss, as plain numbers, and a proof that the captured function gives the same bits.
 * The gradient is for the first `differentiated` arguments.
 */
export function valueAndSlopes(
  loss: (...args: tf.Tensor[]) => tf.Scalar,
  args: () => tf.Tensor[],
  differentiated: number,
): { loss: number; gradient: number[][] } {
  return tf.tidy(() => {
    const example = args();
    const step = (...all: tf.Tensor[]) => {
      const free = all.slice(0, differentiated);
      const rest = all.slice(differentiated);
      return valueAndGradients(free as never, ((p: tf.Tensor[]) => loss(...p, ...rest)) as never) as unknown as Tree;
    };
    const numbers = (tree: Tree) => leaves(tree).map((leaf) => Array.from(leaf.dataSync()));
    const eager = step(...example) as unknown as { loss: tf.Tensor; gradients: Tree };
    if (backend().name === "native") {
      const fast = capture(step as never, example as never) as unknown as typeof step;
      expect(numbers(fast(...example))).deep.equal(numbers(eager as unknown as Tree));
    }
    return { loss: eager.loss.dataSync()[0], gradient: numbers(eager.gradients) };
  });
}

export function expectClose(got: ArrayLike<number>, want: ArrayLike<number>, tolerance: number, what = ""): void {
  expect(got.length, what).equal(want.length);
  for (let i = 0; i < want.length; i++) {
    expect(Math.abs(got[i] - want[i]), `${what}[${i}]: ${got[i]} for ${want[i]}`).most(tolerance);
  }
}
