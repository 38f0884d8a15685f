import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { DataError } from "rlhf-lab/core";
import type { Grade } from "./judge.js";

const COLUMNS = ["learner", "exercise", "points", "outOf", "message", "seconds"] as const;

/**
 * Writes results so that nothing is lost: each learner's grades are appended to grades.partial.jsonl as they come; in
 * the end grades.csv and grades.json replace earlier ones whole, and the partial file goes.
 */
export class Results {
  readonly csv: string;
  readonly json: string;
  private readonly partial: string;
  private readonly fd: number;
  private readonly grades: Grade[] = [];
  /** What nbgrader's export would hold, if the name of its assignment is given. */
  readonly nbgrader: string | undefined;

  /**
   * @param assignment nbgrader's name for it
   * @throws DataError, as do add and finish, if the folder cannot be written to
   */
  constructor(
    private readonly folder: string,
    private readonly assignment?: string,
  ) {
    this.csv = join(folder, "grades.csv");
    this.json = join(folder, "grades.json");
    this.nbgrader = assignment === undefined ? undefined : join(folder, "grades.nbgrader.csv");
    this.partial = join(folder, "grades.partial.jsonl");
    this.fd = this.writing(() => {
      mkdirSync(folder, { recursive: true });
      // An earlier run was cut short: keep what it had.
      if (existsSync(this.partial)) renameSync(this.partial, join(folder, "grades.interrupted.jsonl"));
      return openSync(this.partial, "a");
    });
  }

  add(grades: readonly Grade[]): void {
    for (const grade of grades) this.grades.push(grade);
    this.writing(() => {
      writeSync(this.fd, grades.map((g) => `${JSON.stringify(g)}\n`).join(""));
      fsyncSync(this.fd);
    });
  }

  /** All grades, learner by learner in the order given. */
  sorted(learners: readonly string[]): Grade[] {
    const place = new Map(learners.map((name, i) => [name, i]));
    return this.grades.toSorted((a, b) => place.get(a.learner)! - place.get(b.learner)!);
  }

  finish(learners: readonly string[]): void {
    const grades = this.sorted(learners);
    this.writing(() => {
      writeWhole(this.csv, gradesCsv(grades));
      writeWhole(this.json, `${JSON.stringify(grades, COLUMNS as unknown as string[], 2)}\n`);
      if (this.nbgrader !== undefined) writeWhole(this.nbgrader, nbgraderCsv(this.assignment as string, grades));
      closeSync(this.fd);
      rmSync(this.partial);
    });
  }

  private writing<T>(write: () => T): T {
    try {
      return write();
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const why = code === "ENOSPC" ? "there is no space left" : (code ?? message);
      throw new DataError(`${this.folder}: the grades cannot be written there (${why})`);
    }
  }
}

/** Readers see the old file or the new one, never half of it. */
function writeWhole(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  const fd = openSync(temporary, "w");
  writeFileSync(fd, text);
  fsyncSync(fd);
  closeSync(fd);
  renameSync(temporary, path);
}

/**
 * What a spreadsheet would take for a formula, at the start of a text, or behind what another
 * country's settings split at.
 */
const FORMULA = /(^|;)(\s*)(?=[=+\-@＝＋－＠])/gu;

/** RFC 4180. A text that a spreadsheet would take for a formula gets an apostrophe. */
function csv(header: readonly string[], rows: readonly (string | number)[][]): string {
  const text = (s: string) => `"${s.replace(FORMULA, "$1$2'").replaceAll('"', '""')}"`;
  const cell = (value: string | number) => (typeof value === "number" ? String(value) : text(value));
  return `${[header.join(","), ...rows.map((row) => row.map(cell).join(","))].join("\r\n")}\r\n`;
}

/** A line for each exercise of each learner, below one of column names. */
export function gradesCsv(grades: readonly Grade[]): string {
  const header = COLUMNS.map((name) => (name === "outOf" ? "out of" : name));
  return csv(
    header,
    grades.map((g) => COLUMNS.map((name) => g[name])),
  );
}

/** The columns of `nbgrader export`, in its order. */
const NBGRADER =
  "assignment,duedate,timestamp,student_id,last_name,first_name,email,raw_score,late_submission_penalty,score,max_score";

/** A line for each learner, as `nbgrader export` writes it: what only its gradebook knows (names, dates) is empty. */
export function nbgraderCsv(assignment: string, grades: readonly Grade[]): string {
  const learners = [...new Set(grades.map(({ learner }) => learner))];
  const rows = learners.map((learner) => {
    const own = grades.filter((g) => g.learner === learner);
    const points = own.reduce((sum, g) => sum + g.points, 0);
    const outOf = own.reduce((sum, g) => sum + g.outOf, 0);
    return [assignment, "", "", learner, "", "", "", points, 0, points, outOf];
  });
  return csv(NBGRADER.split(","), rows);
}
