// What the two training scripts share: one sentence for what cannot be, and a memory of the settings that
// a folder's run was given.
import { existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type ParseArgsConfig, parseArgs } from "node:util";
import { complaint, DataError, DomainError, LabError } from "rlhf-lab";
import { writeFileAtomically } from "../../lib/src/tensor/atomicFile.js";

type Settings = Record<string, string | number>;

/**
 * Runs a program. What the library refuses, or a folder does, is told in one sentence and ends with code
 * 1; a bug keeps its stack.
 */
export async function inOneSentence(program: () => Promise<void>): Promise<void> {
  try {
    await program();
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    const known = error instanceof LabError || (code !== undefined && syscall !== undefined);
    if (!known) throw error;
    console.error(
      (error as Error).message.replaceAll("resume: true", "--resume").replaceAll("another folder", "another --folder"),
    );
    process.exitCode = 1;
  }
}

/** A number from the command line. @throws DomainError naming the option */
export function numberOf(option: string, text: string, expected: string, fits: (number: number) => boolean): number {
  const number = text.trim() === "" ? Number.NaN : Number(text);
  if (fits(number)) return number;
  throw new DomainError(complaint(`--${option}`, expected, text));
}

export const atLeast = (least: number) => (number: number) => Number.isSafeInteger(number) && number >= least;

/** `parseArgs`, which says in one sentence what it does not know. */
export function parse<T extends ParseArgsConfig>(config: T): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (error) {
    console.error((error as Error).message);
    process.exit(1);
  }
}

/**
 * Begins a run in a folder, or goes on with it: writes down what it is given, and says where that is not what it was
 * given before. A resumed run goes on from numbers that the old settings made: it is no longer the run that the new
 * ones would make from the beginning. `checkpoint` is the first one that a run leaves.
 * @throws DomainError if the folder cannot be one, holds a run that is not to be resumed, or one of another seed;
 *   DataError if the file in it is damaged
 */
export function beginRun(
  folder: string,
  checkpoint: string,
  settings: Settings & { seed: number },
  resume: boolean,
): string[] {
  if (existsSync(folder) && !statSync(folder).isDirectory()) {
    throw new DomainError(complaint("--folder", "a folder", folder, "This is a file"));
  }
  if (!resume && existsSync(join(folder, checkpoint))) {
    const hint = "--resume goes on with it (or gives back what it made), another --folder begins anew";
    throw new DomainError(complaint("--folder", "one without a run", folder, hint));
  }
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "settings.json");
  const before = resume && existsSync(file) ? read(file) : [];
  const seed = before.at(-1)?.seed ?? settings.seed;
  if (seed !== settings.seed) {
    throw new DomainError(complaint("--seed", `that of the run in ${folder}, ${seed}`, settings.seed));
  }
  const said = Object.entries(settings).flatMap(([name, now]) => {
    const others = [...new Set(before.map((old) => old[name]))].filter((old) => old !== undefined && old !== now);
    if (others.length === 0) return [];
    const straight = `not the run that --${name} ${now} makes from the beginning`;
    return [`This run was given --${name} ${others.join(", ")} before: it goes on with ${now}, but is ${straight}.`];
  });
  const last = before.at(-1);
  const same = last !== undefined && Object.entries(settings).every(([name, now]) => last[name] === now);
  const all = same ? before : [...before, settings];
  writeFileAtomically(file, [new TextEncoder().encode(`${JSON.stringify(all, null, 1)}\n`)]);
  return said;
}

function read(file: string): Settings[] {
  try {
    const list = JSON.parse(readFileSync(file, "utf8"));
    if (Array.isArray(list)) return list;
  } catch {
    // said below
  }
  throw new DataError(
    `${file} is damaged: remove it, and --resume goes on without knowing what the run was given before.`,
  );
}
