import { randomBytes } from "node:crypto";
import { LabError } from "rlhf-lab/core";
import type { Key } from "rlhf-lab/random";
import { LearnerError } from "./learner.js";
import { isNear, whyNotNear } from "./near.js";

/**
 * A check says no, in words for the learner. Everything else that a part throws is chai's, the learner's own, or a bug.
 */
export class CheckFailure extends LabError {}

/** What a part has at hand, besides the learner's functions. `Mistake` are the names that the exercise watches for. */
export interface Tools<Mistake extends string = string> {
  /** A fresh random key for each run, so that no answer can be learned by heart. */
  readonly key: Key;
  /** chai's expect. */
  readonly expect: Chai.ExpectStatic;
  /**
   * Numbers, lists, matrices and objects of them: |got - want| <= tolerance * max(1, |want|), or a diagnosis.
   * `message` is what was compared ("the gradient of item 2"), or a sentence that ends with a full stop or
   * question mark, as advice.
   */
  near(got: unknown, want: unknown, tolerance: number, message?: string): void;
  /** Fails with words for the learner. */
  fail(message: string): never;
  /** Fails with the message of a watched mistake. */
  mistake(name: Mistake): never;
  /**
   * Like near(got, values.right), but a `got` that is near the value of a named mistake is answered with its message.
   * A mistake whose value happens to be near the right one is not held against anybody.
   */
  mistakes(
    got: unknown,
    values: { right: unknown } & { [M in Mistake]?: unknown },
    tolerance: number,
    message?: string,
  ): void;
  /** Demands that a call is refused with an error (whose message matches `pattern`, if given). */
  refuses(call: () => Promise<unknown>, message: string, pattern?: RegExp): Promise<void>;
}

/** A key nobody has seen before. */
function freshKey(): Key {
  const words = randomBytes(8);
  return [words.readUInt32LE(0), words.readUInt32LE(4)];
}

/** The tools for one run of an exercise's part, which draws from `key`. Loads chai, once. */
export async function makeTools(watches: Record<string, string>, key: Key = freshKey()): Promise<Tools> {
  const { expect } = await import("chai");
  const fail = (message: string): never => {
    throw new CheckFailure(message);
  };
  const near = (got: unknown, want: unknown, tolerance: number, message?: string) => {
    const problem = whyNotNear(got, want, tolerance);
    if (problem !== undefined) fail(explain(problem, message));
  };
  const mistake = (name: string): never => fail(watches[name] ?? `a known mistake: ${name}`);
  return {
    key,
    expect,
    near,
    fail,
    mistake,
    mistakes(got, values, tolerance, message) {
      if (isNear(got, values.right, tolerance)) return;
      for (const [name, value] of Object.entries(values)) {
        if (name !== "right" && isNear(got, value, tolerance)) mistake(name);
      }
      near(got, values.right, tolerance, message);
    },
    async refuses(call, message, pattern) {
      let value: unknown;
      try {
        value = await call();
      } catch (error) {
        if (!(error instanceof LearnerError)) throw error;
        if (error.notWritten || error.kind !== "threw") throw error;
        if (pattern !== undefined && !pattern.test(error.message)) {
          fail(`${message} An error was thrown, but another one: ${error.message}`);
        }
        return;
      }
      fail(`${message} It returned ${Number.isNaN(value) ? "NaN" : "a value"} instead of throwing an error.`);
    },
  };
}

function explain(problem: string, message: string | undefined): string {
  if (message === undefined || message === "") return problem;
  return /[.?!]$/.test(message) ? `${problem}. ${message}` : `${message}: ${problem}`;
}
