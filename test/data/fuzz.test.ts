// Every reader on 1,000 (soak: 5,000) inputs damaged at random: a value or an error of ours, no hang, no growth.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { expect } from "chai";
import { LabError } from "../../lib/src/core/index.js";
import { loadComparisons, readDemonstrations, readPrompts, readUnpairedPreferences } from "../../lib/src/data/index.js";
import { loadGpt2 } from "../../lib/src/models/index.js";
import { foldIn, type Key, key, randint } from "../../lib/src/random/index.js";
import {
  decodeSafetensors,
  disposeTree,
  encodeSafetensors,
  loadCheckpoint,
  saveCheckpoint,
  tf,
} from "../../lib/src/tensor/index.js";
import { tokenizerFromJSON } from "../../lib/src/tokenizers/index.js";
import { sized } from "../sized.js";

const ROUNDS = sized(1000, 5000);
const golden = join(dirname(fileURLToPath(import.meta.url)), "../golden/gpt2/causal");

/** What breaks readers: the signs of the formats, ends of ranges, bytes that are no UTF-8, invisible characters. */
const PIECES = [
  ...'{}[]",:\\\n\r\t 0-.e',
  ...[
    "null",
    "true",
    "1e999",
    "-1",
    "99999999999999999999",
    '""',
    "[]",
    "{}",
    '"__proto__":',
    "\\ud800",
    "\u0000",
    "\ufeff",
    "\u2028",
  ],
  ...["prompt", "chosen", "rejected", "role", "content", "\n\nHuman:", "\n\nAssistant:", "\x1f\x8b", '[{"role":'],
].map((piece) => Buffer.from(piece));
PIECES.push(Buffer.from([0xff]), Buffer.from([0xc3]), Buffer.from([0xed, 0xa0, 0x80]));

/** A copy with one to four changes: a piece put in or over, a part left out, doubled or moved, the end cut off. */
function mutated(k: Key, input: Uint8Array): Buffer {
  let bytes = Buffer.from(input);
  const changes = 1 + randint(k, 1, 0, 4)[0];
  for (let change = 0; change < changes; change++) {
    const [kind, at, length, which, to] = randint(foldIn(k, change), 5, 0, 2 ** 30);
    const from = at % (bytes.length + 1);
    const end = Math.min(bytes.length, from + (length % 30));
    const piece = PIECES[which % PIECES.length];
    const [before, part, after] = [bytes.subarray(0, from), bytes.subarray(from, end), bytes.subarray(end)];
    const parts = [
      [before, piece, part, after],
      [before, piece, after],
      [before, after],
      [before, part, part, after],
      [bytes.subarray(0, to % (bytes.length + 1)), part, bytes.subarray(to % (bytes.length + 1))],
      kind % 5 === 0
        ? [before]
        : [before, Buffer.from([which & 255]), bytes.subarray(Math.min(bytes.length, from + 1))],
    ][kind % 6];
    bytes = Buffer.concat(parts);
  }
  return bytes;
}

async function fuzz(
  seed: number,
  inputs: Uint8Array[],
  read: (bytes: Buffer) => unknown,
  rounds = ROUNDS,
): Promise<void> {
  let values = 0;
  for (let round = 0; round < rounds; round++) {
    const bytes = mutated(foldIn(key(seed), round), inputs[round % inputs.length]);
    try {
      await read(bytes);
      values++;
    } catch (error) {
      if (!(error instanceof LabError)) {
        throw new Error(`round ${round}: ${(error as Error).stack}\nfor ${JSON.stringify(bytes.toString("latin1"))}`);
      }
      expect(error.message).to.not.include("undefined:");
    }
  }
  // Otherwise the changes say nothing of what lies behind the first check.
  expect(values, "inputs that were read").to.be.within(1, rounds - 1);
}

describe("soak: fuzz: readers give a value or an error of ours", () => {
  const user = { role: "user", content: "q" };
  const assistant = (content: string) => ({ role: "assistant", content });
  const lines = (...records: unknown[]) => Buffer.from(records.map((record) => JSON.stringify(record)).join("\n"));
  const comparisons = [
    lines({ prompt: "p", chosen: "a", rejected: "b" }, { prompt: "q", chosen: "c\u00e9", rejected: "d" }),
    lines({ chosen: "\n\nHuman: x\n\nAssistant: a", rejected: "\n\nHuman: x\n\nAssistant: b" }),
    lines({ prompt: [user], chosen: [assistant("a")], rejected: [assistant("b")] }),
    Buffer.from('prompt,chosen,rejected\np,"a ""b"", c",d\n"two\nlines",e,f\n'),
    Buffer.from(JSON.stringify({ prompt: "p", chosen: "a", rejected: "b" }, null, 1)),
    gzipSync(lines({ prompt: "p", chosen: "a", rejected: "b" })),
  ];
  const answers = [
    lines({ prompt: "p", completion: "a", label: true }, { prompt: "q", completion: "b", label: false }),
    lines({ prompt: [user], completion: [assistant("a")], label: true }),
    lines({ messages: [user, assistant("a")], prompt: null, label: true }),
    gzipSync(lines({ prompt: "p", completion: "a", label: true })),
  ];
  const all = async (source: AsyncIterable<unknown>) => {
    for await (const _ of source);
  };

  it("comparisons", () => fuzz(1, comparisons, (bytes) => loadComparisons([bytes], { bad: "first" })));
  it("comparisons, bad ones passed over", () =>
    fuzz(2, comparisons, (bytes) => loadComparisons([bytes], { bad: "keep" })));
  it("demonstrations", () => fuzz(3, answers, (bytes) => all(readDemonstrations([bytes]))));
  it("single verdicts", () => fuzz(4, answers, (bytes) => all(readUnpairedPreferences([bytes]))));
  it("prompts", () => fuzz(5, answers, (bytes) => all(readPrompts([bytes]))));

  it("safetensors", () => {
    const tensors = {
      a: { type: "F32" as const, shape: [2, 1], values: Float32Array.of(1, 2) },
      b: { type: "BOOL" as const, shape: [], values: Uint8Array.of(1) },
    };
    const whole = Buffer.concat(encodeSafetensors({ tensors, metadata: { format: "pt" } }));
    return fuzz(6, [whole], (bytes) => decodeSafetensors(bytes));
  });

  it("tokenizers from JSON", () => {
    const special = { pad: "<pad>", bos: "<end>", eos: "<end>" };
    const made = [
      { type: "character", special, characters: ["a", "b"], unknown: "bytes" },
      {
        type: "bytepair",
        special,
        merges: [
          [99, 100],
          [258, 258],
          [259, 101],
        ],
      },
    ].map((json) => Buffer.from(JSON.stringify(json)));
    return fuzz(7, made, (bytes) => {
      let json: unknown;
      try {
        json = JSON.parse(bytes.toString());
      } catch {
        json = null;
      }
      return tokenizerFromJSON(json).encode("abab");
    });
  });

  describe("and leave no tensor behind", () => {
    let folder = "";
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "rlhf-lab-fuzz-"));
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    it("checkpoints", async () => {
      const path = join(folder, "run.safetensors");
      const like = { p: { w: tf.tensor1d([1, 2]), ids: tf.tensor1d([3], "int32") } };
      saveCheckpoint(path, { step: 3, key: [1, 2], trees: like, notes: { made: "here" } });
      const whole = readFileSync(path);
      const before = tf.memory().numTensors;
      await fuzz(8, [whole], (bytes) => {
        writeFileSync(path, bytes);
        disposeTree(loadCheckpoint(path, like).trees);
      });
      expect(tf.memory().numTensors).to.equal(before);
      disposeTree(like);
    });

    it("a GPT-2's config", async () => {
      cpSync(golden, folder, { recursive: true });
      const before = tf.memory().numTensors;
      const config = join(folder, "config.json");
      await fuzz(9, [readFileSync(config)], (bytes) => {
        writeFileSync(config, bytes);
        disposeTree(loadGpt2(folder).params);
      });
      expect(tf.memory().numTensors).to.equal(before);
    });
  });
});
