import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { CheckpointError, key, uniform } from "rlhf-lab";
import { adam, leaves, loadCheckpoint, readSafetensors, saveCheckpoint, tf, writeSafetensors } from "rlhf-lab/tensor";
import { program } from "../program.js";

describe("checkpoints", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "checkpoint-test-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const params = () => ({
    blocks: [
      {
        w: tf.tensor2d([
          [1, 2],
          [3, Math.PI],
        ]),
      },
    ],
    ids: tf.tensor1d([1, -2], "int32"),
  });

  it("bring back parameters, optimiser state, key, step and notes", () => {
    tf.tidy(() => {
      const path = join(folder, "run.safetensors");
      const p = { w: tf.tensor1d([1, 2]), b: tf.scalar(0.1) };
      const optimizer = adam({ rate: 0.1 });
      const next = optimizer.update({ w: tf.tensor1d([3, 4]), b: tf.scalar(5) }, optimizer.init(p), p);
      saveCheckpoint(path, { step: 3, key: [5, 4294967295], trees: next, notes: { corpus: "Moby Dick" } });
      const loaded = loadCheckpoint(path, { params: p, state: optimizer.init(p) });
      expect(loaded).include({ step: 3 });
      expect(loaded.key).deep.equal([5, 4294967295]);
      expect(loaded.notes).deep.equal({ corpus: "Moby Dick" });
      leaves(next).forEach((leaf, i) => {
        expect(leaves(loaded.trees)[i].dataSync()).deep.equal(leaf.dataSync());
        expect(leaves(loaded.trees)[i].dtype).equal(leaf.dtype);
      });
      saveCheckpoint(path, { step: 4, key: key(0), trees: { p: params() } });
      expect(loadCheckpoint(path, { p: params() }).trees.p.ids.dtype).equal("int32");
    });
  });

  it("say which tensor is not what was expected, and load nothing", () => {
    tf.tidy(() => {
      const path = join(folder, "run.safetensors");
      saveCheckpoint(path, { step: 0, key: key(0), trees: { p: params() } });
      const tensors = tf.memory().numTensors;
      const like = params();
      const made = tf.memory().numTensors - tensors;
      const attempt = (p: object) => () => loadCheckpoint(path, { p: p as never });
      expect(attempt({ ...like, blocks: [{ w: tf.ones([2, 3]) }] })).throw(
        CheckpointError,
        "p.blocks.0.w: expected float32 [2, 3], got float32 [2, 2]",
      );
      expect(attempt({ ...like, ids: tf.ones([2]) })).throw(CheckpointError, "expected float32 [2], got int32 [2]");
      expect(attempt({ ...like, extra: tf.ones([1]) })).throw(CheckpointError, "p.extra is missing");
      expect(attempt({ blocks: like.blocks })).throw(CheckpointError, "p.ids was not expected");
      expect(tf.memory().numTensors).equal(tensors + made + 3); // only the three that this test made
      const bytes = readFileSync(path);
      writeFileSync(path, bytes.subarray(0, bytes.length - 1));
      expect(attempt(like)).throw(CheckpointError, "Nothing was loaded");
      expect(() => saveCheckpoint(path, { step: -1, key: key(0), trees: {} })).throw(CheckpointError, "step");
      expect(() => saveCheckpoint(path, { step: 1, key: key(0), trees: { s: tf.tensor1d(["a"]) } })).throw(
        CheckpointError,
        "dtype float32, int32 or bool",
      );
    });
  });

  it("damaged metadata is a CheckpointError, and leaves no tensor behind", () => {
    const path = join(folder, "run.safetensors");
    const like = { p: params() };
    saveCheckpoint(path, { step: 3, key: key(0), trees: like });
    const { tensors, metadata } = readSafetensors(path);
    const before = tf.memory().numTensors;
    for (const [change, words] of [
      [{ notes: "{oops" }, "its notes are damaged"],
      [{ notes: "" }, "its notes are damaged"],
      [{ notes: "null" }, "an object of texts"],
      [{ notes: '{"a": 1}' }, "an object of texts"],
      [{ notes: '{"a": "1", "a": "2"}' }, "twice"],
      [{ step: "" }, "is not that of a checkpoint"],
      [{ step: "-3" }, "is not that of a checkpoint"],
      [{ key: " " }, "is not that of a checkpoint"],
    ] as [Record<string, string>, string][]) {
      writeSafetensors(path, { tensors, metadata: { ...metadata, ...change } });
      expect(() => loadCheckpoint(path, like), JSON.stringify(change)).throw(CheckpointError, words);
    }
    expect(tf.memory().numTensors).equal(before);
    tf.dispose(leaves(like));
  });

  it("a run killed at random moments ends with the numbers of one that was not, bit for bit", async () => {
    const STEPS = 150;
    const script = await program(fileURLToPath(new URL("trainToDeath.ts", import.meta.url)));
    /** Runs until the end, or until killed `delay` ms after the first step was reported; the number of steps seen. */
    const train = (path: string, delay?: number) =>
      new Promise<string | number>((resolve, reject) => {
        const child = spawn(process.execPath, [script, path, String(STEPS)], {
          stdio: ["ignore", "pipe", "inherit"],
        });
        child.stdout.once("data", () => delay !== undefined && setTimeout(() => child.kill("SIGKILL"), delay));
        child.on("error", reject);
        child.on("exit", (code, signal) => resolve(signal ?? code ?? -1));
      });
    const whole = join(folder, "whole.safetensors");
    expect(await train(whole)).equal(0);
    const killed = join(folder, "killed.safetensors");
    let deaths = 0;
    for (const u of uniform(key(11), 3)) if ((await train(killed, u * 120)) === "SIGKILL") deaths++;
    expect(deaths, "kills that came before the end").at.least(2);
    expect(await train(killed)).equal(0);
    expect(readFileSync(killed).equals(readFileSync(whole))).equal(true);
    expect(readdirSync(folder).sort(), "no temporary file is left").deep.equal([
      "killed.safetensors",
      "whole.safetensors",
    ]);
  });
});
