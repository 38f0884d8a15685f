import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import fc from "fast-check";
import { progressOf } from "../../course/src/kernel/cells/progress.js";
import { ProgressFile } from "../../course/src/kernel/progressFile.js";
import { tally } from "../../course/src/progress/tally.js";

/* The file and its sum; test/kernel/progress_checks.py sees the kernel write it. */
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rlhf-lab-progress-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const checkOf = (exercise: string, points: number, outOf: number, when: string) => ({ exercise, points, outOf, when });
const [early, late] = ["2026-01-01T00:00:00.000Z", "2026-01-02T00:00:00.000Z"];

describe("progress/progressFile", () => {
  it("gives back what it was told, in the order of time, and nothing where there is nothing", () => {
    const file = new ProgressFile(join(folder, "of", "mine", "progress.jsonl"));
    expect(file.kept()).to.deep.equal({ checks: [], said: [] });
    const [a, b] = [checkOf("01/a", 1, 2, late), checkOf("07/b-c", 0.5, 1, early)];
    expect(file.keep(a)).to.equal(undefined);
    expect(file.keep(b)).to.equal(undefined);
    expect(file.kept()).to.deep.equal({ checks: [b, a], said: [] });
  });

  it("whatever else stands in the file: what can be read counts, also after it was set aside", () => {
    const good = checkOf("01/a", 1, 2, early);
    const bad = [
      "garbage",
      "[]",
      "null",
      '{"exercise":"01/a"',
      JSON.stringify({ ...good, points: 3 }),
      JSON.stringify({ ...good, outOf: 0, points: 0 }),
      JSON.stringify({ ...good, exercise: "somewhere" }),
      JSON.stringify({ ...good, when: "yesterday" }),
      JSON.stringify({ ...good, points: "1" }),
    ];
    const lines = fc.array(fc.constantFrom(JSON.stringify(good), "", ...bad), { maxLength: 8 });
    fc.assert(
      fc.property(lines, (lines) => {
        const path = join(mkdtempSync(join(folder, "x-")), "progress.jsonl");
        writeFileSync(path, lines.join("\n"));
        const file = new ProgressFile(path);
        const wanted = lines.filter((line) => line === JSON.stringify(good)).map(() => good);
        const broken = lines.filter((line) => bad.includes(line)).length;
        const first = file.kept();
        expect(first.checks).to.deep.equal(wanted);
        expect(first.said).to.have.length(broken > 0 ? 1 : 0);
        expect(existsSync(path)).to.equal(broken === 0);
        file.keep(good); // also behind a line that was cut short
        expect(file.kept()).to.deep.equal({ checks: [...wanted, good], said: [] });
      }),
    );
  });

  it("a check that comes behind a line cut short is whole", () => {
    const path = join(folder, "progress.jsonl");
    writeFileSync(path, '{"exercise":"01/a"');
    const [file, good] = [new ProgressFile(path), checkOf("01/a", 1, 2, early)];
    file.keep(good);
    expect(file.kept().checks).to.deep.equal([good]);
  });

  it("names the lines that it cannot read, and keeps the file's bytes", () => {
    const path = join(folder, "progress.jsonl");
    const text = `x\n${JSON.stringify(checkOf("01/a", 1, 2, early))}\ny`;
    writeFileSync(path, text);
    const [said] = new ProgressFile(path).kept().said;
    expect(said).to.contain(`2 lines, the first of them 1, of ${path} cannot be read`);
    const [name] = readdirSync(folder);
    expect(said).to.contain(name);
    expect(readFileSync(join(folder, name!), "utf8")).to.equal(text);
  });

  it("says what is in the way, and throws nothing", () => {
    mkdirSync(join(folder, "progress.jsonl"));
    const file = new ProgressFile(join(folder, "progress.jsonl"));
    expect(file.keep(checkOf("01/a", 1, 2, early))).to.match(/could not be written to .*EISDIR.*RLHF_LAB_STATE/);
    expect(file.kept().said[0]).to.match(/could not be read \(it is no file\)/);
    writeFileSync(join(folder, "file"), "");
    const below = new ProgressFile(join(folder, "file", "progress.jsonl"));
    expect(below.keep(checkOf("01/a", 1, 2, early))).to.match(/could not be written/);
  });
});

describe("progress/tally", () => {
  it("is the best of each exercise; what was solved once stays solved, at its first time", () => {
    const checks = [
      checkOf("01/a", 1, 4, early),
      checkOf("01/b", 2, 2, early),
      checkOf("01/a", 4, 4, late),
      checkOf("01/b", 0, 2, late),
      checkOf("01/b", 3, 3, late), // the exercise has grown
    ];
    expect([...tally(checks).values()]).to.deep.equal([
      { exercise: "01/a", points: 4, outOf: 4, checks: 2, solved: late },
      { exercise: "01/b", points: 3, outOf: 3, checks: 3, solved: early },
    ]);
  });
});

describe("what the kernel keeps", () => {
  const right = { exercise: "01/a", points: 1, outOf: 1 };
  const env = (more: NodeJS.ProcessEnv) => ({ RLHF_LAB_STATE: folder, ...more });

  it("is the learner's own: neither solved notebooks' checks, nor those of graders and headless runs", () => {
    const solutions = progressOf("", env({ JPY_SESSION_NAME: join(folder, "solutions", "01-x.ipynb") }));
    expect(solutions.keep).to.equal(undefined);
    expect(solutions.kept?.().checks).to.deep.equal([]);
    expect(progressOf("", env({ NBGRADER_EXECUTION: "autograde" }))).to.deep.equal({});
    expect(progressOf("", env({ RLHF_LAB_PROGRESS: "0" }))).to.deep.equal({});
    const mine = progressOf("", env({ JPY_SESSION_NAME: join(folder, "01-x.ipynb") }));
    expect(mine.keep?.(right)).to.equal(undefined);
    const [kept] = solutions.kept?.().checks ?? [];
    expect(kept).to.deep.include(right);
    expect(Date.parse(kept!.when)).to.be.greaterThan(Date.parse(late));
  });

  it("says only once what is in its way", () => {
    mkdirSync(join(folder, "progress.jsonl"));
    const { keep } = progressOf("", env({}));
    expect(keep?.(right)).to.match(/could not be written/);
    expect(keep?.(right)).to.equal(undefined);
  });
});
