// The words in which a lesson's claims are written (test/claims/NN.ts): experiments over keys, and what must hold of them.
import type { Key } from "../../lib/src/index.js";
import { median as medianOf, quantile } from "../../lib/src/numerics/statistics.js";
import { meanInterval } from "../../lib/src/numerics/studentT.js";

/** What one key showed: numbers, yes or no, lists and records of them; JSON keeps it. */
export type Observation =
  | number
  | boolean
  | string
  | null
  | readonly Observation[]
  | { readonly [name: string]: Observation };

/** What a demand says of all observations. */
export interface Verdict {
  holds: boolean;
  /** What was seen, "mean 0.31 [0.22, 0.40]". */
  seen: string;
  /** What is wanted of it, "above 0.2". */
  wanted: string;
}

/** Judges the observations of an experiment, in the order of its keys. */
export type Demand<O> = (observations: readonly O[]) => Verdict;

export interface Experiment<O extends Observation = Observation> {
  name: string;
  /** The numbers of its keys: key(1), key(2), ... */
  keys: readonly number[];
  /** Why fewer keys than usual are enough. */
  few?: Few;
  run: (key: Key) => O | Promise<O>;
  /** Claim id, as in the master, -> what must hold. */
  claims: Readonly<Record<string, Demand<O>>>;
}

/** "exact": nothing is drawn, one run tells all. "transformer": a run takes long, four keys are enough. */
export type Few = "exact" | "transformer";

/** The least number of keys. */
export const LEAST_KEYS = { exact: 1, transformer: 4, usual: 10 } as const;

interface Plan<O extends Observation> {
  /** How many keys, key(1) to key(n), or their numbers. */
  keys: number | readonly number[];
  few?: "transformer";
  run: (key: Key) => O | Promise<O>;
  claims: Readonly<Record<string, Demand<NoInfer<O>>>>;
}

/**
 * An experiment whose observations carry one claim or several. What all keys share (a task, a table) is made once, outside.
 * @throws RangeError for fewer keys than LEAST_KEYS, or a key twice
 */
export function experiment<O extends Observation>(name: string, { keys, few, run, claims }: Plan<O>): Experiment<O> {
  const numbers = typeof keys === "number" ? Array.from({ length: keys }, (_, i) => i + 1) : keys;
  const least = LEAST_KEYS[few ?? "usual"];
  if (numbers.length < least) {
    throw new RangeError(`experiment "${name}": expected at least ${least} keys, got ${numbers.length}`);
  }
  if (new Set(numbers).size < numbers.length)
    throw new RangeError(`experiment "${name}": a key stands twice: ${numbers}`);
  return { name, keys: numbers, few, run, claims };
}

/** Claims about something that is computed, not drawn. */
export function exactly<O extends Observation>(
  name: string,
  run: () => O | Promise<O>,
  claims: Plan<O>["claims"],
): Experiment<O> {
  return { name, keys: [0], few: "exact", run, claims };
}

/** Holds of every observation. */
export function every<O>(holds: (observation: O) => boolean): Demand<O> {
  return (observations) => {
    const failed = observations.flatMap((observation, i) => (holds(observation) ? [] : [i]));
    const first = failed.length > 0 ? `; not of ${JSON.stringify(observations[failed[0]]).slice(0, 120)}` : "";
    return {
      holds: failed.length === 0,
      seen: `${observations.length - failed.length} of ${observations.length}${first}`,
      wanted: "all",
    };
  };
}

/** The share of observations of which something holds. */
export function share<O>(holds: (observation: O) => boolean): Bounds<O> {
  return bounds((observations) => {
    const count = observations.filter(holds).length;
    const seen = `${count} of ${observations.length}`;
    return { low: count / observations.length, high: count / observations.length, seen };
  });
}

/** The mean over keys with its interval (Student's t): all of the interval must lie where it is wanted. */
export function mean<O>(value: (observation: O) => number, level = 0.95): Bounds<O> {
  return bounds((observations) => {
    const { mean, low, high } = meanInterval(observations.map(value), level);
    return { low, high, seen: `mean ${round(mean)} [${round(low)}, ${round(high)}], n = ${observations.length}` };
  });
}

/** The median over keys. */
export function median<O>(value: (observation: O) => number): Bounds<O> {
  return bounds((observations) => {
    const values = observations.map(value);
    const middle = medianOf(values);
    const seen = `median ${round(middle)} (${round(quantile(values, 0.1))} to ${round(quantile(values, 0.9))})`;
    return { low: middle, high: middle, seen };
  });
}

/** All of several demands on the same observations. */
export function both<O>(...demands: readonly Demand<O>[]): Demand<O> {
  return (observations) => {
    const verdicts = demands.map((demand) => demand(observations));
    return {
      holds: verdicts.every(({ holds }) => holds),
      seen: verdicts.map(({ seen }) => seen).join("; "),
      wanted: verdicts.map(({ wanted }) => wanted).join("; "),
    };
  };
}

interface Bounds<O> {
  above(bound: number): Demand<O>;
  below(bound: number): Demand<O>;
  between(low: number, high: number): Demand<O>;
}

function bounds<O>(measure: (observations: readonly O[]) => { low: number; high: number; seen: string }): Bounds<O> {
  const demand =
    (wanted: string, holds: (low: number, high: number) => boolean): Demand<O> =>
    (observations) => {
      const { low, high, seen } = measure(observations);
      return { holds: holds(low, high), seen, wanted };
    };
  return {
    above: (bound) => demand(`above ${bound}`, (low) => low > bound),
    below: (bound) => demand(`below ${bound}`, (_, high) => high < bound),
    between: (from, to) => demand(`${from} to ${to}`, (low, high) => low >= from && high <= to),
  };
}

function round(x: number): string {
  return Number.isFinite(x) ? String(Number(x.toPrecision(3))) : String(x);
}
