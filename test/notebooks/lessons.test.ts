// The runner, with Python's own kernel: the same driver, cells and outputs, without depending on ours.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { judge, showCalls } from "../../scripts/lessons/judge.js";
import { longestFirst } from "../../scripts/lessons/order.js";
import { hasPassed, longestCells, problemLines, type Run, summaryTable } from "../../scripts/lessons/summary.js";
import { type LessonsOptions, runNotebooks } from "../../scripts/lessons.js";
import { buildNotebook, type Edition, type Notebook, notebookText } from "../../scripts/master/build.js";
import type { Cell, Master } from "../../scripts/master/parse.js";

const prelude = `
from IPython.display import display
def draw(*traces):
    display({"application/vnd.plotly.v1+json": {"data": list(traces), "layout": {}}, "text/plain": "figure"}, raw=True)
show = draw
def report(text):
    display({"text/html": "<b>" + text + "</b>", "text/plain": text}, raw=True)
`;

/** A lesson in Python whose cells are these; [check] cells are given as { check: source }. */
function lesson(...sources: (string | { check: string })[]): Master {
  const cells: Cell[] = [{ kind: "markdown", line: 1, text: "# 07 Test" }];
  for (const source of [prelude, ...sources]) {
    const line = 10 * cells.length;
    if (typeof source === "string") cells.push({ kind: "code", line, source });
    else cells.push({ kind: "check", line, exercise: "07/sum", source: source.check });
  }
  return { lesson: "07", name: "07-test", cells, claims: [] };
}

async function run(masters: Master[], edition: Edition, options: LessonsOptions = {}): Promise<Run[]> {
  const points = new Map([["07/sum", 2]]);
  // Each in a file of its own, as the lessons of a course.
  const named = masters.map((master, index) => ({
    ...master,
    name: index === 0 ? master.name : `${master.name}-${index}`,
  }));
  const jobs = named.map((master) => ({
    master,
    edition,
    text: notebookText(buildNotebook(master, edition, points)),
  }));
  const write = console.error;
  console.error = () => {};
  try {
    return await runNotebooks(jobs, { kernel: "python3", timeout: 20, ...options });
  } finally {
    console.error = write;
  }
}

describe("npm run lessons", () => {
  it("begins with what took longest when it last passed, or is not known, and ends with learners' notebooks", () => {
    const folder = mkdtempSync(join(tmpdir(), "rlhf-lab-order-"));
    const took = (lesson: string, ...seconds: number[]) => {
      const cells = seconds.map((processor_seconds) => ({ metadata: { execution: { processor_seconds } } }));
      writeFileSync(join(folder, `${lesson}.ipynb`), JSON.stringify({ cells: [...cells, { metadata: {} }] }));
    };
    took("01", 2, 3);
    took("03", 4, 4);
    const job = (number: string, edition: Edition) => ({ master: { ...lesson(), lesson: number }, edition });
    const jobs = ["01", "02", "03"].flatMap((number) => [job(number, "learner"), job(number, "solution")]);
    const order = longestFirst(jobs, (own) => own, folder).map(({ master, edition }) => `${master.lesson} ${edition}`);
    rmSync(folder, { recursive: true });
    const solutions = ["02 solution", "03 solution", "01 solution"];
    expect(order).to.deep.equal([...solutions, "01 learner", "02 learner", "03 learner"]);
  });

  it("passes a lesson whose figures came and whose checks passed, and keeps it with --out", async () => {
    const folder = mkdtempSync(join(tmpdir(), "rlhf-lab-out-"));
    const out = join(folder, "out");
    const before = process.env.TMPDIR;
    process.env.TMPDIR = folder;
    try {
      const master = lesson("show({'y': [1]})\nshow({'y': [2]})", { check: "report('07/sum Sum: 2 of 2 points')" });
      const [result] = await run([master], "solution", { out });
      expect(problemLines(result)).to.deep.equal([]);
      expect(hasPassed(result)).to.equal(true);
      expect(result.verdict).to.deep.include({ figures: 2, checks: 1, passed: 1 });
      expect(result.execution.seconds.size).to.equal(3);
      const table = summaryTable([result]);
      for (const word of ["07-test", "figures", "1/1", "slowest cell"]) expect(table).to.include(word);
      expect(readdirSync(out)).to.deep.equal(["07-test.ipynb"]);
      const kept = JSON.parse(readFileSync(join(out, "07-test.ipynb"), "utf8")) as Notebook;
      expect(kept.cells[2].outputs).to.have.length(2);
      expect(readdirSync(folder), "something was left behind").to.deep.equal(["out"]);
    } finally {
      if (before === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = before;
      rmSync(folder, { recursive: true });
    }
  });

  it("shows every fault of a lesson, each with its place: an error, missing and empty figures, a rejected or silent check", async () => {
    const master = lesson(
      "x = 1\nraise ValueError('broken on purpose')",
      "show({'y': [1]})\nif False:\n    show(2)\nlater = lambda: show(3)",
      "show = print\nshow({'y': [1]})",
      prelude,
      "show()",
      { check: "report('07/sum Sum: 1 of 2 points\\n  the second part fails')" },
    );
    master.cells.push({ kind: "check", line: 99, exercise: "07/sum", source: "1" });
    const [result] = await run([master], "solution");
    expect(hasPassed(result)).to.equal(false);
    expect(result.verdict.problems.map(({ cell }) => cell)).to.deep.equal([2, 3, 4, 6, 7, 8]);
    const lines = problemLines(result).join("\n");
    expect(lines).to.include("course/lessons/07-test/lesson.ts:20\n    line 2: raise ValueError('broken on purpose')");
    expect(lines).to.include("ValueError: broken on purpose");
    expect(lines).to.include("a figure is missing");
    expect(lines).to.include("a figure without any trace");
    expect(lines).to.include("rejects the solution").and.include("the second part fails");
    expect(lines).to.include("the check of 07/sum reported nothing");
    expect(summaryTable([result])).to.include("failed");
  });

  it("wants exactly the unwritten exercises from the learner's notebook", () => {
    const problems = (...outputs: Record<string, unknown>[]) => {
      const notebook = buildNotebook(lesson({ check: "" }), "learner", new Map([["07/sum", 2]]));
      notebook.cells[2].outputs = outputs;
      return judge(notebook, "learner", new Set([2])).problems.map(({ message }) => message);
    };
    const says = (text: string) => ({ output_type: "display_data", data: { "text/plain": text } });
    expect(problems(says("07/sum Sum: 0 of 2 points\n  Not written yet. Fill in sum."))).to.deep.equal([]);
    expect(problems(says("07/sum Sum: 2 of 2 points"))[0]).to.include("should find the exercise unwritten");
    expect(problems(says("07/sum Sum: 0 of 2 points\n  sum threw TypeError"))[0]).to.include("sum threw TypeError");
    expect(problems()[0]).to.include("reported nothing");
    const stops = { output_type: "error", ename: "Error", evalue: "Exercise 07/sum: not written yet.", traceback: [] };
    expect(problems(stops)).to.deep.equal(["Error: Exercise 07/sum: not written yet."]);
  });

  it("wants code with a given mistake refused by its check", () => {
    const problems = (text: string) => {
      const notebook = buildNotebook(lesson({ check: "" }), "learner", new Map([["07/sum", 2]]));
      Object.assign(notebook.cells[1], {
        source: "def sum(): return 2",
        metadata: { rlhf_lab: { exercise: "07/sum" } },
      });
      notebook.cells[2].outputs = [{ output_type: "display_data", data: { "text/plain": text } }];
      return judge(notebook, "learner", new Set([2])).problems.map(({ message }) => message);
    };
    expect(problems("07/sum Sum: 1 of 2 points\n  One too many.")).to.deep.equal([]);
    expect(problems("07/sum Sum: 2 of 2 points")[0]).to.include("accepts the code with the mistake");
  });

  it("ends a cell that takes too long, and a kernel that dies, without hanging or hiding the others", async () => {
    const slow = lesson("1", "import time; time.sleep(60)", "2");
    const dead = lesson("1", "import os; os._exit(3)", "2");
    const [a, b, c] = await run([slow, dead, lesson("1")], "solution", { timeout: 8 });
    expect(a.execution.fatal).to.deep.equal({ message: "took longer than 8 s", cell: 3 });
    expect(b.execution.fatal).to.deep.equal({ message: "the kernel died", cell: 3 });
    expect(problemLines(b).join("\n")).to.include("07-test-1/lesson.ts:30").and.include("os._exit(3)");
    expect([a, b, c].map(hasPassed)).to.deep.equal([false, false, true]);
  });

  it("knows what a cell took of the processors, in the kernel and in what it started, and shows the longest", async () => {
    const busy = (seconds: number) =>
      `import time\nstart = time.process_time()\nwhile time.process_time() < start + ${seconds}: pass`;
    const elsewhere = `import subprocess, sys\nsubprocess.run([sys.executable, "-c", """${busy(1.5)}"""])`;
    const [result] = await run([lesson(busy(0.6), elsewhere, "time.sleep(1)")], "solution", { timeout: 240 });
    const { processor, seconds, notebook } = result.execution;
    expect([...processor.keys()]).to.deep.equal([...seconds.keys()]);
    expect(processor.get(2)).to.be.within(0.5, 1.4);
    expect(processor.get(3)).to.be.above(1.4);
    expect(processor.get(4)).to.be.below(0.5);
    const { execution } = notebook!.cells[3].metadata as { execution?: Record<string, number> };
    expect(execution?.processor_seconds).to.be.closeTo(processor.get(3)!, 0.01);
    const shown = [...longestCells([result], 2).matchAll(/07-test, line (\d+)/g)].map(([, line]) => line);
    expect(shown).to.have.length(2).and.include("30");
  });

  it("says when the kernel does not exist", async () => {
    const [result] = await run([lesson("1")], "solution", { kernel: "no-such-kernel" });
    expect(hasPassed(result)).to.equal(false);
    expect(problemLines(result).join("\n")).to.include("no-such-kernel");
  });

  it("names the line of the cell that ran, not of the cell that defined what threw", () => {
    const master = lesson("const x = 1;\n\nbad();");
    const notebook = buildNotebook(master, "solution", new Map());
    const traceback = [
      "\u001b[31mError\u001b[39m: x",
      "  cell 4, line 2",
      "    at bad (cell 4:2:9)",
      "    at cell 5:3:1",
    ];
    Object.assign(notebook.cells[2], {
      execution_count: 5,
      outputs: [{ output_type: "error", ename: "Error", evalue: "x", traceback }],
    });
    const verdict = judge(notebook, "solution", new Set([2]));
    expect(verdict.problems).to.deep.equal([{ cell: 2, message: "Error: x", line: 3 }]);
  });

  it("counts the figures that a cell owes", () => {
    const owes = (source: string) => showCalls({ cell_type: "code", id: "x", metadata: {}, source });
    expect(owes("show(a);\nconst live = show(b);")).to.equal(2);
    expect(owes("for (const f of figures) show(f);")).to.equal(1);
    expect(owes("for (const f of figures) {\n  show(f);\n  show(f);\n}")).to.equal(1);
    expect(owes("// show(a)\n/* show(b)\nshow(c) */\nslideshow(d); x.show(e);")).to.equal(0);
  });

  it("has nothing to say about cells that were not reached", () => {
    const notebook = buildNotebook(lesson("show(1)"), "solution", new Map());
    expect(judge(notebook, "solution", new Set()).problems).to.deep.equal([]);
    expect(judge(notebook, "solution", new Set([2])).problems).to.have.length(1);
  });
});
