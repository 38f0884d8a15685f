import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect } from "chai";
import { loadGpt2 } from "../../lib/src/models/index.js";
import { tokenizerFromJSON } from "../../lib/src/tokenizers/index.js";
import { program } from "../program.js";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");

/** `npm run train:demo` itself, but short: the graph that writes 55 characters takes half of such a run. */
async function demo(folder: string, ...args: string[]): Promise<string> {
  const command = [
    await program(join(root, "scripts/train-demo.ts")),
    "--folder",
    folder,
    "--characters",
    "5",
    ...args,
  ];
  return (await promisify(execFile)(process.execPath, command, { cwd: root })).stdout;
}

/** What it says and how it ends when it refuses. */
async function refused(folder: string, ...args: string[]): Promise<string> {
  const { code, stderr } = await demo(folder, ...args).then(
    () => ({ code: 0, stderr: "" }),
    (error) => error as { code: number; stderr: string },
  );
  expect(code, args.join(" ")).to.equal(1);
  expect(stderr, "one sentence, no stack").not.to.match(/\n\s+at /);
  expect(stderr.trim().split("\n"), stderr).to.have.length(1);
  return stderr;
}

describe("npm run train:demo", () => {
  let folder = "";
  let first = "";
  const loss = (text: string) => Number(/Validation loss (\d+\.\d+) nats/.exec(text)?.[1]);

  /** One run, whose folder the tests go on with in turn. */
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "rlhf-lab-demo-"));
    first = await demo(folder, "--steps", "30");
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("learns, and writes before and after", () => {
    expect(first).to.match(/frequency alone costs [23]\.\d+ nats/);
    expect(first)
      .to.match(/Before: "The whale/)
      .and.match(/After: {2}"The whale/);
    expect(loss(first)).to.be.below(3.3);
    const figure = JSON.parse(readFileSync(join(folder, "loss-figure.json"), "utf8"));
    expect(figure.data[0].x.at(-1)).to.equal(30);
    expect(figure.data[0].y.at(-1)).to.be.below(figure.data[0].y[0]);
    expect(existsSync(join(folder, "checkpoint.safetensors"))).to.equal(true);
  });

  it("refuses in one sentence what cannot be, and a folder with a run, which stays as it was", async () => {
    expect(await refused(folder, "--steps", "many"))
      .to.contain("--steps")
      .and.contain("many");
    const files = () =>
      ["checkpoint.safetensors", "metrics.jsonl", "settings.json"].map((name) =>
        readFileSync(join(folder, name), "hex"),
      );
    expect(await refused(folder, "--characters", "56")).to.contain("--characters");
    const before = files();
    expect(await refused(folder, "--steps", "30"))
      .to.contain("--resume")
      .and.contain("--folder");
    expect(files()).to.deep.equal(before);
    const checkpoint = join(folder, "checkpoint.safetensors");
    writeFileSync(checkpoint, Buffer.from(before[0], "hex").subarray(0, 1000));
    expect(await refused(folder, "--steps", "30", "--resume")).to.contain("checkpoint.safetensors");
    writeFileSync(checkpoint, Buffer.from(before[0], "hex"));
  });

  it("goes on from its checkpoint", async () => {
    const second = await demo(folder, "--steps", "40", "--resume");
    expect(second).to.match(/after 40 steps/);
    expect(second, "says that this is not 40 steps straight").to.match(/was given --steps 30 before/);
    const steps = readFileSync(join(folder, "metrics.jsonl"), "utf8").trim().split("\n").length;
    expect(steps).to.equal(40);
    expect(loss(second)).to.be.below(loss(first));
    const tokenizer = tokenizerFromJSON(JSON.parse(readFileSync(join(folder, "tokenizer.json"), "utf8")));
    expect(loadGpt2(join(folder, "gpt2")).config.vocabulary).to.equal(tokenizer.vocabularySize);
  });
});
