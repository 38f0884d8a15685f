// That the test of the exercises can fail: an exercise of the sample lesson, answered rightly, wrongly and not at all.
import { readFileSync } from "node:fs";
import { expect } from "chai";
import { exercise } from "../../course/src/grade/exercise.js";
import { parseMaster } from "../../scripts/master/parse.js";
import { answersOf, grade, importsOf } from "./grade.js";

const sample = readFileSync(new URL("../notebooks/fixtures/07-sample.ts", import.meta.url), "utf8");
const master = parseMaster(sample, "07-sample/lesson.ts");
const sumExercise = exercise({
  id: "07/sum",
  title: "Sum and mean",
  difficulty: 1,
  minutes: 1,
  gives: ["sum", "mean"],
  watches: { "first-twice": "The first number is counted twice." },
  parts: [
    {
      name: "sums",
      points: 1,
      async run(given, t) {
        const got = await given.sum([1, 2, 4]);
        t.mistakes(got, { right: 7, "first-twice": 8 }, 1e-12, "the sum");
      },
    },
    {
      name: "averages",
      points: 1,
      async run(given, t) {
        t.near(await given.mean([2, 4]), 3, 1e-12, "the mean");
      },
    },
  ],
});

describe("grading answers from a master", () => {
  it("runs the solution, with the types and helpers of its cell", async () => {
    const parts = await grade(sumExercise, await answersOf(master, sumExercise, "solution"));
    expect(parts.map(({ passed, points }) => [passed, points])).to.deep.equal([
      [true, 1],
      [true, 1],
    ]);
  });

  it("runs the stub", async () => {
    const parts = await grade(sumExercise, await answersOf(master, sumExercise, "stub"));
    expect(parts.map(({ message }) => message)).to.deep.equal(Array(2).fill("Exercise 07/sum: not written yet."));
  });

  it("tells a known mistake from another, part by part", async () => {
    const right = await answersOf(master, sumExercise, "solution");
    const answer = async (sum: (values: number[]) => number) => (await grade(sumExercise, { ...right, sum }))[0];
    expect((await answer((values) => (right.sum(values) as number) + values[0])).message).to.equal(
      "The first number is counted twice.",
    );
    const other = await answer(() => 3);
    expect(other.passed).to.equal(false);
    expect(other.message).to.not.include("twice");
  });

  it("finds imports over several lines, and only imports", () => {
    const source = 'import {\n  a,\n  b,\n} from "rlhf-lab";\nimport "x";\nconst important = 1;\n// import nothing;\n';
    expect(importsOf(source)).to.deep.equal(['import {\n  a,\n  b,\n} from "rlhf-lab";', 'import "x";']);
  });
});
