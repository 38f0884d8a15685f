import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect } from "chai";
import { loadGpt2, tokenizerFromJSON } from "../../lib/src/models/index.js";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");

/** `npm run train:demo` itself, but short. */
async function demo(folder: string, ...args: string[]): Promise<string> {
  const command = ["--import", "tsx", join(root, "scripts/train-demo.ts"), "--folder", folder, ...args];
  return (await promisify(execFile)(process.execPath, command, { cwd: root })).stdout;
}

describe("npm run train:demo", () => {
  it("learns, writes before and after, and goes on from its checkpoint", async function () {
    this.timeout(180_000);
    const folder = mkdtempSync(join(tmpdir(), "rlhf-lab-demo-"));
    try {
      const first = await demo(folder, "--steps", "30");
      expect(first).to.match(/frequency alone costs [23]\.\d+ nats/);
      expect(first)
        .to.match(/Before: "The whale/)
        .and.match(/After: {2}"The whale/);
      const loss = (text: string) => Number(/Validation loss (\d+\.\d+) nats/.exec(text)?.[1]);
      expect(loss(first)).to.be.below(3.3);
      const figure = JSON.parse(readFileSync(join(folder, "loss-figure.json"), "utf8"));
      expect(figure.data[0].x.at(-1)).to.equal(30);
      expect(figure.data[0].y.at(-1)).to.be.below(figure.data[0].y[0]);
      expect(existsSync(join(folder, "checkpoint.safetensors"))).to.equal(true);
      const second = await demo(folder, "--steps", "40", "--resume");
      expect(second).to.match(/after 40 steps/);
      const steps = readFileSync(join(folder, "metrics.jsonl"), "utf8").trim().split("\n").length;
      expect(steps).to.equal(40);
      expect(loss(second)).to.be.below(loss(first));
      const tokenizer = tokenizerFromJSON(JSON.parse(readFileSync(join(folder, "tokenizer.json"), "utf8")));
      expect(loadGpt2(join(folder, "gpt2")).config.vocabulary).to.equal(tokenizer.vocabularySize);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
