import { availableParallelism } from "node:os";
import { basename, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { projectRoot as findRoot } from "../../kernel/project.js";
import { lessonNumbers, registerLesson } from "../lessons.js";
import { zeros } from "./assignment.js";
import { cleanText } from "./cleanText.js";
import type { Grade } from "./judge.js";
import { gradeAll } from "./pool.js";
import { Results } from "./results.js";
import { prepareSandbox, protections, removeSandbox } from "./sandbox.js";
import { findSubmissions, type Submission } from "./submissions.js";

export interface GradeOptions {
  /** Folder for grades.csv and grades.json. */
  out: string;
  /** Processor seconds for each exercise, and for each cell; work beside it on the machine does not count. */
  seconds: number;
  /** Megabytes for each submission. */
  memory: number;
  /** Submissions graded at the same time; as many as there are processors unless told. */
  jobs?: number;
  /** The lesson of submissions that do not tell. */
  lesson?: string;
  /** nbgrader's name of the assignment, for grades.nbgrader.csv beside the others. */
  nbgrader?: string;
  signal?: AbortSignal;
  /** Called with the number of submissions, and as each is graded. */
  onProgress?(done: number, total: number, learner?: string): void;
  /** For tests: lessons from outside (number -> module path), and another folder of notebooks as handed out. */
  extraLessons?: Record<string, string>;
  notebooks?: string;
  /** Seconds after which a judge that does not go on is given up; its processor time has a limit of its own. */
  patience?: number;
  /** Processor seconds for the checks themselves of one exercise, 30 unless told; ordinary ones take less than one. */
  checkSeconds?: number;
  /** Processor seconds of the compiler for each cell, 5 unless told; an ordinary lesson takes less than one. */
  compilerSeconds?: number;
  /** For tests: do without the operating system's help, as on a system that has none. */
  weak?: boolean;
}

export interface GradeReport {
  grades: Grade[];
  learners: string[];
  ignored: string[];
  protections: { strong: string[]; weak: string[] };
  csv: string;
  json: string;
  nbgrader?: string;
  /** Stopped by the signal: learners that were not graded. */
  missing: string[];
}

/** The project's root. */
export const projectRoot = findRoot();

/**
 * Grades a notebook or a folder of notebooks and writes grades.csv and grades.json.
 * @throws DataError if there is nothing at the path
 */
export async function grade(path: string, options: GradeOptions): Promise<GradeReport> {
  const { submissions, ignored } = findSubmissions(path);
  const learners = submissions.map((s) => s.learner);
  const extraLessons = Object.fromEntries(
    Object.entries(options.extraLessons ?? {}).map(([number, file]) => [number, pathToFileURL(file).href]),
  );
  const undo = Object.entries(extraLessons).map(([number, url]) => registerLesson(number, () => import(url)));
  const results = new Results(options.out, options.nbgrader);
  const prepared = prepareSandbox(projectRoot);
  const sandbox = options.weak ? { ...prepared, namespaces: false } : prepared;
  const done = new Set<string>();
  try {
    options.onProgress?.(0, submissions.length);
    const lesson = options.lesson ?? onlyLesson(path, submissions);
    const notebooks = options.notebooks ?? join(projectRoot, "notebooks");
    const { seconds, memory, compilerSeconds, signal } = options;
    const assignment = { sandbox, seconds, memory, compilerSeconds, lesson, asked: options.lesson, notebooks };
    const jobs = options.jobs ?? availableParallelism();
    const { patience = 900 + 60 * seconds, checkSeconds = 30 } = options;
    await gradeAll(
      submissions,
      { jobs, assignment, extraLessons, patience, checkSeconds, signal },
      async (one, outcome) => {
        const grades = "grades" in outcome ? outcome.grades : await zeros(one.learner, lesson, outcome.problem);
        results.add(grades.map((g) => ({ ...g, message: cleanText(g.message) })));
        done.add(one.learner);
        options.onProgress?.(done.size, submissions.length, one.learner);
      },
    );
  } finally {
    for (const forget of undo) forget();
    removeSandbox(sandbox);
    results.finish(learners);
  }
  return {
    grades: results.sorted(learners),
    learners,
    ignored,
    protections: protections(sandbox),
    csv: results.csv,
    json: results.json,
    nbgrader: results.nbgrader,
    missing: learners.filter((name) => !done.has(name)),
  };
}

/** When all file names that tell a lesson tell the same one, it is the lesson of the others too. */
function onlyLesson(path: string, submissions: readonly Submission[]): string | undefined {
  const known = lessonNumbers();
  const names = submissions.flatMap((s) => s.files.map((file) => relative(path, file) || basename(file)));
  const told = new Set(
    names.flatMap((name) => name.match(/(?<!\d)\d\d(?!\d)/g) ?? []).filter((n) => known.includes(n)),
  );
  if (told.size === 1) return [...told][0];
  return known.length === 1 ? known[0] : undefined;
}
