// npm run lessons [NN...] [-- --out DIR --cells --whole]: executes the lessons headless in our kernel, in parallel, and
// judges what they show; --cells shows which cells take longest. Of a learner's notebook only the cells are run that
// can differ from the solved one (learnersCells.ts); with --whole, all.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { callerPath } from "./callerPath.js";
import { execute } from "./lessons/execute.js";
import { executedKey, keepExecuted } from "./lessons/executed.js";
import { judge } from "./lessons/judge.js";
import { learnersCellsOnly } from "./lessons/learnersCells.js";
import { limitsOf } from "./lessons/limits.js";
import { longestFirst } from "./lessons/order.js";
import {
  hasPassed,
  isLong,
  longestCells,
  Progress,
  problemLines,
  type Run,
  summaryTable,
  titleOf,
} from "./lessons/summary.js";
import type { Edition } from "./master/build.js";
import { editionsOf, lessonNumber, readMasters, root } from "./master/course.js";
import type { Master } from "./master/parse.js";

export interface LessonsOptions {
  kernel?: string;
  timeout?: number;
  jobs?: number;
  /** Keeps the executed notebooks here. */
  out?: string;
  /** Called with each run as it ends, so that what is done is kept whatever happens to the others. */
  onRun?: (run: Run, job: Job) => void;
}

export interface Job {
  master: Master;
  edition: Edition;
  text: string;
}

/**
 * Runs notebooks, several at a time. The text comes from the masters, so that a learner's own answers in notebooks/ are
 * neither needed nor touched.
 */
export async function runNotebooks(jobs: readonly Job[], options: LessonsOptions = {}): Promise<Run[]> {
  const folder = mkdtempSync(join(tmpdir(), "rlhf-lab-lessons-"));
  const out = options.out ?? folder;
  mkdirSync(out, { recursive: true });
  const progress = new Progress();
  const runs: Run[] = [];
  const waiting = longestFirst([...jobs.entries()], ([, job]) => job);
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, { master, edition, text }] = next;
      const input = join(folder, `${index}.ipynb`);
      const output = join(out, `${master.name}${edition === "learner" ? ".learner" : ""}.ipynb`);
      writeFileSync(input, text);
      const title = titleOf({ master, edition });
      const execution = await execute(input, output, {
        kernel: options.kernel ?? "rlhf-lab",
        timeout: options.timeout ?? limitsOf(master.lesson).cell,
        onProgress: (done, cells) => progress.update(title, done, cells),
      });
      const blank = { figures: 0, checks: 0, passed: 0, problems: [] };
      const ran = new Set(execution.seconds.keys());
      const verdict = execution.notebook === undefined ? blank : judge(execution.notebook, edition, ran);
      runs[index] = { master, edition, execution, verdict };
      options.onRun?.(runs[index], next[1]);
    }
  };
  try {
    await Promise.all(Array.from({ length: options.jobs ?? availableParallelism() }, worker));
  } finally {
    progress.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  return runs;
}

/** An `onRun` that keeps every solution that passed, for the site; in `folder`, by default the project's. */
export function keepPassed(jobs: readonly Job[], folder?: string): (run: Run, job: Job) => void {
  // Asked before the first run: what is edited meanwhile makes the run an old one.
  const keys = new Map(jobs.map((job) => [job, executedKey(job.master, job.text)]));
  return (run, job) => {
    if (run.edition !== "solution" || !hasPassed(run)) return;
    keepExecuted(run.master.lesson, keys.get(job)!, run.execution.notebook!, folder);
  };
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      out: { type: "string" },
      kernel: { type: "string" },
      timeout: { type: "string" },
      jobs: { type: "string" },
      cells: { type: "boolean" },
      whole: { type: "boolean" },
      "solutions-only": { type: "boolean" },
    },
  });
  const wanted = positionals.map(lessonNumber);
  const masters = readMasters(wanted);
  for (const lesson of wanted) {
    if (!masters.some((master) => master.lesson === lesson)) {
      throw new Error(`There is no lesson ${lesson}. (Options go behind two dashes: npm run lessons -- --out FOLDER)`);
    }
  }
  if (masters.length === 0) throw new Error("There are no lessons in course/lessons.");
  const jobs: Job[] = [];
  const stale: string[] = [];
  for (const master of masters) {
    for (const { edition, path, text } of await editionsOf(master)) {
      if (edition === "solution") {
        if (!existsSync(path) || readFileSync(path, "utf8") !== text) stale.push(relative(root, path));
        jobs.push({ master, edition, text });
      } else if (!values["solutions-only"]) {
        jobs.push({ master, edition, text: values.whole === true ? text : learnersCellsOnly(text) });
      }
    }
  }
  const runs = await runNotebooks(jobs, {
    kernel: values.kernel,
    out: values.out === undefined ? undefined : callerPath(values.out),
    timeout: numberOf("--timeout", values.timeout),
    jobs: numberOf("--jobs", values.jobs),
    onRun: keepPassed(jobs),
  });
  console.log(summaryTable(runs));
  if (values.cells === true) console.log(longestCells(runs));
  for (const run of runs) for (const line of problemLines(run)) console.log(line);
  for (const run of runs.filter(isLong)) {
    const { lesson } = limitsOf(run.master.lesson);
    console.log(`${titleOf(run)} took ${run.execution.total.toFixed(0)} s; it should take less than ${lesson} s.`);
  }
  for (const path of stale) console.log(`${path} is not what its master says (the master was run): npm run notebooks`);
  const passed = runs.filter(hasPassed).length;
  const failed = runs.length - passed + stale.length;
  console.log(`${passed} passed, ${failed} failed`);
  if (failed > 0) process.exitCode = 1;
}

function numberOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!(value > 0)) throw new Error(`${option} needs a positive number, got ${text}`);
  return value;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main().catch((error: Error) => {
    console.error(error.message);
    console.log("0 passed, 1 failed");
    process.exitCode = 1;
  });
}
