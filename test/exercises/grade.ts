// Answers taken from a lesson's master, and graded part by part: what the notebook and the grader do, without either.
import { randomUUID } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Exercise } from "../../course/src/grade/exercise.js";
import { callLearner } from "../../course/src/grade/learner.js";
import { diagnosis, type PartResult, runPart } from "../../course/src/grade/run.js";
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

/** How each part of an exercise goes. */
export async function grade(exercise: Exercise, answers: Answers): Promise<PartResult[]> {
  const results: PartResult[] = [];
  for await (const result of partByPart(exercise, answers)) results.push(result);
  return results;
}

/** The same, a part at a time: whoever has seen enough need not wait for the others. */
export async function* partByPart(exercise: Exercise, answers: Answers): AsyncGenerator<PartResult> {
  for (const part of exercise.parts) {
    const result: PartResult = { name: part.name, points: 0, outOf: part.points, passed: false, message: "" };
    try {
      await runPart(exercise, part, (name, args) => callLearner(name, answers[name], args));
      Object.assign(result, { passed: true, points: part.points });
    } catch (error) {
      result.message = diagnosis(error);
    }
    yield result;
  }
}
