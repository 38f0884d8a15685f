// A folder of results: a JSON line a seed, each in a file of its own, which is there whole or not at all. So many
// processes, on many machines, write into one folder, and folders are put together by copying files.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { complaint, DataError, DomainError } from "rlhf-lab/core";
import { writeFileAtomically } from "../../lib/src/tensor/atomicFile.js";
import type { Observation } from "../claims/claim.js";

/** What one seed showed, and of what it is a result. */
export interface Line {
  study: string;
  seed: number;
  version: string;
  quick: boolean;
  seconds: number;
  observation: Observation;
}

/** What one result must have in common with another one. */
export type Kind = Pick<Line, "study" | "version" | "quick">;

const ENDS = ".jsonl";
const fileOf = (folder: string, seed: number) => join(folder, `seed-${String(seed).padStart(4, "0")}${ENDS}`);

export function writeLine(folder: string, line: Line): void {
  mkdirSync(folder, { recursive: true });
  writeFileAtomically(fileOf(folder, line.seed), [Buffer.from(`${JSON.stringify(line)}\n`)]);
}

/**
 * The result of a seed, if it is there. One that cannot be read is set aside, which `say` is told; call it where no
 * other process works on this seed.
 * @throws DomainError if it is of another study, or of other code
 */
export function finished(folder: string, seed: number, kind: Kind, say: (sentence: string) => void): Line | undefined {
  const file = fileOf(folder, seed);
  if (!existsSync(file)) return undefined;
  const text = readFileSync(file, "utf8");
  let line: Line;
  try {
    line = parse(file, text.trim());
  } catch (error) {
    writeFileAtomically(`${file}.aside`, [Buffer.from(text)]);
    rmSync(file);
    say(`${(error as Error).message} It is set aside as ${file}.aside, and seed ${seed} runs anew.`);
    return undefined;
  }
  checkKind(file, line, kind);
  if (line.seed !== seed) throw new DomainError(complaint(file, `the result of seed ${seed}`, `that of ${line.seed}`));
  return line;
}

/**
 * All results of a folder by their seeds; files may hold a line or many, as `cat` makes them. The same seed twice is
 * fine where it showed the same.
 * @throws DataError for a line that cannot be read or two results of one seed; DomainError for another study or code
 */
export function readResults(folder: string, kind: Kind): Map<number, Line> {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw new DomainError(complaint("--merge", "a folder with results", folder));
  }
  const results = new Map<number, Line>();
  for (const name of readdirSync(folder).sort()) {
    if (!name.endsWith(ENDS) || name.startsWith(".")) continue;
    const file = join(folder, name);
    const lines = readFileSync(file, "utf8").split("\n");
    lines.forEach((text, i) => {
      if (text === "") return;
      const where = lines.length > 2 ? `${file}, line ${i + 1}` : file;
      const line = parse(where, text);
      checkKind(where, line, kind);
      const known = results.get(line.seed);
      if (known !== undefined && JSON.stringify(known.observation) !== JSON.stringify(line.observation)) {
        throw new DataError(`${where}: seed ${line.seed} stands here twice, with two results. Keep one of them.`);
      }
      results.set(line.seed, line);
    });
  }
  return results;
}

function parse(where: string, text: string): Line {
  let line: Partial<Line> | null;
  try {
    line = JSON.parse(text);
  } catch {
    throw new DataError(`${where}: expected a result, got half of one or none ("${text.slice(0, 40)}").`);
  }
  const whole =
    typeof line === "object" &&
    line !== null &&
    typeof line.study === "string" &&
    Number.isSafeInteger(line.seed) &&
    typeof line.version === "string" &&
    typeof line.quick === "boolean" &&
    line.observation !== undefined;
  if (!whole) {
    throw new DataError(
      `${where}: expected a result (study, seed, version, quick, observation), got "${text.slice(0, 40)}".`,
    );
  }
  return line as Line;
}

function checkKind(where: string, line: Line, kind: Kind): void {
  if (line.study !== kind.study) throw new DomainError(complaint(where, `a result of ${kind.study}`, line.study));
  if (line.version !== kind.version) {
    throw new DomainError(
      `${where}: made by other code (version ${line.version.slice(0, 12)}; here is ${kind.version.slice(0, 12)}). ` +
        "Results of two versions are not merged: check out the one that made it, give another folder, or run its seeds with --again.",
    );
  }
  if (line.quick !== kind.quick) {
    throw new DomainError(
      complaint(where, kind.quick ? "a result of --quick" : "a result without --quick", line.quick),
    );
  }
}
