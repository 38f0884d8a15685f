// Answers taken from a lesson's master, and graded part by part: what the notebook and the grader do, without either.
import { createHash, randomUUID } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Key } from "rlhf-lab/random";
import type { Exercise } from "../../course/src/grade/exercise.js";
import { callLearner } from "../../course/src/grade/learner.js";
import { type Caller, diagnosis, type PartResult, runPart } from "../../course/src/grade/run.js";
import { root } from "../../scripts/master/course.js";
import type { Master } from "../../scripts/master/parse.js";

// biome-ignore lint/suspicious/noExplicitAny: an answer may be any function.
export type Answers = Record<string, (...args: any[]) => unknown>;

/**
 * The functions of an exercise's cell. The cell runs as a module of its own, after the import lines of the lesson's
 * code cells: that an exercise needs nothing else is part of the format.
 */
export async function answersOf(master: Master, exercise: Exercise, edition: "stub" | "solution"): Promise<Answers> {
  const cell = master.cells.find((c) => c.kind === "exercise" && c.exercise === exercise.id);
  if (cell?.kind !== "exercise") throw new Error(`${master.name} has no exercise ${exercise.id}`);
  const imports = master.cells.flatMap((c) => (c.kind === "code" ? importsOf(c.source) : []));
  const folder = join(root, ".rlhf-lab", "exercises");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${randomUUID()}.ts`);
  writeFileSync(file, `${imports.join("\n")}\n${cell[edition]}\nexport { ${exercise.gives.join(", ")} };\n`);
  try {
    return (await import(pathToFileURL(file).href)) as Answers;
  } finally {
    rmSync(file);
  }
}

/** The import statements of a cell, also those over several lines. */
export function importsOf(source: string): string[] {
  return source.match(/^import\s[^;]*;/gm) ?? [];
}

/**
 * How often an answer is graded, each time with other numbers, the same in every run of the tests.
 * RLHF_LAB_EXERCISE_RUNS=200 looks for checks that depend on their luck, RLHF_LAB_EXERCISE_SEED=1 with other numbers.
 */
export const RUNS = Number(process.env.RLHF_LAB_EXERCISE_RUNS ?? 2);
const SEED = Number(process.env.RLHF_LAB_EXERCISE_SEED ?? 0);

/** The numbers that a part draws in the given run. */
function keyOf(exercise: Exercise, part: string, run: number): Key {
  const words = createHash("sha256").update(`${exercise.id}/${part}/${SEED}/${run}`).digest();
  return [words.readUInt32LE(0), words.readUInt32LE(4)];
}

/** How each part of an exercise goes. */
export async function grade(exercise: Exercise, answers: Answers, run = 0): Promise<PartResult[]> {
  const results: PartResult[] = [];
  for await (const result of partByPart(exercise, answers, run)) results.push(result);
  return results;
}

/** The same, a part at a time: whoever has seen enough need not wait for the others. */
export async function* partByPart(exercise: Exercise, answers: Answers, run = 0): AsyncGenerator<PartResult> {
  for (const part of exercise.parts) {
    const result: PartResult = { name: part.name, points: 0, outOf: part.points, passed: false, message: "" };
    try {
      const call: Caller = (name, args) => callLearner(name, answers[name], args);
      await runPart(exercise, part, call, keyOf(exercise, part.name, run));
      Object.assign(result, { passed: true, points: part.points });
    } catch (error) {
      result.message = diagnosis(error);
    }
    yield result;
  }
}
