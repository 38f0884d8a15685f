import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { expect } from "chai";
import { tally } from "../../course/src/progress/tally.js";
import { root } from "../../scripts/master/places.js";
import { isUnchanged, progressSheet, progressTable } from "../../scripts/progress.js";
import { type Lesson, lessonMap } from "../../scripts/start/lessonMap.js";
import { welcomePage } from "../../scripts/start/welcome.js";

const lesson = (number: string, ...exercises: [string, number][]): Lesson => ({
  lesson: number,
  file: `${number}-x.ipynb`,
  question: `Question ${number}?`,
  about: "this and that",
  minutes: 90,
  needs: "nothing",
  exercises: new Map(exercises),
});
const lessons = [lesson("01", ["01/a", 2], ["01/b", 3]), lesson("02", ["02/c", 4])];
const check = (exercise: string, points: number, outOf: number, day: number) => ({
  exercise,
  points,
  outOf,
  when: `2026-01-0${day}T10:00:00.000Z`,
});
const reached = tally([
  check("01/b", 3, 3, 1),
  check("01/a", 1, 2, 2),
  check("01/a", 0, 2, 3),
  check("09/gone", 1, 1, 4),
]);

describe("npm run progress", () => {
  it("prints a row for each lesson, and the sum", () => {
    const table = stripVTControlCharacters(progressTable(lessons, reached));
    expect(table).to.match(/01 │ Question 01\? │ +1 of 2 │ +4 of 5 /);
    expect(table).to.match(/02 │ Question 02\? │ +0 of 1 │ +0 of 4 /);
    expect(table).to.match(/all +│ +1 of 3 │ +4 of 9 /);
  });

  it("writes a sheet whose hash tells any change", () => {
    const sheet = progressSheet(lessons, reached);
    expect(sheet).to.contain("2 of 3 exercises, 5 points.");
    expect(sheet).to.contain("| 01/a | 1 of 2 | 2 times | not yet |\n| 01/b | 3 of 3 | 1 times | 2026-01-01 |");
    expect(sheet).to.contain("| 09/gone | 1 of 1 |");
    expect(isUnchanged(sheet)).to.equal(true);
    for (const other of [sheet.replace("1 of 2", "2 of 2"), sheet.replace(/[0-9a-f]\n$/, "\n"), "", "# no sheet"])
      expect(isUnchanged(other), other).to.equal(false);
  });

  it("as a command: table, sheet, what is broken said, a changed sheet found", () => {
    const folder = mkdtempSync(join(tmpdir(), "rlhf-lab-sheet-"));
    try {
      const env = { ...process.env, RLHF_LAB_STATE: folder, RLHF_LAB_NOTEBOOKS: folder };
      writeFileSync(join(folder, "progress.jsonl"), `${JSON.stringify(check("07/score", 3, 3, 1))}\nbroken\n`);
      const command = ["--import=tsx", "scripts/progress.ts"];
      const { stdout, stderr } = spawnSync(process.execPath, command, { cwd: root, env, encoding: "utf8" });
      expect(stderr).to.match(/^Line 2 of .* cannot be read/);
      expect(stdout).to.contain("Why is the gradient so noisy?");
      const sheet = join(folder, "progress.md");
      expect(readFileSync(sheet, "utf8")).to.contain("| 07/score | 3 of 3 | 1 times | 2026-01-01 |");
      const look = ["--import=tsx", "scripts/progress.ts", "--check", sheet];
      expect(execFileSync(process.execPath, look, { cwd: root, env, encoding: "utf8" })).to.contain(
        "as it was written",
      );
      writeFileSync(sheet, readFileSync(sheet, "utf8").replace("07/score", "07/learn"));
      expect(spawnSync(process.execPath, look, { cwd: root, env }).status).to.equal(1);
      const gone = spawnSync(process.execPath, [...look.slice(0, -1), "nowhere.md"], {
        cwd: root,
        env,
        encoding: "utf8",
      });
      expect(gone.stderr).to.match(/^ENOENT.*nowhere\.md/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe("the welcome page", () => {
  it("says where to go on: begin, the lesson of the last check, the first with something left, nothing", () => {
    const page = (...checks: ReturnType<typeof check>[]) => welcomePage(lessons, tally(checks));
    expect(page()).to.contain("**0 of 3** exercises. Begin with [01 Question 01?](01-x.ipynb)");
    expect(page(check("01/a", 0, 2, 1), check("02/c", 1, 4, 2))).to.contain("Go on with [02 Question 02?]");
    expect(page(check("02/c", 4, 4, 1))).to.contain("**1 of 3** exercises. Go on with [01 Question 01?]");
    const all = page(check("01/a", 2, 2, 1), check("01/b", 3, 3, 1), check("02/c", 4, 4, 1));
    expect(all).to.contain("**3 of 3** exercises. That is all of them.");
    expect(all).to.contain("| 02 | [Question 02?](02-x.ipynb) this and that | 90 | nothing | ✓ all 1 |");
  });

  it("shows what is to be said of a broken file", () => {
    expect(welcomePage(lessons, new Map(), ["Line 2 cannot be read."])).to.contain("Line 2 cannot be read.");
  });
});

describe("the map of the lessons", () => {
  it("is the README's table, a row for each notebook, with the title that the lesson has", () => {
    const map = lessonMap();
    for (const { lesson, file, question, exercises } of map) {
      const { cells } = JSON.parse(readFileSync(join(root, "notebooks", file), "utf8")) as {
        cells: { source: string[] }[];
      };
      expect([cells[0]!.source].flat().join("").split("\n")[0]).to.equal(`# ${lesson} ${question}`);
      expect(exercises.size, lesson).to.be.at.least(6);
      for (const [id, points] of exercises) {
        expect(id.slice(0, 2)).to.equal(lesson);
        expect(points, id).to.be.greaterThan(0);
      }
    }
    expect(map.map(({ lesson }) => Number(lesson))).to.deep.equal(map.map((_, i) => i + 1));
    expect(map.length).to.be.at.least(23);
  });

  it("refuses a row of another form", () => {
    const broken = "| [01](notebooks/01-what-does-a-comparison-tell-us.ipynb) | What? | many | nothing |";
    expect(() => lessonMap(broken)).to.throw("README.md: a row of the lessons' table is");
    expect(() => lessonMap("")).to.throw("README.md");
  });

  it("names a notebook that is missing or broken, as a merge may leave it", () => {
    const folder = mkdtempSync(join(tmpdir(), "rlhf-lab-map-"));
    try {
      const row = "| [01](notebooks/01-one.ipynb) | What? | 90 | nothing |";
      expect(() => lessonMap(row, folder)).to.throw("notebooks/01-one.ipynb is missing");
      writeFileSync(join(folder, "01-one.ipynb"), "<<<<<<< HEAD\n");
      expect(() => lessonMap(row, folder)).to.throw("notebooks/01-one.ipynb is no notebook");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
