import { expect } from "chai";
import { DomainError, key } from "rlhf-lab";
import { normal32 } from "rlhf-lab/random";
import { capture, inBranches, tf, valueAndGradients } from "rlhf-lab/tensor";
import { branchFunctions } from "../../lib/src/tensor/graphFunctions.js";
import type { GraphNode } from "../../lib/src/tensor/savedModel.js";

// That branches of a graph give the bits of eager mode is tested with every function of capture.test.ts.
describe("branches of a graph", () => {
  const FLOAT = 1;
  const node = (name: string, op: string, inputs: string[], branch?: number): GraphNode => {
    return { name, op, inputs, attributes: new Map(), types: [FLOAT], branch };
  };
  /** x -> two branches of a square and a second op -> their sum. */
  const graph = (second: string) => [
    node("x", "Placeholder", []),
    node("c", "Const", []),
    node("a", "Square", ["x:0"], 1),
    node("guard", "PlaceholderWithDefault", ["a:0"], 1),
    node("b", second, ["guard:0", "c:0"], 1),
    node("d", "Square", ["x:0"], 2),
    node("sum", "Add", ["b:0", "d:0"]),
  ];

  it("become functions, each called once, that the single-threaded executor runs", () => {
    const { nodes, functions } = branchFunctions(graph("Mul"));
    expect(nodes.map(({ op }) => op)).deep.equal(["Placeholder", "Const", "Add", "PartitionedCall", "PartitionedCall"]);
    expect(nodes[2].inputs).deep.equal(["branch1:0", "branch2:0"]);
    expect(nodes[3].inputs).deep.equal(["x:0"]); // the constant was copied
    expect(functions).lengthOf(2);
    for (const call of nodes.slice(3)) {
      expect(Buffer.from(call.attributes.get("executor_type") as Uint8Array).toString()).contain(
        "SINGLE_THREADED_EXECUTOR",
      );
    }
    expect(Buffer.from(functions[0]).toString("latin1")).contain("a:y:0").not.contain("PlaceholderWithDefault");
  });

  it("stay in the graph when one of their ops has outputs of unknown name", () => {
    const { nodes, functions } = branchFunctions(graph("AvgPool"));
    expect(functions).lengthOf(1);
    expect(nodes.map(({ op }) => op))
      .include("AvgPool")
      .and.include("PlaceholderWithDefault");
  });

  it("may use such ops, may nest, and may share what came before", () => {
    tf.tidy(() => {
      const pooled = (x: tf.Tensor4D) => {
        const before = tf.square(x);
        const [a, b] = inBranches([
          () => [tf.avgPool(before, 2, 1, "same")],
          () => inBranches([() => tf.mul(before, 3), () => tf.neg(before)]),
        ]);
        return [...a, ...b];
      };
      const x = tf.tensor4d(normal32(key(1), 36), [1, 6, 6, 1]);
      const [got, want] = [capture(pooled, [x])(x), pooled(x)];
      got.forEach((t, i) => void expect([...t.dataSync()]).deep.equal([...want[i].dataSync()]));
    });
  });

  it("are recorded bare under a gradient tape", () => {
    tf.tidy(() => {
      const x = tf.tensor1d([1, -2, 3]);
      const cube = (p: { x: tf.Tensor1D }) => {
        const [a, b] = inBranches([() => tf.square(p.x), () => tf.mul(p.x, 2)]);
        return tf.sum(tf.mul(a, b)) as tf.Scalar;
      };
      const slope = (x: tf.Tensor1D) => valueAndGradients({ x }, cube).gradients.x;
      expect([...capture(slope, [x])(x).dataSync()]).deep.equal([6, 24, 54]);
    });
  });

  it("leave nothing behind when one of them throws", () => {
    tf.tidy(() => {
      const x = tf.tensor1d([1, 2]);
      const failing = (x: tf.Tensor1D) => inBranches([() => tf.neg(x), () => x.dataSync() as never]);
      expect(() => capture(failing, [x])).throw(DomainError, /reads the value/);
      const fine = (x: tf.Tensor1D) => inBranches([() => tf.neg(x), () => tf.square(x)]);
      expect(capture(fine, [x])(x).map((t) => [...t.dataSync()])).deep.equal([
        [-1, -2],
        [1, 4],
      ]);
    });
  });
});
