import { type Exercise, isNotWrittenYet, pointsOf } from "../exercise.js";
import { LearnerError } from "../learner.js";
import { exercisesOf } from "../lessons.js";
import { diagnosis, runPart } from "../run.js";
import type { Cell } from "./notebook.js";
import { type Plan, planSubmission } from "./plan.js";
import type { Limits, Sandbox } from "./sandbox.js";
import { type Clock, Session } from "./session.js";

/** One line of the result: how a learner did in one exercise. */
export interface Grade {
  learner: string;
  exercise: string;
  points: number;
  outOf: number;
  /** Empty when all is well. */
  message: string;
  /** Processor seconds that the learner's functions took. */
  seconds: number;
}

export interface JudgeOptions {
  sandbox: Sandbox;
  /** Processor seconds for each exercise. */
  seconds: number;
  /** Megabytes for a runner. */
  memory: number;
  /** Processor seconds of the compiler for each cell, 5 unless told. */
  compilerSeconds?: number;
  /** Exercises whose check is not to be run, with the reason. */
  without?: Record<string, string>;
  /** Told before the checks of an exercise begin. */
  onExercise?(id: string): Promise<void>;
}

/**
 * Grades a lesson's exercises in one submission. The checks run here, under mocha, one test for each part of an
 * exercise; the learner's functions run in a sandboxed process and are called over a channel.
 * @param handedOut the notebook as learners got it
 */
export async function judge(
  learner: string,
  lesson: string,
  cells: readonly Cell[],
  handedOut: readonly Cell[],
  options: JudgeOptions,
): Promise<Grade[]> {
  const exercises = inOrder(await exercisesOf(lesson), handedOut);
  const plan = await planSubmission(cells, exercises, handedOut, options.compilerSeconds);
  for (const [id, problem] of Object.entries(options.without ?? {})) {
    const source = plan.exercises.get(id);
    if (source !== undefined) source.problem = problem;
  }
  const limits: Limits = {
    memory: options.memory,
    cpu: options.seconds * (4 + exercises.length) * 2 + 60,
    addons: exercises.some((e) => e.engine === true),
  };
  const session = new Session(plan, options.sandbox, limits, options.seconds);
  try {
    const verdicts = await runUnderMocha(exercises, plan, session, options);
    return exercises.map((e, i) => ({
      learner,
      exercise: e.id,
      points: verdicts[i].points,
      outOf: pointsOf(e),
      message: message(e, plan, session, verdicts[i], i === 0),
      seconds: Math.round(verdicts[i].seconds * 1000) / 1000,
    }));
  } finally {
    session.stop();
  }
}

/** In the notebook's order, which need not be that of the declarations. */
function inOrder(exercises: Exercise[], handedOut: readonly Cell[]): Exercise[] {
  const place = (e: Exercise) => handedOut.findIndex((cell) => cell.exercise === e.id);
  return exercises.toSorted((a, b) => place(a) - place(b));
}

/** How the parts of an exercise went. */
interface Verdict extends Clock {
  points: number;
  /** What failed, part by part. */
  failures: { part: string; why: string }[];
}

/** One suite for each exercise, one test for each part; the verdicts in the order of the exercises. */
async function runUnderMocha(
  exercises: Exercise[],
  plan: Plan,
  session: Session,
  { seconds, onExercise }: JudgeOptions,
): Promise<Verdict[]> {
  const { default: Mocha } = await import("mocha");
  const verdicts = exercises.map((): Verdict => ({ points: 0, seconds: 0, limit: seconds, failures: [] }));
  const tests = new Map<unknown, { verdict: Verdict; part: Exercise["parts"][number] }>();
  const mocha = new Mocha({
    timeout: 0,
    reporter: class {
      constructor(runner: import("mocha").Runner) {
        runner.on("pass", (test) => {
          const { verdict, part } = tests.get(test)!;
          verdict.points += part.points;
        });
        runner.on("fail", (test, error) => {
          const found = tests.get(test);
          found?.verdict.failures.push({ part: found.part.name, why: diagnosis(error) });
        });
      }
    } as never,
  });
  mocha.cleanReferencesAfterRun(false);
  exercises.forEach((e, i) => {
    const suite = Mocha.Suite.create(mocha.suite, `${e.id} ${e.title}`);
    suite.beforeAll(() => onExercise?.(e.id));
    const turn = new Turn(session, verdicts[i], plan.exercises.get(e.id)?.problem);
    for (const part of e.parts) {
      const test = new Mocha.Test(part.name, () => runPart(e, part, (name, args) => turn.call(name, args)));
      tests.set(test, { verdict: verdicts[i], part });
      suite.addTest(test);
    }
  });
  await new Promise((resolve) => mocha.run(resolve));
  mocha.dispose();
  return verdicts;
}

/** An exercise's turn with the runner: one time limit for all of its parts. */
class Turn {
  private over: LearnerError | undefined;
  constructor(
    private readonly session: Session,
    private readonly verdict: Verdict,
    problem: string | undefined,
  ) {
    if (problem !== undefined) this.over = new LearnerError(problem, "fatal");
  }

  async call(name: string, args: unknown[]): Promise<unknown> {
    if (this.over !== undefined) throw this.over;
    try {
      return await this.session.call(name, args, this.verdict);
    } catch (error) {
      if (error instanceof LearnerError && error.kind === "fatal") this.over = error;
      throw error;
    }
  }
}

function message(e: Exercise, plan: Plan, session: Session, verdict: Verdict, first: boolean): string {
  const source = plan.exercises.get(e.id);
  const sentences: string[] = [];
  const whys = [...new Set(verdict.failures.map((f) => f.why))];
  const stub = verdict.failures.length === e.parts.length && whys.some(isNotWrittenYet);
  if (stub) sentences.push("not written yet");
  else if (whys.length === 1 && verdict.failures.length === e.parts.length) sentences.push(whys[0]);
  else for (const { part, why } of verdict.failures) sentences.push(`${part}: ${why}`);
  if (source?.odd !== undefined) sentences.push(source.odd);
  const own = session.trouble(source?.cell?.number);
  if (own !== undefined) sentences.push(own);
  const failed = verdict.failures.length > 0 && !stub;
  const missesName = source?.cell === undefined || whys.some((why) => why.includes("is not defined"));
  for (const note of session.notes({ cell: source?.cell, first, failed, missesName })) sentences.push(note);
  return [...new Set(sentences.map((s) => s.replace(/\.$/, "")))].join("; ");
}
