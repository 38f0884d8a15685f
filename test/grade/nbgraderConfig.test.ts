import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { projectRoot } from "../../course/src/grade/grader/grade.js";
import { handedOut, notebookText, solved } from "./fixtures/notebooks.js";

describe("course/jupyter/config/nbgrader_config.py", () => {
  const course = mkdtempSync(join(tmpdir(), "rlhf-lab-course-"));
  let report: {
    timeout: number;
    order: string[];
    ran: number[];
    ran_without_release: number[];
    cleared: string;
    alembic: boolean;
  };
  // imports 1, demo 2 (declares offset, exp), slow-demo 3, sigmoid 4, ... check-softmax 9, and a
  // cell of the learner's own 10
  const learner = [...solved(), { id: "mine", source: "const twice = 2 * offset;" }];

  before(() => {
    mkdirSync(join(course, "release", "lesson"), { recursive: true });
    writeFileSync(join(course, "release", "lesson", "99-test.ipynb"), notebookText(handedOut()));
    writeFileSync(join(course, "learner.ipynb"), notebookText(learner));
    const script = fileURLToPath(new URL("nbgraderConfig.py", import.meta.url));
    const config = join(projectRoot, "course", "jupyter", "config", "nbgrader_config.py");
    const args = [script, config, course, "99-test", join(course, "learner.ipynb")];
    // As somebody has it who calls nbgrader by its path, without activating the environment.
    const env = { HOME: course, PATH: "/usr/bin:/bin" };
    const python = join(projectRoot, ".venv", "bin", "python");
    report = JSON.parse(execFileSync(python, args, { encoding: "utf8", env, stdio: ["ignore", "pipe", "pipe"] }));
  });
  after(() => rmSync(course, { recursive: true, force: true }));

  it("runs imports, exercises, checks, what the learner added and what that uses: no other demonstration", () => {
    expect(report.ran).to.deep.equal([1, 2, 4, 5, 6, 7, 8, 9, 10]);
    expect(report.order.slice(0, 1)).to.deep.equal(["ExecuteExercises"]);
    expect(report.order).to.include("SaveAutoGrades");
  });

  it("runs all when there is nothing to compare with", () => {
    expect(report.ran_without_release).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it("gives a cell ten minutes, knows TypeScript's stub, and finds nbgrader's own programs", () => {
    expect(report.timeout).to.equal(600);
    expect(report.cleared).to.equal('f();\n// YOUR CODE HERE\nthrow new Error("not written yet");');
    expect(report.alembic).to.equal(true);
  });
});

describe("course/jupyter/nbgrader_scores.py", () => {
  const folder = mkdtempSync(join(tmpdir(), "rlhf-lab-scores-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const bin = join(projectRoot, ".venv", "bin");
  const python = (...args: string[]) => {
    // The program finds nbgrader's alembic by itself; our own lines do not.
    const env = { HOME: folder, PATH: args[0] === "-c" ? `${bin}:/usr/bin:/bin` : "/usr/bin:/bin" };
    return execFileSync(join(bin, "python"), args, { cwd: folder, encoding: "utf8", stdio: "pipe", env });
  };
  const program = join(projectRoot, "course", "jupyter", "nbgrader_scores.py");

  it("puts what npm run grade found into nbgrader's gradebook, once more in place of before, and says what has no place", () => {
    python(
      "-c",
      `from nbgrader.api import Gradebook
gb = Gradebook("sqlite:///gradebook.db")
gb.add_assignment("first")
gb.add_notebook("01", "first")
for cell, points in (("01-gauge-check", 2), ("01-gradient-check", 3)):
    gb.add_grade_cell(cell, "01", "first", max_score=points, cell_type="code")
gb.close()`,
    );
    const grade = (learner: string, exercise: string, points: number) => ({ learner, exercise, points, outOf: 3 });
    for (const points of [2, 1.5]) {
      const grades = [grade("ada", "01/gauge", points), grade("ada", "01/gradient", 3), grade("bob", "02/x", 1)];
      const all = JSON.stringify([...grades, grade("bob", "01/gauge", 0)]);
      writeFileSync(join(folder, points === 2 ? "grades.json" : "again.json"), all);
    }
    const words = /no such exercise: 02\/x[\s\S]*3 grades of 2 learners/;
    expect(python(program, "grades.json", "first")).to.match(words);
    // The second time, a refusal, and what is in the gradebook then: in one process: nbgrader is slow to start.
    const said = python(
      "-c",
      `import json, runpy, sys
from nbgrader.api import Gradebook
def run(*args):
    sys.argv = [${JSON.stringify(program)}, *args]
    runpy.run_path(sys.argv[0], run_name="__main__")
run("again.json", "first")
try:
    run("grades.json", "second")
    print("not refused")
except SystemExit as ended:
    print(ended.code)
gb = Gradebook("sqlite:///gradebook.db")
print(json.dumps({s.student.id: [s.score, s.max_score, s.needs_manual_grade] for s in gb.assignment_submissions("first")}))`,
    );
    expect(said).to.match(words).and.include("nbgrader generate_assignment second").and.not.include("not refused");
    const scores = said.trim().split("\n").at(-1)!;
    // Of bob's second exercise nobody has said anything yet.
    expect(JSON.parse(scores)).to.deep.equal({ ada: [4.5, 5, false], bob: [0, 5, true] });
  });
});
