import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { learnersCellsOnly } from "../../scripts/lessons/learnersCells.js";
import { buildNotebook, type Notebook, type NotebookCell, notebookText, sourceOf } from "../../scripts/master/build.js";
import { editionsOf, readMasters, root } from "../../scripts/master/course.js";
import { parseMaster } from "../../scripts/master/parse.js";
import { holdsWork } from "../../scripts/notebooks.js";

const sample = readFileSync(new URL("fixtures/07-sample.ts", import.meta.url), "utf8");
const points = new Map([["07/sum", 3]]);
const build = (text: string, edition: "learner" | "solution") =>
  buildNotebook(parseMaster(text, "07-sample/lesson.ts"), edition, points);
const ids = (notebook: Notebook) => notebook.cells.map((cell) => cell.id);

describe("built notebooks", () => {
  it("differ only in the exercise cells", () => {
    const learner = build(sample, "learner");
    const solution = build(sample, "solution");
    const differing = learner.cells.filter((cell, i) => sourceOf(cell) !== sourceOf(solution.cells[i]));
    expect(differing.map((cell) => cell.metadata.rlhf_lab)).to.deep.equal([{ exercise: "07/sum" }]);
    expect(ids(learner)).to.deep.equal(ids(solution));
  });

  it("have readable cell ids of Jupyter's form, each once", () => {
    expect(ids(build(sample, "learner"))).to.deep.equal([
      "07-a-sample-lesson",
      "07-a-sample-lesson-1",
      "07-a-sample-lesson-2",
      "07-exercise-the-sum",
      "07-sum",
      "07-sum-check",
      "07-exercise-the-sum-1",
    ]);
    const long = sample.replace("A sample lesson", `${"very ".repeat(40)}long, and ${"é".repeat(50)}`);
    for (const id of ids(build(long, "learner"))) expect(id).to.match(/^[a-zA-Z0-9_-]{1,64}$/);
  });

  it("keep the cell ids through edits: a changed text keeps all, an inserted cell moves none beyond the next heading", () => {
    const before = ids(build(sample, "learner"));
    expect(ids(build(sample.replace("[1, 2, 3]", "[4]").replace("Write it.", "Now."), "learner"))).to.deep.equal(
      before,
    );
    const inserted = ids(build(sample.replace("// %%\nconst", "// %%\nlet y = 1;\n\n// %%\nconst"), "learner"));
    expect(before.filter((id) => !inserted.includes(id))).to.deep.equal([]);
    expect(inserted.slice(4)).to.deep.equal(before.slice(3));
  });

  it("fold away imports and the code of long figures, and nothing else", () => {
    const code = (...cells: string[]) =>
      build(`${sample}\n${cells.map((cell) => `// %%\n${cell}\n`).join("\n")}`, "learner");
    const line = "const a = 1;\n";
    const { cells } = code(
      'import { a } from "b";\nimport {\n  c,\n} from "d";',
      'import { a } from "b";\na();',
      `${line.repeat(40)}show(a);`,
      `${line.repeat(39)}show(a);`,
      line.repeat(60),
    );
    expect(cells.slice(-5).map(({ metadata }) => metadata.jupyter?.source_hidden ?? false)).to.deep.equal([
      true,
      false,
      true,
      false,
      false,
    ]);
  });

  it("number headings that repeat", () => {
    const twice = build(`${sample}\n// %% [markdown]\n// ## Exercise: the sum\n`, "learner");
    expect(ids(twice).at(-1)).to.equal("07-exercise-the-sum-2");
  });

  it("are refused for an exercise that no lesson's checks know, with the place", () => {
    const master = parseMaster(sample, "07-sample/lesson.ts");
    const line = sample.split("\n").indexOf("// %% [check] 07/sum") + 1;
    expect(() => buildNotebook(master, "learner", new Map())).to.throw(`course/lessons/07-sample/lesson.ts:${line}: `);
  });

  it("know when they hold a learner's work", () => {
    const learner = build(sample, "learner");
    expect(holdsWork(notebookText(learner))).to.equal(false);
    expect(holdsWork(notebookText(build(sample, "solution")))).to.equal(true);
    learner.cells[1].outputs = [{ output_type: "stream", name: "stdout", text: "x" }];
    expect(holdsWork(notebookText(learner))).to.equal(true);
    expect(holdsWork("not a notebook")).to.equal(false);
    const bug = build(sample.replaceAll("  // #end", "  // #given\n  // return 0;\n  // #end"), "learner");
    expect(holdsWork(notebookText(bug)), "code with a mistake, as handed out").to.equal(false);
    const cell = bug.cells.find(({ metadata }) => metadata.rlhf_lab?.given !== undefined)!;
    cell.source = sourceOf(cell).replace("return 0", "return 1");
    expect(holdsWork(notebookText(bug)), "the mistake was mended").to.equal(true);
  });

  it("are valid for nbformat and nbgrader, byte for byte as Jupyter saves them, and graded by nbgrader as meant", () => {
    const folder = mkdtempSync(join(tmpdir(), "rlhf-lab-build-"));
    try {
      for (const edition of ["learner", "solution"] as const) {
        writeFileSync(join(folder, `${edition}.ipynb`), notebookText(build(sample, edition)));
      }
      const script = fileURLToPath(new URL("validate.py", import.meta.url));
      const python = join(root, ".venv", "bin", "python");
      const report = JSON.parse(execFileSync(python, [script, folder], { encoding: "utf8" }));
      expect(report.same).to.deep.equal({ learner: true, solution: true });
      expect(report.solution_cells).to.deep.equal(["07-sum"]);
      expect(report.grade_cells).to.deep.equal({ "07-sum-check": 3 });
      expect(report.locked_cells).to.deep.equal(["07-sum-check"]);
      expect(report.grades).to.deep.equal({ passed: 3, partial: 1.5, failed: 0 });
      expect(report.kernel).to.equal("rlhf-lab");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("learnersCellsOnly", () => {
  it("leaves imports, exercises, checks and what names a learner's function; the rest of the code stands aside, in its place", async () => {
    const [master] = readMasters(["05"]);
    const learner = (await editionsOf(master)).find(({ edition }) => edition === "learner")!.text;
    const [whole, short] = [learner, await learnersCellsOnly(learner, "05")].map((text) => JSON.parse(text).cells);
    expect(short).to.have.length(whole.length);
    let aside = 0;
    whole.forEach((cell: NotebookCell, i: number) => {
      const own = cell.cell_type === "markdown" || cell.metadata.rlhf_lab !== undefined;
      if (own || /^import\b/.test(sourceOf(cell))) expect(short[i]).to.deep.equal(cell);
      else if (sourceOf(short[i]) !== sourceOf(cell)) aside++;
    });
    expect(aside).to.be.above(10);
  });
});
