import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { KeptCheck } from "rlhf-lab/core";

/**
 * The learner's checks over all sessions, one JSON text per line in a file that several kernels append to: a line is
 * one write, so that two kernels cannot mix theirs, and one that is killed leaves at most its last line in part.
 *
 * A file with a line that cannot be read is renamed, and a new one begun; what can be read in such files still counts.
 * So nothing is ever rewritten, and nothing that somebody appends meanwhile is lost.
 */
export class ProgressFile {
  constructor(readonly path: string) {}

  /** Appends a check. Returns a sentence for the learner if it could not be written. */
  keep(check: KeptCheck): string | undefined {
    try {
      mkdirSync(dirname(this.path), { recursive: true });
      // On a line of its own, also behind what a killed kernel has left.
      appendFileSync(this.path, `\n${JSON.stringify(check)}\n`);
      return undefined;
    } catch (error) {
      return `Your progress could not be written to ${this.path} (${(error as Error).message}): make that place writable, or name another folder in RLHF_LAB_STATE and start again.`;
    }
  }

  /** All checks in the order of their time, and what is to be said of files that are broken or cannot be read. */
  kept(): { checks: KeptCheck[]; said: string[] } {
    const said: string[] = [];
    const checks = this.#files().flatMap((path) => {
      try {
        const { checks, broken } = readChecks(path);
        if (broken.length > 0 && path === this.path) said.push(setAside(path, broken));
        return checks;
      } catch (error) {
        const why = (error as Error).message;
        said.push(`Your progress in ${path} could not be read (${why}): make it a file that you may read.`);
        return [];
      }
    });
    return { checks: checks.sort((a, b) => (a.when < b.when ? -1 : a.when > b.when ? 1 : 0)), said };
  }

  /** The file, and those that were set aside. */
  #files(): string[] {
    const folder = dirname(this.path);
    const stem = basename(this.path, ".jsonl");
    const names = existsSync(folder) ? readdirSync(folder).sort() : [];
    const aside = names.filter((name) => name.startsWith(`${stem}.broken-`) && name.endsWith(".jsonl"));
    return [...aside.map((name) => join(folder, name)), ...(existsSync(this.path) ? [this.path] : [])];
  }
}

/** The checks of a file, and the numbers of the lines that are none. */
function readChecks(path: string): { checks: KeptCheck[]; broken: number[] } {
  if (!statSync(path).isFile()) throw new Error("it is no file"); // a pipe would wait for its writer
  const checks: KeptCheck[] = [];
  const broken: number[] = [];
  for (const [index, line] of readFileSync(path, "utf8").split("\n").entries()) {
    if (line.trim() === "") continue;
    const check = parseCheck(line);
    if (check === undefined) broken.push(index + 1);
    else checks.push(check);
  }
  return { checks, broken };
}

function parseCheck(line: string): KeptCheck | undefined {
  try {
    const { exercise, points, outOf, when } = JSON.parse(line) as Record<string, unknown>;
    const known = typeof exercise === "string" && /^\d\d\/[a-z0-9-]+$/.test(exercise);
    if (!known || !isCount(points) || !isCount(outOf) || points > outOf || outOf === 0) return undefined;
    if (typeof when !== "string" || Number.isNaN(Date.parse(when))) return undefined;
    return { exercise, points, outOf, when };
  } catch {
    return undefined;
  }
}

const isCount = (value: unknown): value is number => typeof value === "number" && value >= 0 && Number.isFinite(value);

/** Renames a broken file; of several kernels that find it, one does it. */
function setAside(path: string, broken: number[]): string {
  const aside = path.replace(/\.jsonl$/, `.broken-${new Date().toISOString().replace(/\D/g, "")}.jsonl`);
  const which = broken.length === 1 ? `Line ${broken[0]}` : `${broken.length} lines, the first of them ${broken[0]},`;
  const what = `${which} of ${path} cannot be read; all other checks in it count.`;
  try {
    renameSync(path, aside);
    return `${what} The file was set aside as ${basename(aside)}.`;
  } catch {
    return what;
  }
}
