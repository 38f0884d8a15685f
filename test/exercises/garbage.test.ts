// For every exercise of the course: whatever a function may return by mistake or malice, no part passes, the check is
// not blamed, and it does not keep anybody busy.
import { createHash } from "node:crypto";
import { expect } from "chai";
import { callToBytes, LearnerError } from "../../course/src/grade/learner.js";
import { allExercises } from "../../course/src/grade/lessons.js";
import { roomFor } from "../../course/src/grade/plain.js";
import { grade } from "./grade.js";

/** Processor seconds that the checks of one exercise may take with one answer. */
const SECONDS = 12;

const cyclic: unknown[] = [1];
cyclic.push(cyclic);
const holder: Record<string, unknown> = { a: 1 };
holder.self = holder;
let deep: unknown = 1;
for (let i = 0; i < 100_000; i++) deep = [deep];
const sparse = (length: number) => {
  const list: unknown[] = [];
  list.length = length;
  return list;
};
// One for all calls: what returns it makes nothing, so no call pays for collecting 200 MB.
const zeros = new Array(25_000).fill(0);
const text = "ab".repeat(1e7);
const numbers = new Float64Array(25e6);
const shared = () => new Float64Array(new SharedArrayBuffer(32)).fill(Number.NaN);

type Answer = (...args: unknown[]) => unknown;

/** What each function of an exercise returns. */
const garbage: Record<string, Answer> = {
  nothing: () => undefined,
  null: () => null,
  "a promise of nothing": () => Promise.resolve(),
  "a list of nothing": () => [undefined, undefined, undefined],
  "a list of null": () => [null, null, null, null],
  "an empty list": () => [],
  "an empty object": () => ({}),
  "an empty text": () => "",
  "a text of a number": () => "0.5",
  "a list of texts": () => ["0.5", "a", "", "1"],
  "a bigint": () => 10n,
  "a list of bigints": () => [1n, 2n],
  "a BigInt64Array": () => new BigInt64Array(4),
  "a cyclic list": () => cyclic,
  "a cyclic object": () => holder,
  "a deep list": () => deep,
  "a key __proto__": () => JSON.parse('{"__proto__": 1, "a": 2}'),
  "a list with a key __proto__": () => [JSON.parse('{"__proto__": [1]}')],
  "an object with length": () => ({ length: 3, 0: 1, 1: 2, 2: 3 }),
  "an odd key": () => ({ constructor: 1, toString: 2, length: -1 }),
  "a date": () => new Date(),
  "a map": () => new Map([[0, 1]]),
  "a list of sets": () => [new Set(), new Set()],
  "a function": () => () => 1,
  "a symbol": () => Symbol("x"),
  "a regular expression": () => /x/,
  "an error": () => new Error("x"),
  "a boxed number": () => Object(1),
  NaN: () => Number.NaN,
  "a list of NaN": () => [Number.NaN, Number.NaN],
  "NaN in a shared array": shared,
  "lists in lists": () => [[[]], [[]]],
  "a sparse list": () => sparse(50),
  "a sparse list of 2e9": () => sparse(2e9),
  "a list of 25,000 zeros": () => zeros,
  "a text of 20 MB": () => text,
  "200 MB of numbers": () => numbers,
};

/** The same, from its arguments. */
const fromArguments: Record<string, Answer> = {
  "all zeros that are let through": (...args) => new Array(roomFor(args) - 1).fill(0),
  "the longest text that is let through": (...args) => "1".repeat(7 * roomFor(args)),
  "its first argument": (first) => (typeof first === "number" ? undefined : [first]),
};

/** Exercise -> what is the right answer to some question of its checks. */
const RIGHT: Record<string, string> = { "04/find-cycle": "an empty list" };

const exercises = await allExercises();

/** A call of one of the functions, by a check. */
type Call = [name: string, args: unknown[]];

/**
 * What a check gets to see of an answer at these calls: the bytes that come over to it; or that none do, by which kind
 * of refusal. Half of all garbage is refused on the way, and to the check that is one and the same.
 */
async function seen(fn: Answer, calls: readonly Call[]): Promise<string> {
  const each = calls.map(([name, args]) =>
    callToBytes(name, fn, args, roomFor(args)).then(
      (bytes) => createHash("sha256").update(bytes).digest("hex"),
      (error) => {
        if (!(error instanceof LearnerError)) throw error;
        expect(error.message).not.to.match(/not your fault/);
        return error.kind;
      },
    ),
  );
  return (await Promise.all(each)).join();
}

describe("answers that are none", () => {
  for (const exercise of exercises) {
    /** Grades an answer; the calls that its check has made. */
    async function refused(what: string, fn: Answer): Promise<Call[]> {
      const calls: Call[] = [];
      const given = exercise.gives.map((name): [string, Answer] => [
        name,
        (...args) => {
          calls.push([name, args]);
          return fn(...args);
        },
      ]);
      const parts = await grade(exercise, Object.fromEntries(given));
      for (const part of parts) {
        if (RIGHT[exercise.id] !== what) expect(part.passed, `${what}, ${part.name}`).to.equal(false);
        expect(part.message, `${what}, ${part.name}`).not.to.match(/not your fault/);
      }
      return calls;
    }

    async function within<T>(what: string, run: () => Promise<T>): Promise<T> {
      const start = process.cpuUsage();
      const result = await run();
      const { user, system } = process.cpuUsage(start);
      expect((user + system) / 1e6, `${what}: processor seconds`).to.be.lessThan(SECONDS);
      return result;
    }

    it(exercise.id, async () => {
      const [[nothing, noAnswer], ...others] = Object.entries(garbage);
      const calls = await within(nothing, () => refused(nothing, noAnswer));
      const graded = new Set([await seen(noAnswer, calls)]);
      for (const [what, fn] of others) {
        await within(what, async () => {
          const looks = await seen(fn, calls);
          // A check that has had to do with these bytes, or this refusal, need not draw its numbers once more.
          if (!graded.has(looks)) await refused(what, fn);
          graded.add(looks);
        });
      }
      for (const [what, fn] of Object.entries(fromArguments)) await within(what, () => refused(what, fn));
    });
  }
});
