import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { DataError, DomainError } from "rlhf-lab";
import { atLeast, beginRun, inOneSentence, numberOf } from "../../scripts/training/settings.js";

describe("the settings of a run on the terminal", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "rlhf-lab-settings-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const file = () => join(folder, "settings.json");
  const begin = (settings: { seed: number; steps: number }, resume = false) =>
    beginRun(folder, "checkpoint.safetensors", settings, resume);

  it("says where a resumed run is not what its settings would make from the beginning", () => {
    expect(begin({ seed: 3, steps: 30 })).to.deep.equal([]);
    expect(begin({ seed: 3, steps: 30 }, true)).to.deep.equal([]);
    expect(begin({ seed: 3, steps: 40 }, true)).to.have.length(1);
    const [again, ...none] = begin({ seed: 3, steps: 40 }, true); // and does not forget it
    expect(again).to.contain("--steps 30 before").and.contain("--steps 40 makes from the beginning");
    expect(none).to.deep.equal([]);
    expect(JSON.parse(readFileSync(file(), "utf8"))).to.deep.equal([
      { seed: 3, steps: 30 },
      { seed: 3, steps: 40 },
    ]);
    expect(begin({ seed: 4, steps: 9 }), "without --resume, and without a checkpoint, all begins anew").to.deep.equal(
      [],
    );
  });

  it("refuses another seed, a run that is there, a file, and damage; what is there stays", () => {
    begin({ seed: 3, steps: 30 });
    const before = readFileSync(file(), "utf8");
    expect(() => begin({ seed: 4, steps: 30 }, true)).to.throw(DomainError, "--seed");
    writeFileSync(join(folder, "checkpoint.safetensors"), "");
    expect(() => begin({ seed: 3, steps: 30 })).to.throw(DomainError, "--resume");
    expect(readFileSync(file(), "utf8")).to.equal(before);
    expect(() => beginRun(file(), "x", { seed: 1 }, false)).to.throw(DomainError, "This is a file");
    writeFileSync(file(), before.slice(0, 5));
    expect(() => begin({ seed: 3, steps: 30 }, true)).to.throw(DataError, "damaged");
  });

  it("reads numbers, and refuses what is none", () => {
    const steps = (text: string) => numberOf("steps", text, "a whole number of at least 1", atLeast(1));
    expect(steps("15")).to.equal(15);
    for (const text of ["", " ", "many", "0", "-3", "2.5", "NaN", "Infinity", "1e400"]) {
      expect(() => steps(text), text).to.throw(DomainError, "--steps: expected a whole number of at least 1");
    }
  });

  it("tells what the library refuses in one sentence; a bug keeps its stack", async () => {
    const said: unknown[] = [];
    const plain = console.error;
    console.error = (...words: unknown[]) => void said.push(...words);
    try {
      await inOneSentence(async () => {
        throw new DomainError("folder: another folder, or resume: true");
      });
      await inOneSentence(async () => void readFileSync(join(folder, "none")));
      expect(process.exitCode).to.equal(1);
      expect(said).to.have.length(2);
      expect(said[0]).to.equal("folder: another --folder, or --resume");
      expect(said[1]).to.match(/^ENOENT.*none/);
      const bug = new TypeError("x is not a function");
      expect(await inOneSentence(() => Promise.reject(bug)).catch((e) => e)).to.equal(bug);
    } finally {
      console.error = plain;
      process.exitCode = undefined;
    }
  });
});
