import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { CheckpointError } from "rlhf-lab";
import {
  decodeSafetensors,
  encodeSafetensors,
  type HostTensor,
  readSafetensors,
  writeSafetensors,
} from "rlhf-lab/tensor";

const tensors: { [name: string]: HostTensor } = {
  weight: {
    type: "F32",
    shape: [2, 3],
    values: Float32Array.of(1, -2.5, Number.NaN, Number.POSITIVE_INFINITY, -0, 1e-45),
  },
  wide: { type: "F64", shape: [1], values: Float64Array.of(Math.PI) },
  ids: { type: "I64", shape: [2], values: BigInt64Array.of(-(2n ** 63n), 5n) },
  small: { type: "I32", shape: [], values: Int32Array.of(-7) },
  flags: { type: "BOOL", shape: [3], values: Uint8Array.of(1, 0, 1) },
  bytes: { type: "U8", shape: [1, 5], values: Uint8Array.of(0, 1, 2, 254, 255) },
  none: { type: "F32", shape: [0, 4], values: new Float32Array(0) },
  "naïve 名": { type: "I16", shape: [1], values: Int16Array.of(-300) },
};
const metadata = { step: "12", who: 'a "quoted" name' };

/** The bytes of a file with this header and this much data. */
function file(header: string | object, data = 0): Uint8Array {
  const json = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, Buffer.alloc(data)]);
}
const f32 = (begin: number, end: number, shape = [(end - begin) / 4]) => ({
  dtype: "F32",
  shape,
  data_offsets: [begin, end],
});

describe("safetensors", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "safetensors-test-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("gives back what was written, bit for bit", () => {
    const path = join(folder, "round.safetensors");
    writeSafetensors(path, { tensors, metadata });
    const read = readSafetensors(path);
    expect(read.metadata).deep.equal(metadata);
    expect(Object.keys(read.tensors).sort()).deep.equal(Object.keys(tensors).sort());
    for (const [name, { type, shape, values }] of Object.entries(tensors)) {
      expect(read.tensors[name].type).equal(type);
      expect(read.tensors[name].shape).deep.equal(shape);
      expect(Buffer.from(read.tensors[name].values.buffer)).deep.equal(Buffer.from(values.buffer));
    }
    expect(readdirSync(folder)).deep.equal(["round.safetensors"]);
  });

  it("reads half precision and bfloat16 as the numbers they stand for", () => {
    const header = {
      h: { dtype: "F16", shape: [6], data_offsets: [0, 12] },
      b: { dtype: "BF16", shape: [3], data_offsets: [12, 18] },
    };
    const bytes = file(header, 18);
    const words = [0x3c00, 0xc000, 0x0001, 0x7c00, 0x7e00, 0x7bff, 0x3f80, 0xc040, 0x7f80];
    words.forEach(
      (word, i) => void Buffer.from(bytes.buffer, bytes.byteOffset).writeUInt16LE(word, bytes.length - 18 + 2 * i),
    );
    const { h, b } = decodeSafetensors(bytes).tensors;
    expect([...h.values]).deep.equal([1, -2, 2 ** -24, Number.POSITIVE_INFINITY, Number.NaN, 65504]);
    expect([...b.values]).deep.equal([1, -3, Number.POSITIVE_INFINITY]);
  });

  const damaged: Record<string, [Uint8Array, string]> = {
    "an empty file": [new Uint8Array(0), "too short for a header"],
    "half a length": [new Uint8Array(7), "too short for a header"],
    "an absurd header length": [Buffer.concat([Buffer.alloc(8, 255), Buffer.alloc(20)]), "more than 100000000"],
    "a header longer than the file": [file("{}").subarray(0, 9), "claims to be 2 bytes long, the file has 9"],
    "a header that is no JSON": [file("{nope"), "no JSON text"],
    "a header that is no UTF-8": [
      Buffer.concat([file("").subarray(0, 0), Buffer.from([2, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xfe])]),
      "no JSON text",
    ],
    "a header that is a list": [file("[]"), "no JSON object"],
    "a name twice": [file(`{"a":${JSON.stringify(f32(0, 4))},"a":${JSON.stringify(f32(0, 4))}}`, 4), '"a" twice'],
    "a field twice": [file('{"a":{"dtype":"F32","dtype":"I32","shape":[1],"data_offsets":[0,4]}}', 4), '"dtype" twice'],
    "an unknown dtype": [file({ a: { ...f32(0, 4), dtype: "F99" } }, 4), 'unknown dtype "F99"'],
    "a dtype named like a method": [file({ a: { ...f32(0, 4), dtype: "toString" } }, 4), "unknown dtype"],
    "a negative size": [file({ a: f32(0, 4, [-1]) }, 4), "has the shape"],
    "a fractional size": [file({ a: f32(0, 4, [0.5]) }, 4), "has the shape"],
    "offsets backwards": [file({ a: { dtype: "F32", shape: [0], data_offsets: [4, 0] } }, 4), "has the data_offsets"],
    "offsets that are text": [
      file({ a: { dtype: "F32", shape: [1], data_offsets: ["0", "4"] } }, 4),
      "has the data_offsets",
    ],
    "a shape of another size": [file({ a: f32(0, 8, [3]) }, 8), "needs 12 bytes, data_offsets give 8"],
    "a shape whose size overflows": [file({ a: f32(0, 8, [2 ** 52, 2 ** 52]) }, 8), "needs"],
    "overlapping tensors": [file({ a: f32(0, 8), b: f32(4, 12) }, 12), "inside another"],
    "a gap between tensors": [file({ a: f32(0, 4), b: f32(8, 12) }, 12), "after a gap"],
    "a truncated body": [file({ a: f32(0, 8) }, 7), "the tensors take 8 bytes, the file has 7"],
    "bytes too many": [file({ a: f32(0, 8) }, 9), "the tensors take 8 bytes, the file has 9"],
    "metadata of numbers": [file({ __metadata__: { a: 1 } }), "an object of strings"],
    "an entry of nothing": [file({ a: null }), "unknown dtype undefined"],
  };
  for (const [name, [bytes, message]] of Object.entries(damaged)) {
    it(`refuses ${name}`, () => expect(() => decodeSafetensors(bytes)).throw(CheckpointError, message));
  }

  it("reads metadata of null as none, as the reference does", () => {
    const { metadata: read, tensors: found } = decodeSafetensors(file({ __metadata__: null, a: f32(0, 4) }, 4));
    expect(read).deep.equal({});
    expect(Object.keys(found)).deep.equal(["a"]);
  });

  it("says what a file is that often has the name, and is not safetensors", () => {
    const refused = (text: string, words: string) =>
      expect(() => decodeSafetensors(Buffer.from(text))).throw(CheckpointError, words);
    refused("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "git lfs pull");
    refused("<!DOCTYPE html><html></html>", "a web page");
    refused("PK\x03\x04abcdefgh", "zip archive");
  });

  it("refuses every truncation of a good file, and a missing one", () => {
    const whole = Buffer.concat(encodeSafetensors({ tensors, metadata }));
    for (let length = 0; length < whole.length; length++) {
      expect(() => decodeSafetensors(whole.subarray(0, length)), `${length} bytes`).throw(CheckpointError);
    }
    decodeSafetensors(whole);
    expect(() => readSafetensors(join(folder, "missing"))).throw(CheckpointError, "ENOENT");
  });

  it("a flipped byte never gives another shape of error, and never a crash", () => {
    const whole = Buffer.concat(encodeSafetensors({ tensors, metadata }));
    for (let at = 0; at < whole.length; at++) {
      for (const flip of [1, 32, 128]) {
        const copy = Uint8Array.from(whole);
        copy[at] ^= flip;
        try {
          decodeSafetensors(copy);
        } catch (error) {
          expect(error).instanceOf(CheckpointError);
        }
      }
    }
  });

  it("refuses to write values that do not fit, and leaves the old file", () => {
    const path = join(folder, "old.safetensors");
    writeSafetensors(path, { tensors, metadata });
    const before = readFileSync(path);
    const wrong = (tensor: HostTensor) => () => writeSafetensors(path, { tensors: { tensor }, metadata: {} });
    expect(wrong({ type: "F32", shape: [2], values: Float32Array.of(1) })).throw(
      CheckpointError,
      "2 values for shape [2]",
    );
    expect(wrong({ type: "F32", shape: [1], values: Int32Array.of(1) })).throw(CheckpointError, "as Float32Array");
    expect(wrong({ type: "F16", shape: [1], values: Float32Array.of(1) })).throw(CheckpointError, "can be written");
    expect(readFileSync(path)).deep.equal(before);
  });

  describe("and the reference Python package", () => {
    const python = fileURLToPath(new URL("../../.venv/bin/python", import.meta.url));
    const run = (code: string) => execFileSync(python, ["-c", code], { cwd: folder, encoding: "utf8" });
    before(function () {
      if (!existsSync(python)) this.skip();
    });

    it("reads our files", () => {
      writeSafetensors(join(folder, "ours.safetensors"), { tensors, metadata });
      const out = run(`
import json
from safetensors import safe_open
with safe_open("ours.safetensors", "numpy") as f:
    t = {name: f.get_tensor(name) for name in f.keys()}
    print(json.dumps({"metadata": f.metadata(), "tensors": {n: [str(a.dtype), list(a.shape), a.tobytes().hex()] for n, a in t.items()}}))`);
      const theirs = JSON.parse(out);
      expect(theirs.metadata).deep.equal(metadata);
      const names = {
        F32: "float32",
        F64: "float64",
        I64: "int64",
        I32: "int32",
        I16: "int16",
        BOOL: "bool",
        U8: "uint8",
      };
      for (const [name, { type, shape, values }] of Object.entries(tensors)) {
        const want = [names[type as "F32"], shape, Buffer.from(values.buffer).toString("hex")];
        expect(theirs.tensors[name]).deep.equal(want);
      }
    });

    it("writes files that we read", () => {
      run(`
import numpy as np
from safetensors.numpy import save_file
save_file({"f": np.array([[1.5, -2]], np.float32), "h": np.array([0.1, 65504], np.float16), "d": np.array(np.e),
           "i": np.array([-1, 2**40]), "b": np.array([True, False]), "u": np.array([200], np.uint8), "z": np.zeros((0, 3), np.float32)},
          "theirs.safetensors", {"made": "by numpy"})`);
      const { tensors: read, metadata: text } = readSafetensors(join(folder, "theirs.safetensors"));
      expect(text).deep.equal({ made: "by numpy" });
      expect(read.f).deep.equal({ type: "F32", shape: [1, 2], values: Float32Array.of(1.5, -2) });
      expect([...read.h.values]).deep.equal([0.0999755859375, 65504]);
      expect(read.d).deep.equal({ type: "F64", shape: [], values: Float64Array.of(Math.E) });
      expect(read.i.values).deep.equal(BigInt64Array.of(-1n, 2n ** 40n));
      expect(read.b).deep.equal({ type: "BOOL", shape: [2], values: Uint8Array.of(1, 0) });
      expect(read.u.values).deep.equal(Uint8Array.of(200));
      expect(read.z.shape).deep.equal([0, 3]);
    });
  });
});
