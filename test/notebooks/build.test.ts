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
  const kept = (text: string) => {
    const cells: NotebookCell[] = JSON.parse(learnersCellsOnly(text)).cells;
    return cells
      .filter((cell) => cell.cell_type === "code" && !/^\/\/ The same cell/.test(sourceOf(cell)))
      .map(sourceOf);
  };
  /** A notebook of code cells; an exercise is given as { exercise: source }, a check as { check: source }. */
  const notebook = (...cells: (string | { exercise: string } | { check: string })[]) =>
    JSON.stringify({
      cells: cells.map((cell) => ({
        cell_type: "code",
        id: "x",
        metadata: typeof cell === "string" ? {} : { rlhf_lab: Object.fromEntries([[Object.keys(cell)[0], "07/x"]]) },
        source: typeof cell === "string" ? cell : Object.values(cell)[0],
      })),
    });
  const exercise = { exercise: "function f(x: number): number { throw new Error('not written yet'); }" };
  const check = { check: 'await check("07/x", { f });' };
  const imports = 'import { check } from "rlhf-lab-course";';

  it("leaves exercises, checks, what is made of what the learner writes, and what these need", () => {
    const cells = [
      imports,
      "const world = 1;", // needed, by way of the next
      "const task = { size: world };",
      "const aside = train(world);",
      exercise,
      check,
      "const own = () => f(task.size);",
      "const far = own() + 1;", // made of the learner's f, by way of own
      "show(aside);",
    ];
    const [, , , aside, , , , , shown] = cells;
    expect(kept(notebook(...cells))).to.deep.equal(
      cells
        .filter((cell) => cell !== aside && cell !== shown)
        .map((cell) => (typeof cell === "string" ? cell : Object.values(cell)[0])),
    );
  });

  it("leaves cells that change what others need: by a new value, in place, by a method, or by a function they call", () => {
    for (const change of ["total = 2;", "total.a[0]++;", "total.push(1);", "[total] = [2];", "delete total.a;"]) {
      const cells = [imports, "let total = 1;", change, exercise, check, "f(total);"];
      expect(kept(notebook(...cells)), change).to.include(change);
    }
    const call = notebook(
      imports,
      "const log = [];",
      "const keep = (x) => { log.push(x); };",
      "keep(3);",
      exercise,
      check,
      "f(log);",
    );
    expect(kept(call)).to.include("keep(3);");
    // And what the learner's code has changed differs, too.
    const changed = notebook(imports, "const log = [];", exercise, check, "log.push(f(1));", "show(log);");
    expect(kept(changed)).to.include("show(log);");
  });

  it("leaves every lesson its exercises and checks in their places, and sets code aside", async () => {
    for (const master of readMasters([])) {
      const learner = (await editionsOf(master)).find(({ edition }) => edition === "learner")!.text;
      const [whole, short]: NotebookCell[][] = [learner, learnersCellsOnly(learner)].map(
        (text) => JSON.parse(text).cells,
      );
      expect(short).to.have.length(whole.length);
      const changed = whole.filter((cell, i) => sourceOf(short[i]) !== sourceOf(cell));
      expect(changed.length, master.name).to.be.above(5);
      for (const cell of changed) {
        expect([cell.cell_type, cell.metadata.rlhf_lab], master.name).to.deep.equal(["code", undefined]);
      }
    }
  });

  it("leaves the steps of lesson 05 that walk with the learner's own", async () => {
    const learner = (await editionsOf(readMasters(["05"])[0])).find(({ edition }) => edition === "learner")!.text;
    expect(kept(learner).some((source) => /logits = ascentStep\(/.test(source))).to.equal(true);
    expect(kept(learner).some((source) => /pretrain\(readKey/.test(source))).to.equal(false);
  });
});
