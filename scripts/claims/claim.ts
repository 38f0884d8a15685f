// The words in which a lesson's claims are written (course/lessons/NN-name/claims.ts): experiments over keys,
// and what must hold of them.
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
}

/** An experiment without its claims yet. */
interface Open<O extends Observation> {
  /** Claim id, as in the master, -> what must hold of all that was observed. */
  shows(claims: Readonly<Record<string, Demand<O>>>): Experiment<O>;
}

/**
 * An experiment; its `shows` takes one claim or several. What all keys share (a task, a table) is made once, outside.
 * @throws RangeError for fewer keys than LEAST_KEYS, or a key twice
 */
export function experiment<O extends Observation>(name: string, { keys, few, run }: Plan<O>): Open<O> {
  const numbers = typeof keys === "number" ? Array.from({ length: keys }, (_, i) => i + 1) : keys;
  const least = LEAST_KEYS[few ?? "usual"];
  if (numbers.length < least) {
    throw new RangeError(`experiment "${name}": expected at least ${least} keys, got ${numbers.length}`);
  }
  if (new Set(numbers).size < numbers.length) {
    throw new RangeError(`experiment "${name}": a key stands twice: ${numbers}`);
  }
  return { shows: (claims) => ({ name, keys: numbers, few, run, claims }) };
}

/** What is computed, not drawn: one run tells all. */
export function exactly<O extends Observation>(name: string, run: () => O | Promise<O>): Open<O> {
  return { shows: (claims) => ({ name, keys: [0], few: "exact", run, claims }) };
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

/** Where a number must lie: strictly above or below a bound, or from one to another. */
export type Range =
  | { readonly above: number }
  | { readonly below: number }
  | { readonly between: readonly [number, number] };

/** The share of observations of which something holds. */
export function share<O>(holds: (observation: O) => boolean, range: Range): Demand<O> {
  return within(range, (observations) => {
    const count = observations.filter(holds).length;
    const part = count / observations.length;
    return { low: part, high: part, seen: `${count} of ${observations.length}` };
  });
}

/** The mean over keys with its interval (Student's t): all of the interval must lie in the range. */
export function mean<O>(value: (observation: O) => number, range: Range, level = 0.95): Demand<O> {
  return within(range, (observations) => {
    const { mean, low, high } = meanInterval(observations.map(value), level);
    return { low, high, seen: `mean ${round(mean)} [${round(low)}, ${round(high)}], n = ${observations.length}` };
  });
}

/** The 95 % interval of the mean holds 0: nothing is known of its sign. */
export function undecided<O>(value: (observation: O) => number): Demand<O> {
  return (observations) => {
    const { mean: centre, low, high } = meanInterval(observations.map(value));
    const seen = `mean ${round(centre)} [${round(low)}, ${round(high)}], n = ${observations.length}`;
    return { holds: low <= 0 && high >= 0, seen, wanted: "an interval that holds 0" };
  };
}

/** The median over keys. */
export function median<O>(value: (observation: O) => number, range: Range): Demand<O> {
  return within(range, (observations) => {
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

type Measure<O> = (observations: readonly O[]) => { low: number; high: number; seen: string };

function within<O>(range: Range, measure: Measure<O>): Demand<O> {
  return (observations) => {
    const { low, high, seen } = measure(observations);
    if ("above" in range) return { holds: low > range.above, seen, wanted: `above ${range.above}` };
    if ("below" in range) return { holds: high < range.below, seen, wanted: `below ${range.below}` };
    const [from, to] = range.between;
    return { holds: low >= from && high <= to, seen, wanted: `${from} to ${to}` };
  };
}

function round(x: number): string {
  return Number.isFinite(x) ? String(Number(x.toPrecision(3))) : String(x);
}
