import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { tf } from "../../lib/src/tensor/index.js";
import { asksPython, environment, skipped } from "../realPython.js";
import {
  bytePairs,
  comparisons,
  letters,
  messages,
  oddTexts,
  policy,
  policyParams,
  reward,
  rewardParams,
  texts,
  tokenizer,
  writeExports,
} from "./fixture.js";

const here = dirname(fileURLToPath(import.meta.url));
const golden = join(here, "../golden/exports.json");
const script = join(here, "../golden/make/exports.py");

interface Loaded {
  rows: number;
  columns: string[];
  conversational: boolean;
  first: Record<string, unknown>;
}

/** What Python says of the folder. */
interface Answer {
  classes: string[];
  special: number[];
  generation: number[];
  length: number[];
  ids: number[][];
  decoded: string[];
  odd: Record<"bytePairs" | "letters", { ids: number[][]; decoded: string[] }>;
  /** The texts of odd.jsonl as datasets and as pyarrow read them. */
  odd_rows: [string[], string[]];
  logits: number[];
  rewards: number[];
  chat: string[];
  data: Record<string, Loaded>;
  training: Record<string, { loss: number; moved: number }>;
}

/**
 * The pattern in it is spelled out in the version of Unicode that this Node knows; what it does is in the golden file.
 */
const VARIES = "bytePairs/tokenizer.json";

/** The hash of each file that was exported. */
function hashes(folder: string): Record<string, string> {
  const files = (readdirSync(folder, { recursive: true }) as string[]).map((file) => file.replaceAll("\\", "/"));
  return Object.fromEntries(
    files
      .filter((file) => file !== VARIES && statSync(join(folder, file)).isFile())
      .sort()
      .map((file) => [
        file,
        createHash("sha256")
          .update(readFileSync(join(folder, file)))
          .digest("hex"),
      ]),
  );
}

function askPython(folder: string): Answer {
  const output = execFileSync(join(environment, "bin/python"), [script, folder], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  for (const rest of ["cache", "out"]) rmSync(join(folder, rest), { recursive: true, force: true });
  return JSON.parse(output.trim().split("\n").at(-1) as string);
}

const apart = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((most, x, i) => Math.max(most, Math.abs(x - b[i])), a.length === b.length ? 0 : Infinity);

describe("exports for transformers and TRL", () => {
  let folder: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "rlhf-lab-exports-"));
    await writeExports(folder);
    if (process.env.RLHF_LAB_UPDATE === undefined) return;
    const files = hashes(folder);
    const made = "test/golden/make/exports.py, with bench/requirements-rlhf.txt";
    writeFileSync(golden, `${JSON.stringify({ made_by: made, files, answer: askPython(folder) })}\n`);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const known = () => JSON.parse(readFileSync(golden, "utf8")) as { files: Record<string, string>; answer: Answer };

  /** What must hold of an answer, whenever Python gave it. */
  const judge = (answer: Answer) => {
    expect(answer.classes).to.deep.equal(["GPT2LMHeadModel", "GPT2ForSequenceClassification"]);
    const { pad, bos, eos } = tokenizer.special;
    expect(answer.special).to.deep.equal([pad, bos, eos]);
    expect(answer.generation).to.deep.equal([pad, eos]);
    expect(answer.ids).to.deep.equal(texts.map((text) => tokenizer.encode(text)));
    expect(answer.decoded).to.deep.equal(texts);
    for (const [name, tokenizer] of Object.entries({ bytePairs, letters }) as ["letters", typeof letters][]) {
      const { ids, decoded } = answer.odd[name];
      oddTexts.forEach((text, i) => {
        expect(ids[i], `${name}: ${JSON.stringify(text)}`).to.deep.equal(tokenizer.encode(text));
        expect(decoded[i], name).to.equal(text);
      });
    }
    expect(answer.odd_rows).to.deep.equal([oddTexts, oddTexts]);
    expect(answer.chat[0]).to.equal("\n\nSystem: whale\n\nHuman: Why is the sky blue?\n\nAssistant: a whale is<end>");
    expect(answer.chat[1]).to.equal("\n\nSystem: whale\n\nHuman: Why is the sky blue?\n\nAssistant:");
    expect(messages).to.have.length(3);

    const ids = texts.map((text) => tokenizer.encode(text));
    const logits = policy.logits(policyParams(), tf.tensor2d([ids[0]], undefined, "int32")).dataSync();
    expect(apart(logits, answer.logits)).to.be.below(1e-4);
    const columns = Math.max(...ids.map((row) => row.length));
    const padded = ids.map((row) => [...row, ...new Array<number>(columns - row.length).fill(pad)]);
    const ends = tf.tensor1d(
      ids.map((row) => row.length - 1),
      "int32",
    );
    const params = rewardParams();
    expect(params.head.bias.dataSync()[0]).to.not.equal(0);
    const rewards = reward.rewards(params, tf.tensor2d(padded, undefined, "int32"), ends).dataSync();
    expect(apart(rewards, answer.rewards)).to.be.below(1e-4);
    expect(Math.max(...rewards) - Math.min(...rewards)).to.be.greaterThan(0.1);

    const rows = comparisons.length;
    const expected = {
      preference: [rows, ["chosen", "prompt", "rejected"]],
      unpaired: [2 * rows, ["completion", "label", "prompt"]],
      demonstration: [rows, ["completion", "prompt"]],
      prompt: [rows - 1, ["prompt"]],
    } as const;
    for (const [kind, [count, names]] of Object.entries(expected)) {
      for (const form of ["texts", "messages"]) {
        const { rows, columns, conversational } = answer.data[`${kind}-${form}`];
        expect({ rows, columns, conversational }, `${kind}-${form}`).to.deep.equal({
          rows: count,
          columns: names,
          conversational: form === "messages",
        });
      }
    }
    expect(answer.data["preference-texts"].first).to.deep.equal(comparisons[0]);
    for (const name of ["DPO", "DPO, messages"]) expect(answer.training[name].loss).to.be.closeTo(Math.LN2, 1e-6);
    for (const [name, { loss, moved }] of Object.entries(answer.training)) {
      expect(loss, name).to.satisfy(Number.isFinite);
      expect(moved, name).to.be.within(1e-4, 2e-3); // one step of Adam at a rate of 1e-3
    }
  };

  it("are, byte for byte, the files that the real packages have read: the same ids, logits, rewards and rows", () => {
    const { files, answer } = known();
    expect(hashes(folder)).to.deep.equal(files);
    judge(answer);
  });

  it("are read by the real packages, and TRL's trainers take a step on them (needs the bench's Python)", function () {
    if (!asksPython) {
      console.log(skipped);
      this.skip();
    }
    judge(askPython(folder));
  });
});
