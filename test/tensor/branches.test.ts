import { expect } from "chai";
import { DomainError, key } from "rlhf-lab";
import { transformer } from "rlhf-lab/models";
import { normal32, randint } from "rlhf-lab/random";
import {
  capture,
  crossEntropy,
  inBranches,
  leaves,
  type Tree,
  tf,
  unflatten,
  valueAndGradients,
} from "rlhf-lab/tensor";
import type { NativeBackend } from "../../lib/src/tensor/binding.js";
import { branchFunctions } from "../../lib/src/tensor/graphFunctions.js";
import { record } from "../../lib/src/tensor/record.js";
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

  it("give the gradients of eager mode under a gradient tape", () => {
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

  describe("of a training step", () => {
    const model = transformer({ vocabulary: 64, context: 16, width: 16, layers: 2, heads: 2 });
    type Params = ReturnType<typeof model.init>;
    const losses: Record<string, { functions: number; loss: (p: Params, tokens: tf.Tensor) => tf.Scalar }> = {
      // What a mean hands back depends on nothing, so that a half's two passes are one function.
      "each half's passes together: a mean over tokens": {
        functions: 2,
        loss: (p, tokens) => crossEntropy(model.logits(p, tokens), tokens),
      },
      "one after the other: a loss of pairs across the halves": {
        functions: 4,
        loss(p, tokens) {
          const [chosen, rejected] = tf.split(model.logProbs(p, tokens).sum, 2);
          return tf.mean(tf.softplus(tf.sub(rejected, chosen))) as tf.Scalar;
        },
      },
    };
    for (const [name, { functions, loss }] of Object.entries(losses)) {
      it(`hold forward and backward pass, ${name}; the bits are those of eager mode`, () => {
        tf.tidy(() => {
          const params = model.init(key(1));
          const tokens = tf.tensor2d(randint(key(2), 20 * 16, 0, 64), [20, 16], "int32");
          const step = (p: Params, tokens: tf.Tensor) => {
            const { loss: value, gradients } = valueAndGradients(p, (p) => loss(p, tokens));
            return { value, gradients };
          };
          const args: [Params, tf.Tensor] = [params, tokens];
          const { nodes } = record(tf.backend() as unknown as NativeBackend, leaves(args), (inputs) =>
            leaves(step(...unflatten(args, inputs)) as Tree),
          );
          const made = branchFunctions(nodes);
          expect(made.functions).lengthOf(functions);
          // All products are inside, and what was put together to be cut again is neither.
          expect(made.nodes.filter(({ op }) => /MatMul/.test(op))).lengthOf(0);
          expect(made.nodes.filter(({ op, types }) => op === "ConcatV2" && types[0] === 1).length).below(2);
          const [got, want] = [capture(step, args)(...args), step(...args)].map((result) => leaves(result as Tree));
          got.forEach((leaf, i) => void expect([...leaf.dataSync()]).deep.equal([...want[i].dataSync()]));
        });
      });
    }
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
