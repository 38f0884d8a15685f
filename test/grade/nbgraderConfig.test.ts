import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { projectRoot } from "../../lib/src/grade/grader/grade.js";
import { handedOut, notebookText, solved } from "./fixtures/notebooks.js";

describe("jupyter/nbgrader_config.py", () => {
  const course = mkdtempSync(join(tmpdir(), "rlhf-lab-course-"));
  let report: {
    timeout: number;
    order: string[];
    ran: number[];
    ran_without_release: number[];
    cleared: string;
    alembic: boolean;
  };
  // imports 1, demo 2 (declares offset, exp), slow-demo 3, sigmoid 4, ... check-softmax 9, and a cell of the learner's own 10
  const learner = [...solved(), { id: "mine", source: "const twice = 2 * offset;" }];

  before(() => {
    mkdirSync(join(course, "release", "lesson"), { recursive: true });
    writeFileSync(join(course, "release", "lesson", "99-test.ipynb"), notebookText(handedOut()));
    writeFileSync(join(course, "learner.ipynb"), notebookText(learner));
    const script = fileURLToPath(new URL("nbgraderConfig.py", import.meta.url));
    const config = join(projectRoot, "jupyter", "nbgrader_config.py");
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
