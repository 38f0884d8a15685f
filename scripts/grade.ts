// npm run grade FILE|FOLDER: grades submissions and writes grades.csv and grades.json.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { SingleBar } from "cli-progress";
import Table from "cli-table3";
import { cleanText } from "../course/src/grade/grader/cleanText.js";
import { type GradeOptions, type GradeReport, grade, projectRoot } from "../course/src/grade/grader/grade.js";
import { callerPath } from "./callerPath.js";

const USAGE = `Usage: npm run grade -- FILE|FOLDER [--out DIR] [--seconds 10] [--memory 1024] [--jobs N] [--lesson NN] [--nbgrader NAME]

Grades one notebook, or a folder of them: one learner per file or sub-folder. Writes grades.csv and grades.json.
  --out DIR      where to write them (the current folder)
  --seconds S    processor seconds for each exercise, and for each cell (other work on the machine does not count)
  --memory MB    memory limit for each submission
  --jobs N       submissions graded at the same time (the number of processors)
  --lesson NN    the lesson of files that do not tell which one they are of
  --nbgrader NAME  writes grades.nbgrader.csv too, as nbgrader exports the assignment of that name
The exit code is 0 when grading worked, whatever the grades.`;

/** No colours: the table goes into files and logs too. */
const style = { head: [], border: [] };

process.exitCode = await main(process.argv.slice(2));

async function main(argv: string[]): Promise<number> {
  let options: GradeOptions;
  let path: string;
  try {
    const flag = { type: "string" } as const;
    const { values, positionals } = parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        out: flag,
        seconds: flag,
        memory: flag,
        jobs: flag,
        lesson: flag,
        nbgrader: flag,
        help: { type: "boolean", short: "h" },
      },
    });
    if (values.help) {
      console.log(USAGE);
      return 0;
    }
    if (positionals.length !== 1) throw new Error("name one notebook, or one folder");
    path = callerPath(positionals[0]);
    if (values.lesson !== undefined && !/^\d\d$/.test(values.lesson))
      throw new Error("--lesson wants two digits, as in 01");
    options = {
      out: callerPath(values.out ?? "."),
      seconds: amount("--seconds", values.seconds, 10, 0.1, 3600),
      memory: amount("--memory", values.memory, 1024, 128, 2 ** 20),
      jobs: values.jobs === undefined ? undefined : amount("--jobs", values.jobs, 1, 1, 1024),
      lesson: values.lesson,
      nbgrader: values.nbgrader,
    };
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    return 2;
  }
  try {
    // The runners use what is compiled; this does nothing when it is up to date.
    const compiler = join(projectRoot, "node_modules", "typescript", "bin", "tsc");
    execFileSync(process.execPath, [compiler, "-b", join(projectRoot, "course")], { stdio: "inherit" });
  } catch {
    if (!existsSync(join(projectRoot, "course", "dist", "src", "grade", "grader", "runner.js"))) {
      console.error("The project does not compile (see above); grading needs it.");
      return 1;
    }
    console.error("The project does not compile (see above); grading with what was built.");
  }
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  process.once("SIGTERM", () => stop.abort());
  const progress = process.stdout.isTTY ? barProgress() : lineProgress();
  try {
    const report = await grade(path, { ...options, signal: stop.signal, onProgress: progress.update });
    progress.end();
    print(report);
    return stop.signal.aborted ? 130 : 0;
  } catch (error) {
    progress.end();
    console.error((error as Error).message);
    return 2;
  }
}

function amount(name: string, text: string | undefined, otherwise: number, low: number, high: number): number {
  const value = text === undefined ? otherwise : Number(text);
  if (!(value >= low && value <= high)) throw new Error(`${name} wants a number from ${low} to ${high}, got ${text}`);
  return value;
}

interface Progress {
  update: NonNullable<GradeOptions["onProgress"]>;
  end(): void;
}

function barProgress(): Progress {
  const bar = new SingleBar({
    format: "grading {bar} {value}/{total} {learner}",
    hideCursor: true,
    clearOnComplete: true,
  });
  return {
    update(done, total, learner = "") {
      if (done === 0) bar.start(total, 0, { learner });
      else bar.update(done, { learner: cleanText(learner, 40) });
    },
    end: () => bar.stop(),
  };
}

/** In a log, a line for each tenth. */
function lineProgress(): Progress {
  return {
    update(done, total) {
      const tenth = Math.max(1, Math.ceil(total / 10));
      if (done % tenth === 0 || done === total) console.log(`graded ${done} of ${total}`);
    },
    end: () => {},
  };
}

function print(report: GradeReport): void {
  const { grades, learners } = report;
  if (learners.length === 1) {
    const table = new Table({
      head: ["exercise", "points", "message"],
      colWidths: [null, null, 80],
      wordWrap: true,
      style,
    });
    for (const g of grades) table.push([g.exercise || "-", `${g.points} / ${g.outOf}`, cleanText(g.message, 600)]);
    console.log(table.toString());
  } else {
    const table = new Table({ head: ["learner", "points", "share", "remark"], colWidths: [32, null, null, 70], style });
    for (const learner of learners) {
      const own = grades.filter((g) => g.learner === learner);
      const points = own.reduce((sum, g) => sum + g.points, 0);
      const outOf = own.reduce((sum, g) => sum + g.outOf, 0);
      const share = outOf > 0 ? `${Math.round((100 * points) / outOf)} %` : "-";
      const first = own.find((g) => g.message !== "");
      const remark = first === undefined ? "" : `${first.exercise} ${first.message}`.trim();
      table.push([cleanText(learner, 30), `${points} / ${outOf}`, share, cleanText(remark, 67)]);
    }
    console.log(table.toString());
  }
  if (report.ignored.length > 0) console.log(`Not notebooks, so ignored: ${report.ignored.join(", ")}`);
  if (report.missing.length > 0) console.log(`Stopped before these were graded: ${report.missing.join(", ")}`);
  console.log(`Protected by: ${report.protections.strong.join("; ")}.`);
  for (const weak of report.protections.weak) console.log(`Weaker: ${weak}.`);
  console.log(`Written: ${[report.csv, report.json, report.nbgrader].filter(Boolean).join(", ")}`);
}
