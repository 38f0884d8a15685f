// Right answers in another style: a guard of 1e-8 inside a logarithm or under a fraction, as training code has it.
import { createRequire } from "node:module";
import type TypeScript from "@tslab/typescript-for-tslab";
import { expect } from "chai";
import { allExercises } from "../../course/src/grade/lessons.js";
import { readMasters } from "../../scripts/master/course.js";
import { answersOf, grade, RUNS } from "./grade.js";

// What tslab reads cells with; TypeScript 7 has no parser to call.
const ts: typeof TypeScript = createRequire(import.meta.url)("@tslab/typescript-for-tslab");

/** Exercises whose numbers a guard changes by more than rounding, and why that is no other style but another answer. */
const exceptions: Record<string, string> = {
  "05/beta-for-kl": "rewards of a thousandth have a beta that is small itself",
  "06/running-deviation": "numbers near a hundred million are its subject",
  "09/actor-critic": "its fraction is the length of a list",
  "11/hackable": "whether two directions are one is its question, and is asked to rounding",
  "20/barrier-filter": "a correction that is too small by 1e-8 does not keep the condition, and it has to say so",
};

/** Lessons whose checks allow for guards. */
const lessons = "01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 20".split(" ");

/** The same code with each divisor that is not written as a number, and each argument of Math.log, 1e-8 larger. */
function guarded(source: string): string {
  const add = (e: TypeScript.Expression) =>
    ts.factory.createParenthesizedExpression(
      ts.factory.createBinaryExpression(
        ts.factory.createParenthesizedExpression(e),
        ts.SyntaxKind.PlusToken,
        ts.factory.createNumericLiteral("1e-8"),
      ),
    );
  const transformer: TypeScript.TransformerFactory<TypeScript.SourceFile> = (context) => (file) => {
    const visit = (node: TypeScript.Node): TypeScript.Node => {
      const seen = ts.visitEachChild(node, visit, context);
      if (
        ts.isBinaryExpression(seen) &&
        seen.operatorToken.kind === ts.SyntaxKind.SlashToken &&
        !ts.isNumericLiteral(seen.right)
      ) {
        return ts.factory.updateBinaryExpression(seen, seen.left, seen.operatorToken, add(seen.right));
      }
      if (
        ts.isCallExpression(seen) &&
        ts.isPropertyAccessExpression(seen.expression) &&
        seen.expression.name.text === "log" &&
        ts.isIdentifier(seen.expression.expression) &&
        seen.expression.expression.text === "Math"
      ) {
        return ts.factory.updateCallExpression(seen, seen.expression, undefined, [add(seen.arguments[0])]);
      }
      return seen;
    };
    return ts.visitNode(file, visit) as TypeScript.SourceFile;
  };
  const file = ts.createSourceFile("answer.ts", source, ts.ScriptTarget.Latest, true);
  return ts.createPrinter().printFile(ts.transform(file, [transformer]).transformed[0]);
}

const masters = readMasters();
const exercises = await allExercises();

describe("a guard of 1e-8", () => {
  for (const exercise of exercises) {
    const master = masters.find(({ lesson }) => lesson === exercise.id.slice(0, 2));
    const cell = master?.cells.find((c) => c.kind === "exercise" && c.exercise === exercise.id);
    if (
      master === undefined ||
      !lessons.includes(master.lesson) ||
      cell?.kind !== "exercise" ||
      exercise.id in exceptions
    )
      continue;
    const solution = guarded(cell.solution);
    if (!solution.includes("1e-8)")) continue;

    it(`passes in ${exercise.id}`, async () => {
      const other = { ...master, cells: [...master.cells.filter((c) => c !== cell), { ...cell, solution }] };
      const answers = await answersOf(other, exercise, "solution");
      for (let run = 0; run < RUNS; run++) {
        for (const part of await grade(exercise, answers, run)) {
          expect(part.passed, `${part.name}: ${part.message}`).to.equal(true);
        }
      }
    });
  }
});
