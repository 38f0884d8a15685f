// For every exercise of the course: the stub fails, the solution passes, and each named mistake is
// answered by its own words.
import { pathToFileURL } from "node:url";
import { expect } from "chai";
import { allExercises, lessonNumbers } from "../../course/src/grade/lessons.js";
import { lessonFiles, readMasters } from "../../scripts/master/course.js";
import type { Master } from "../../scripts/master/parse.js";
import { type Answers, answersOf, grade, partByPart, RUNS } from "./grade.js";

/** Exercise -> mistake -> the functions that make it. */
type Mutants = Record<string, Record<string, Answers>>;

const exercises = await allExercises();
const masters = readMasters();

async function mutantsOf(lesson: string): Promise<Mutants> {
  const [found] = lessonFiles("mutants.ts", [lesson]);
  if (found === undefined) return {};
  return ((await import(pathToFileURL(found.file).href)) as { mutants: Mutants }).mutants;
}

/** Whether the learner gets code with a mistake in it (#given), not a throw. */
function isGiven(master: Master | undefined, id: string): boolean {
  const cell = master?.cells.find((cell) => cell.kind === "exercise" && cell.exercise === id);
  return cell?.kind === "exercise" && !cell.stub.includes("not written yet");
}

describe("exercises", () => {
  it("are the same in the lessons and in their checks", () => {
    const inLessons = masters.flatMap(({ cells }) => cells.flatMap((c) => (c.kind === "exercise" ? [c.exercise] : [])));
    expect(inLessons.sort()).to.deep.equal(exercises.map(({ id }) => id).sort());
  });

  it("have mutants for exercises and mistakes that exist, and for every mistake", async () => {
    for (const lesson of lessonNumbers()) {
      const named = Object.entries(await mutantsOf(lesson)).map(([id, of]) => [id, Object.keys(of).sort()]);
      const watched = exercises.filter(({ id }) => id.startsWith(lesson));
      const wanted = watched.map(({ id, watches }) => [id, Object.keys(watches).sort()]);
      expect(Object.fromEntries(named)).to.deep.equal(Object.fromEntries(wanted));
      for (const { id, watches } of watched) {
        expect(Object.keys(watches), `${id} watches for no mistake`).to.not.be.empty;
        expect(new Set(Object.values(watches)).size, `${id} says the same for two mistakes`).to.equal(
          Object.keys(watches).length,
        );
      }
    }
  });

  for (const exercise of exercises) {
    const master = masters.find(({ lesson }) => lesson === exercise.id.slice(0, 2));
    // Each edition is compiled once; what is graded, and the numbers of each run, are fresh.
    const compiled: Partial<Record<"stub" | "solution", Promise<Answers>>> = {};
    const answers = async (edition: "stub" | "solution") => {
      if (master === undefined) throw new Error(`no lesson in course/lessons has an exercise ${exercise.id}`);
      compiled[edition] ??= answersOf(master, exercise, edition);
      return compiled[edition];
    };

    describe(exercise.id, () => {
      it("finds the stub unwritten, in every part; or its given mistake, in words of its own", async () => {
        const parts = await grade(exercise, await answers("stub"));
        if (isGiven(master, exercise.id)) {
          const said = parts.filter(({ passed }) => !passed).map(({ message }) => message);
          const words = Object.values(exercise.watches);
          expect(
            said.some((message) => words.some((word) => message.includes(word))),
            `said: ${said}`,
          ).to.equal(true);
          return;
        }
        for (const part of parts) {
          expect(part.passed, part.name).to.equal(false);
          expect(part.message, part.name).to.equal(`Exercise ${exercise.id}: not written yet.`);
        }
      });

      it("accepts the solution, every time", async () => {
        for (let run = 0; run < RUNS; run++) {
          for (const part of await grade(exercise, await answers("solution"), run)) {
            expect(part.passed, `${part.name}: ${part.message}`).to.equal(true);
          }
        }
      });

      it("does not accept functions that return nothing", async () => {
        const nothing = Object.fromEntries(exercise.gives.map((name) => [name, () => undefined]));
        for (const part of await grade(exercise, nothing)) expect(part.passed, part.name).to.equal(false);
      });

      for (const [mistake, words] of Object.entries(exercise.watches)) {
        it(`answers the mistake ${mistake} by its own words, every time`, async () => {
          const mutants = (await mutantsOf(exercise.id.slice(0, 2)))[exercise.id] ?? {};
          expect(mutants, `mutants.ts has no ${mistake}`).to.have.property(mistake);
          // A mutant may change one function of several; the others are the solution's.
          const given = { ...(await answers("solution")), ...mutants[mistake] };
          for (let run = 0; run < RUNS; run++) {
            // One part that says the words is enough, so the parts behind it, often a training, need not be run.
            const said: string[] = [];
            for await (const { passed, message } of partByPart(exercise, given, run)) {
              if (!passed) said.push(message);
              if (!passed && message.includes(words)) break;
            }
            expect(said, "no part fails").to.not.be.empty;
            expect(
              said.some((message) => message.includes(words)),
              `said instead: ${said.join(" | ")}`,
            ).to.equal(true);
          }
        });
      }
    });
  }
});
