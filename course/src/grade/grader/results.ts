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

  /** @throws DataError, as do add and finish, if the folder cannot be written to */
  constructor(private readonly folder: string) {
    this.csv = join(folder, "grades.csv");
    this.json = join(folder, "grades.json");
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

/**
 * RFC 4180, with a first line of column names. A text that a spreadsheet would take for a formula gets an apostrophe.
 */
export function gradesCsv(grades: readonly Grade[]): string {
  const text = (s: string) => `"${s.replace(FORMULA, "$1$2'").replaceAll('"', '""')}"`;
  const cell = (value: string | number) => (typeof value === "number" ? String(value) : text(value));
  const header = COLUMNS.map((name) => (name === "outOf" ? "out of" : name)).join(",");
  return `${[header, ...grades.map((g) => COLUMNS.map((name) => cell(g[name])).join(","))].join("\r\n")}\r\n`;
}
