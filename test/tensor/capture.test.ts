import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { DomainError, key, ShapeError } from "rlhf-lab";
import { transformer } from "rlhf-lab/models";
import { normal32, randint } from "rlhf-lab/random";
import {
  adam,
  adamW,
  affine,
  backend,
  capture,
  categoricalEntropy,
  clipByGlobalNorm,
  cosineSchedule,
  crossEntropy,
  dropout,
  dropoutMask,
  gelu,
  globalNorm,
  inBranches,
  layerNorm,
  leaves,
  maskedMean,
  maskedRowMean,
  maskedSum,
  type Optimizer,
  scaledDotProduct,
  sgd,
  type Tree,
  tf,
  timesTransposed,
  tokenLogProbs,
  valueAndGradients,
} from "rlhf-lab/tensor";
import { programOf } from "../program.js";

/** Every number of two trees is the same, to the last bit. */
function expectSameBits(a: Tree, b: Tree): void {
  const [x, y] = [leaves(a), leaves(b)];
  expect(y.length).equal(x.length);
  x.forEach((leaf, i) => {
    expect(y[i].shape).deep.equal(leaf.shape);
    expect(y[i].dtype).equal(leaf.dtype);
    const bits = (t: tf.Tensor) => Buffer.from(new Uint8Array((t.dataSync() as Float32Array).slice().buffer));
    expect(bits(y[i]).equals(bits(leaf)), `leaf ${i}`).equal(true);
  });
}

const randomTensor = (seed: number, ...shape: number[]) =>
  tf.tensor(normal32(key(seed), tf.util.sizeFromShape(shape)), shape);
const randomTokens = (seed: number, V: number, ...shape: number[]) =>
  tf.tensor(randint(key(seed), tf.util.sizeFromShape(shape), 0, V), shape, "int32");

describe("capture", () => {
  before(function () {
    if (backend().name !== "native") this.skip();
  });

  const tokens = () => randomTokens(1, 7, 2, 3);
  const mask = () =>
    tf.tensor2d([
      [1, 1, 0],
      [1, 0, 0],
    ]);
  const cases: Record<string, [fn: (...args: never[]) => Tree, args: () => Tree[]]> = {
    tokenLogProbs: [(x: tf.Tensor, t: tf.Tensor) => tokenLogProbs(x, t), () => [randomTensor(2, 2, 3, 7), tokens()]],
    crossEntropy: [
      (x: tf.Tensor, t: tf.Tensor, m: tf.Tensor) => crossEntropy(x, t, m),
      () => [randomTensor(3, 2, 3, 7), tokens(), mask()],
    ],
    categoricalEntropy: [(x: tf.Tensor) => categoricalEntropy(x), () => [randomTensor(4, 5, 9)]],
    layerNorm: [
      (x: tf.Tensor, g: tf.Tensor, b: tf.Tensor) => layerNorm(x, g, b),
      () => [randomTensor(5, 4, 33), randomTensor(6, 33), randomTensor(7, 33)],
    ],
    affine: [
      (x: tf.Tensor, w: tf.Tensor, b: tf.Tensor) => affine(x, w, b),
      () => [randomTensor(30, 40, 24), randomTensor(31, 24, 48), randomTensor(32, 48)],
    ],
    scaledDotProduct: [
      (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor) => scaledDotProduct(q, k, v),
      () => [randomTensor(33, 2, 3, 8, 4), randomTensor(34, 2, 3, 8, 4), randomTensor(35, 2, 3, 8, 4)],
    ],
    "affine, by oneDNN": [
      (x: tf.Tensor, w: tf.Tensor, b: tf.Tensor) => affine(x, w, b),
      () => [randomTensor(34, 256, 64), randomTensor(35, 64, 128), randomTensor(36, 128)],
    ],
    timesTransposed: [
      (x: tf.Tensor, table: tf.Tensor) => timesTransposed(x, table),
      () => [randomTensor(37, 40, 24), randomTensor(38, 48, 24)],
    ],
    "scaledDotProduct, by oneDNN": [
      (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor) => scaledDotProduct(q, k, v),
      () => [randomTensor(39, 8, 4, 32, 32), randomTensor(40, 8, 4, 32, 32), randomTensor(41, 8, 4, 32, 32)],
    ],
    gelu: [(x: tf.Tensor) => gelu(x), () => [randomTensor(8, 37)]],
    dropout: [
      (x: tf.Tensor, m: tf.Tensor) => dropout(x, m),
      () => [randomTensor(9, 64), dropoutMask(key(1), [64], 0.5)],
    ],
    maskedMean: [(x: tf.Tensor, m: tf.Tensor) => maskedMean(x, m), () => [randomTensor(10, 2, 3), mask()]],
    maskedSum: [(x: tf.Tensor, m: tf.Tensor) => maskedSum(x, m), () => [randomTensor(11, 2, 3), mask()]],
    maskedRowMean: [(x: tf.Tensor, m: tf.Tensor) => maskedRowMean(x, m), () => [randomTensor(12, 2, 3), mask()]],
    globalNorm: [
      (x: tf.Tensor, y: tf.Tensor) => globalNorm([x, y]),
      () => [randomTensor(13, 5), randomTensor(14, 2, 2)],
    ],
    clipByGlobalNorm: [
      (x: tf.Tensor, y: tf.Tensor) => clipByGlobalNorm([x, y], 0.5),
      () => [randomTensor(15, 5), randomTensor(16, 2, 2)],
    ],
    "ops of every sort": [
      (x: tf.Tensor2D, i: tf.Tensor1D) => ({
        gather: tf.gather(x, i),
        topk: tf.topk(x, 2) as unknown as Tree,
        cumsum: tf.cumsum(x, 1, true),
        where: tf.where(tf.greater(x, 0), x, tf.zerosLike(x)),
        onehot: tf.oneHot(i, 5),
        einsum: tf.einsum("ij,kj->ik", x, x),
        pad: tf.pad(x, [
          [1, 0],
          [0, 2],
        ]),
        slice: tf.stridedSlice(x, [0, 0], [3, 4], [1, 2]),
        all: tf.logicalNot(tf.all(tf.less(x, 9), 1)),
        argmax: tf.argMax(x, 1),
        expand: tf.tile(x.expandDims(1), [1, 2, 1]),
        moments: tf.moments(x, 0) as unknown as Tree,
        scatter: tf.scatterND(tf.tensor2d([[1], [3]], [2, 1], "int32"), tf.tensor1d([1, 2]), [5]),
      }),
      () => [randomTensor(17, 3, 4), tf.tensor1d([2, 0], "int32")],
    ],
    "arithmetic that TensorFlow's optimiser rewrites": [
      (x: tf.Tensor, y: tf.Tensor) => [
        tf.div(x, tf.sqrt(tf.abs(y))),
        tf.div(x, 3),
        tf.mul(0.1, tf.mul(0.3, x)),
        tf.add(0.1, tf.add(0.3, x)),
        tf.add(tf.mul(x, y), tf.mul(x, tf.square(y))),
        tf.square(tf.sub(x, y)),
        tf.log(tf.add(1, tf.abs(x))),
        tf.sub(tf.exp(x), 1),
        tf.add(tf.add(tf.add(x, y), x), tf.mul(y, x)),
        tf.log(tf.softmax(x)),
        tf.pow(tf.abs(x), 0.5),
        tf.sub(x, tf.neg(tf.neg(y))),
        tf.matMul((x as tf.Tensor2D).transpose(), y as tf.Tensor2D),
        tf.matMul((x as tf.Tensor2D).slice([0, 0], [1, 16]), (y as tf.Tensor2D).slice([0, 0], [9, 16]).transpose()),
      ],
      () => [randomTensor(18, 40, 40), randomTensor(19, 40, 40)],
    ],
  };
  for (const [name, [fn, args]] of Object.entries(cases)) {
    it(`${name}: the bits of eager mode, and so does its gradient`, () => {
      tf.tidy(() => {
        const example = args();
        const eager = fn as (...args: Tree[]) => Tree;
        expectSameBits(eager(...example), capture(eager, example)(...example));
        const twice = (...args: Tree[]) => inBranches([() => eager(...args), () => eager(...args)]);
        expectSameBits(twice(...example), capture(twice, example)(...example));
        if (name.startsWith("ops") || name.startsWith("arithmetic")) return;
        const slope = (x: tf.Tensor, ...rest: Tree[]) =>
          valueAndGradients({ x }, (p) =>
            tf.addN(leaves(eager(p.x, ...rest)).map((t) => tf.sum(tf.square(t)))),
          ) as unknown as Tree;
        const args2 = example as [tf.Tensor, ...Tree[]];
        expectSameBits(slope(...args2), capture(slope, args2)(...args2));
      });
    });
  }

  const optimizers: Record<string, Optimizer<Tree>> = {
    adam: adam({ rate: 1e-2 }) as Optimizer<Tree>,
    "adamW, clipped, with a schedule": adamW({ rate: cosineSchedule(1e-2, 9), maxNorm: 0.1 }) as Optimizer<Tree>,
    sgd: sgd({ rate: 0.1 }) as Optimizer<Tree>,
    "sgd with momentum": sgd({ rate: 0.1, momentum: 0.9, maxNorm: 1 }) as Optimizer<Tree>,
  };
  for (const [name, optimizer] of Object.entries(optimizers)) {
    const rows = name === "adam" ? 17 : 4; // from 16 on in halves
    it(`five training steps of a transformer with ${name}, ${rows} rows: the bits of eager mode`, () => {
      const model = transformer({ vocabulary: 11, context: 8, width: 16, layers: 2, heads: 2 });
      tf.tidy(() => {
        const [read, next] = [randomTokens(1, 11, rows, 8), randomTokens(2, 11, rows, 8)];
        const step = (params: never, state: Tree, read: tf.Tensor, next: tf.Tensor) => {
          const { loss, gradients } = valueAndGradients(params, (p) => crossEntropy(model.logits(p, read), next));
          return { ...optimizer.update(gradients, state, params), loss };
        };
        let eager = {
          params: model.init(key(0)) as never,
          state: optimizer.init(model.init(key(0))),
          loss: tf.scalar(0),
        };
        let graph = eager;
        const fast = capture(step, [eager.params, eager.state, read, next] as [never, Tree, tf.Tensor, tf.Tensor]);
        for (let i = 0; i < 5; i++) {
          eager = step(eager.params, eager.state, read, next) as typeof eager;
          graph = fast(graph.params, graph.state, read, next) as typeof graph;
        }
        expectSameBits(eager, graph);
        expect(eager.loss.dataSync()[0]).below(Math.log(11) + 0.1);
      });
    });
  }

  it("uses oneDNN's kernels where there are any and the work is large, and only there", () => {
    tf.tidy(() => {
      const run = (columns: number) =>
        capture((x: tf.Tensor2D) => tf.softmax(tf.matMul(x, x, true)), [tf.ones([64, columns]) as tf.Tensor2D]).ops;
      expect(run(16)).deep.include({ BatchMatMulV2: 1, Softmax: 1 });
      const large = run(256) as Record<string, number>;
      const had = "_MklSoftmax" in large;
      expect(large).deep.include(had ? { _MklBatchMatMulV2: 1, _MklSoftmax: 1 } : { BatchMatMulV2: 1, Softmax: 1 });
      const product = tf.matMul(tf.fill([3, 256, 64], 0.5), tf.fill([64, 64], 2)).dataSync();
      expect(new Set(product)).deep.equal(new Set([64]));
    });
  });

  it("keeps no large result while it records", () => {
    const resident = () => process.memoryUsage().rss / 1e6;
    tf.tidy(() => {
      const x = tf.ones([1024, 1024]);
      const before = resident();
      // 60 results of 4 MB that are all wanted at the end
      capture((x: tf.Tensor) => Array.from({ length: 60 }, (_, i) => tf.mul(tf.add(x, i), 2)), [x]);
      expect(resident() - before).below(100);
    });
  });

  it("refuses other shapes, dtypes and names, and says which", () => {
    tf.tidy(() => {
      const fast = capture(
        (p: { w: tf.Tensor; v: tf.Tensor }) => tf.add(p.w, p.v),
        [{ w: tf.ones([2]), v: tf.ones([2]) }],
      );
      const call = fast as unknown as (...args: Tree[]) => Tree;
      expect(() => call({ w: tf.ones([3]), v: tf.ones([2]) })).throw(
        ShapeError,
        "expected argument 0.w: float32 [2], got 0.w: float32 [3]",
      );
      expect(() => call({ w: tf.ones([2], "int32"), v: tf.ones([2]) })).throw(ShapeError, "got 0.w: int32 [2]");
      expect(() => call({ w: tf.ones([1, 2]), v: tf.ones([2]) })).throw(ShapeError, "float32 [1, 2]");
      expect(() => call({ w: tf.ones([2]), u: tf.ones([2]) })).throw(
        ShapeError,
        "expected argument 0.v: float32 [2], got 0.u",
      );
      expect(() => call({ w: tf.ones([2]) })).throw(ShapeError, "expected argument 0.v");
      expect(() => call({ w: tf.ones([2]), v: tf.ones([2]) }, tf.scalar(1))).throw(ShapeError, "one more is 1");
      expect(() => call({ w: tf.ones([2]), v: 3 as never })).throw(ShapeError, "Numbers become tensors with tf.scalar");
    });
  });

  it("refuses tensors from outside, values read inside and random numbers drawn inside, and leaves no trace of the attempt", () => {
    const outside = tf.tensor1d([1, 2]);
    const used = tf.tensor1d([3, 4]);
    used.dataSync();
    tf.add(used, 1).dispose(); // this one is on TensorFlow's side already, `outside` is not
    const { random } = Math;
    const { binding } = tf.backend() as unknown as { binding: object };
    const tensors = tf.memory().numTensors;
    const x = [tf.ones([2])] as [tf.Tensor];
    const attempts: [(x: tf.Tensor) => Tree, string][] = [
      [(x) => tf.add(x, outside), "float32 tensor [2] made outside of it"],
      [(x) => tf.add(x, used), "made outside of it"],
      [() => outside, "made outside of it"],
      [(x) => (x.dataSync()[0] > 0 ? x : tf.neg(x)), "reads the value of a tensor"],
      [(x) => tf.add(x, outside.dataSync()[0]), "reads the value of a tensor"],
      [(x) => tf.mul(x, tf.randomUniform([2])), "draws random numbers"],
      [(x) => tf.mul(x, Math.random()), "draws random numbers"],
      [(x) => tf.multinomial(x as tf.Tensor1D, 1, 7), "draws random numbers"],
      [async (x: tf.Tensor) => x, "cannot be async"] as never,
    ];
    for (const [fn, message] of attempts) expect(() => capture(fn, x), message).throw(DomainError, message);
    x[0].dispose();
    expect(Math.random).equal(random);
    expect((tf.backend() as unknown as { binding: object }).binding).equal(binding);
    expect(tf.memory().numTensors).equal(tensors);
    tf.dispose([outside, used]);
  });

  it("one tensor for two arguments stays two inputs; outputs may be inputs, constants, or the same twice", () => {
    tf.tidy(() => {
      const fn = (a: tf.Tensor, b: tf.Tensor) => {
        const difference = tf.sub(a, b);
        return {
          difference,
          a,
          twice: [difference, difference],
          constant: tf.tensor1d([7, 8], "int32"),
          flag: tf.equal(a, b),
        };
      };
      const one = tf.tensor1d([1, 2]);
      const fast = capture(fn, [one, one]);
      const other = tf.tensor1d([10, 2]);
      expectSameBits(fn(other, one), fast(other, one));
      expect([...fast(other, one).difference.dataSync()]).deep.equal([9, 0]);
      expect(Object.keys(fast(one, one))).deep.equal(["difference", "a", "twice", "constant", "flag"]);
    });
  });

  it("traces once for ten captures, again for another shape", () => {
    let traces = 0;
    const fn = (x: tf.Tensor) => {
      traces++;
      return tf.square(x);
    };
    tf.tidy(() => {
      for (let i = 0; i < 10; i++) {
        const [value] = capture(fn, [tf.ones([3])])(tf.fill([3], i)).dataSync();
        expect(value).equal(i * i);
      }
      expect(traces).equal(1);
      capture(fn, [tf.ones([4])]);
      expect(traces).equal(2);
    });
  });

  it("can be differentiated and captured again: then the original runs", () => {
    tf.tidy(() => {
      const cube = capture((x: tf.Tensor) => tf.mul(tf.square(x), x), [tf.scalar(2)]);
      const { gradients } = valueAndGradients({ x: tf.scalar(2) }, (p) => cube(p.x));
      expect(gradients.x.dataSync()[0]).equal(12);
      const outer = capture((x: tf.Tensor) => tf.add(cube(x), 1), [tf.scalar(2)]);
      expect(outer(tf.scalar(3)).dataSync()[0]).equal(28);
    });
  });

  it("passes on TensorFlow's own errors and works afterwards", () => {
    tf.tidy(() => {
      const lookup = capture(
        (table: tf.Tensor, i: tf.Tensor) => tf.gather(table, i as tf.Tensor1D),
        [tf.ones([3]), tf.tensor1d([0], "int32")],
      );
      expect(() => lookup(tf.ones([3]), tf.tensor1d([3], "int32"))).throw("indices[0] = 3 is not in [0, 3)");
      expect(lookup(tf.tensor1d([5, 6, 7]), tf.tensor1d([2], "int32")).dataSync()[0]).equal(7);
    });
  });

  it("memory stays flat over 10,000 calls", () => {
    const fast = capture(
      (x: tf.Tensor, y: tf.Tensor) => [tf.matMul(x as tf.Tensor2D, y as tf.Tensor2D), tf.add(x, 1)],
      [tf.ones([32, 32]), tf.ones([32, 32])],
    );
    let x: tf.Tensor = tf.ones([32, 32]);
    const y = tf.fill([32, 32], 1 / 32);
    const run = (times: number) => {
      for (let i = 0; i < times; i++) {
        const [next, extra] = fast(x, y);
        tf.dispose([x, extra]);
        x = next;
      }
    };
    run(2000);
    const before = { tensors: tf.memory().numTensors, rss: process.memoryUsage().rss };
    run(10_000);
    expect(tf.memory().numTensors).equal(before.tensors);
    // 10,000 leaked matrices of 4 kB would be 80 MB.
    expect(process.memoryUsage().rss - before.rss).below(24e6);
    expect(x.dataSync()[0]).closeTo(1, 1e-3);
  });

  describe("temporary files", () => {
    let folder: string;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "capture-test-"));
    });
    afterEach(() => rmSync(folder, { recursive: true, force: true }));
    const child = async (code: string) =>
      spawnSync(process.execPath, [await programOf(code)], {
        cwd: fileURLToPath(new URL("../..", import.meta.url)),
        env: { ...process.env, TMPDIR: folder },
        encoding: "utf8",
      });
    const capturing = 'import { capture, tf } from "./course/src/all.ts"; capture((x) => tf.neg(x), [tf.ones([2])]);';

    it("are gone after capturing, also when loading fails", async () => {
      expect((await child(capturing)).status).equal(0);
      expect(readdirSync(folder).filter((name) => name.includes("graph"))).deep.equal([]);
      const failing = `import { tf } from "./course/src/all.ts"; import { withSavedModel } from "./lib/src/tensor/savedModel.ts";
        try { withSavedModel(Buffer.from("nonsense"), (folder) => tf.backend().binding.loadSavedModel(folder, "serve")); } catch { process.exit(7); }`;
      expect((await child(failing)).status).equal(7);
      expect(readdirSync(folder).filter((name) => name.includes("graph"))).deep.equal([]);
    });

    it("of a process that was killed are swept by the next one; those of a living one are not", async () => {
      const killed = `import { withSavedModel } from "./lib/src/tensor/savedModel.ts";
        withSavedModel(Buffer.from("x"), () => process.kill(process.pid, "SIGKILL"));`;
      expect((await child(killed)).signal).equal("SIGKILL");
      expect(readdirSync(folder).filter((name) => name.includes("graph"))).length(1);
      const mine = join(folder, `rlhf-lab-graph-${process.pid}-abcdef`);
      mkdirSync(mine);
      expect((await child(capturing)).status).equal(0);
      expect(readdirSync(folder).filter((name) => name.includes("graph"))).length(1);
      expect(existsSync(mine)).equal(true);
    });
  });
});
