import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { nbgraderCsv, Results } from "../../course/src/grade/grader/results.js";

const grade = (learner: string, points: number, outOf: number) => ({
  learner,
  exercise: "01/gauge",
  points,
  outOf,
  message: "",
  seconds: 1,
});

describe("grades as nbgrader exports them", () => {
  it("a line for each learner, with the sums of their exercises, below nbgrader's columns", () => {
    const grades = [grade("ada", 2.5, 3), grade("bob", 0, 3), grade("ada", 2, 2)];
    expect(nbgraderCsv("ps1", grades).split("\r\n")).to.deep.equal([
      "assignment,duedate,timestamp,student_id,last_name,first_name,email,raw_score,late_submission_penalty,score,max_score",
      '"ps1","","","ada","","","",4.5,0,4.5,5',
      '"ps1","","","bob","","","",0,0,0,3',
      "",
    ]);
  });

  it("a name that a spreadsheet would compute is a text, and quotes stay quotes", () => {
    const [, row] = nbgraderCsv('a "b"', [grade("=1+1", 1, 1)]).split("\r\n");
    expect(row).to.equal(`"a ""b""","","","'=1+1","","","",1,0,1,1`);
  });

  it("are written only when the assignment has a name", () => {
    const folder = mkdtempSync(join(tmpdir(), "rlhf-lab-results-"));
    try {
      for (const [name, files] of [
        [undefined, ["grades.csv", "grades.json"]],
        ["ps1", ["grades.csv", "grades.json", "grades.nbgrader.csv"]],
      ] as const) {
        const results = new Results(folder, name);
        results.add([grade("ada", 1, 3)]);
        results.finish(["ada"]);
        expect(readdirSync(folder).sort()).to.deep.equal(files);
      }
      expect(readFileSync(join(folder, "grades.nbgrader.csv"), "utf8")).to.include('"ada","","","",1,0,1,3');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
