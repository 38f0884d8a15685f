import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { backend } from "rlhf-lab/tensor";
import { programOf } from "../program.js";

/** Runs a module in a process of its own, from the project's root. */
async function run(code: string) {
  const cwd = fileURLToPath(new URL("../..", import.meta.url));
  return spawnSync(process.execPath, [await programOf(code)], { cwd, encoding: "utf8" });
}

describe("the door to TensorFlow.js", () => {
  it("loads nothing before the first use, and then says nothing on stderr", async () => {
    const { stdout, stderr } = await run(`
      import { createRequire } from "node:module";
      import { tf, tokenLogProbs, capture } from "./course/src/all.ts";
      const loaded = () => Object.keys(createRequire(import.meta.url).cache).filter((path) => path.includes("@tensorflow")).length;
      const before = loaded();
      const sum = capture((x) => tf.sum(tf.matMul(x, x)), [tf.ones([2, 2])])(tf.ones([2, 2])).dataSync()[0];
      console.log(before, loaded() > 0, sum, Object.keys(tf).includes("matMul"), "matMul" in tf);`);
    expect(stdout.trim()).equal("0 true 8 true true");
    if (backend().name === "native") expect(stderr).equal("");
  });

  it("falls back to plain JavaScript, says so once, and everything still computes", async () => {
    const { stdout, stderr, status } = await run(`
      import Module from "node:module";
      const load = Module._load;
      Module._load = (name, ...rest) => {
        if (name === "@tensorflow/tfjs-node") throw new Error("no binary here\\nand a long stack");
        return load(name, ...rest);
      };
      const { adamW, affine, backend, capture, crossEntropy, gelu, layerNorm, tf, valueAndGradients } = await import("./course/src/all.ts");
      const params = { table: tf.ones([3, 4]), weight: tf.fill([4, 3], 0.1), bias: tf.tensor1d([0, 1, 2]), gain: tf.ones([3]) };
      const optimizer = adamW({ rate: 0.1, maxNorm: 1 });
      const step = (params, state, tokens) => {
        const { loss, gradients } = valueAndGradients(params, (p) =>
          crossEntropy(gelu(layerNorm(affine(tf.gather(p.table, tokens), p.weight, p.bias), p.gain, p.bias)), tokens));
        return { ...optimizer.update(gradients, state, params), loss };
      };
      const tokens = tf.tensor1d([0, 2, 1], "int32");
      const captured = capture(step, [params, optimizer.init(params), tokens]);
      let run = { params, state: optimizer.init(params) };
      const losses = [];
      for (let i = 0; i < 5; i++) { run = captured(run.params, run.state, tokens); losses.push(run.loss.dataSync()[0]); }
      let refused = "";
      try { captured(params, optimizer.init(params), tokens.slice(1)); } catch (error) { refused = error.name; }
      console.log(JSON.stringify({ backend: backend(), ops: captured.ops ?? null, losses, refused }));`);
    expect(status, stderr).equal(0);
    const out = JSON.parse(stdout);
    expect(out.backend.name).equal("js");
    expect(out.backend.why).equal("native TensorFlow did not load: no binary here");
    expect(out.ops).equal(null);
    expect(out.losses[4]).below(out.losses[0]);
    expect(out.refused).equal("ShapeError");
    expect(stderr.trim().split("\n")).length(1);
    expect(stderr).include("plain JavaScript");
  });

  it("trains and generates on WebAssembly, where its package is installed", async function () {
    const installed =
      spawnSync(process.execPath, ["-e", "require.resolve('@tensorflow/tfjs-backend-wasm')"]).status === 0;
    if (!installed) this.skip();
    const { stdout, stderr, status } = await run(`
      import Module from "node:module";
      const load = Module._load;
      Module._load = (name, ...rest) => {
        if (name === "@tensorflow/tfjs-node") throw new Error("no binary here");
        return load(name, ...rest);
      };
      const { adam, backendReady, crossEntropy, generator, key, randint, tf, transformer, valueAndGradients } = await import("./course/src/all.ts");
      const { name } = await backendReady();
      const model = transformer({ vocabulary: 8, context: 8, width: 8, layers: 1, heads: 2 });
      const optimizer = adam({ rate: 1e-2 });
      const tokens = tf.tensor(randint(key(1), 16 * 6, 0, 8), [16, 6], "int32");
      let params = model.init(key(0));
      let state = optimizer.init(params);
      const losses = [];
      for (let i = 0; i < 10; i++) {
        const { loss, gradients } = valueAndGradients(params, (p) => crossEntropy(model.logits(p, tokens), tokens));
        ({ params, state } = optimizer.update(gradients, state, params));
        losses.push(loss.dataSync()[0]);
      }
      const { logProbs } = generator(model, { newTokens: 2 })(key(3), params, { tokens });
      console.log(JSON.stringify({ name, losses, finite: logProbs.dataSync().every(Number.isFinite) }));`);
    expect(status, stderr).equal(0);
    const out = JSON.parse(stdout);
    expect(out.name).equal("wasm");
    expect(out.losses[9]).below(out.losses[0] - 0.1);
    expect(out.finite).equal(true);
  });
});
