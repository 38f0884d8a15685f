import { quote } from "rlhf-lab/core";
import { isList } from "./plain.js";

/**
 * Why `got` is not near `want`, in plain words, or undefined if it is. Numbers, lists, matrices (lists of lists) and
 * plain objects of them; near means |got - want| <= tolerance * max(1, |want|) for every number.
 */
export function whyNotNear(got: unknown, want: unknown, tolerance: number): string | undefined {
  const problem = structure(got, want, "");
  if (problem !== undefined) return problem;
  const pairs = flatten(got, want, "");
  const wrong = pairs.filter((p) => !close(p.got, p.want, tolerance));
  if (wrong.length === 0) return undefined;
  const first = wrong[0];
  const place = first.path === "" ? "" : ` at ${first.path}`;
  const many = wrong.length > 1 ? ` (${wrong.length} of ${pairs.length} numbers differ)` : "";
  const [wanted, came] = tellApart(first.want, first.got);
  const what = `expected ${wanted}, got ${came}${place}${many}`;
  const hint = notFinite(first) ?? pattern(pairs, got, want, tolerance);
  return hint === undefined ? what : `${what}: ${hint}`;
}

/** Whether every number of `got` is near that of `want`, and the shapes agree. */
export function isNear(got: unknown, want: unknown, tolerance: number): boolean {
  return whyNotNear(got, want, tolerance) === undefined;
}

interface Pair {
  path: string;
  got: number;
  want: number;
}

function close(got: number, want: number, tolerance: number): boolean {
  if (Object.is(got, want)) return true;
  // Infinity is near nothing else: the tolerance times it would let every number pass.
  if (!Number.isFinite(want)) return false;
  return Math.abs(got - want) <= tolerance * Math.max(1, Math.abs(want));
}

/** The first difference in type, length or keys. Follows `want`, so that a strange `got` cannot lead it astray. */
function structure(got: unknown, want: unknown, path: string): string | undefined {
  const place = path === "" ? "" : ` at ${path}`;
  if (got === undefined) {
    if (want === undefined) return undefined;
    return path === "" ? "the function returned nothing: is a `return` missing?" : `nothing${place}`;
  }
  if (typeof want === "number") {
    if (typeof got === "number") return undefined;
    if (isList(got)) return `expected one number${place}, got a list of ${got.length}: ${quoteShortly(got)}`;
    if (typeof got === "string") return `expected a number${place}, got the text ${quote(got)}`;
    return `expected a number${place}, got ${quoteShortly(got)}`;
  }
  if (isList(want)) {
    if (!isList(got)) return `expected a list of ${want.length}${place}, got ${quoteShortly(got)}`;
    if (got.length !== want.length) {
      const shapes = isList(want[0]) || isList(got[0]) ? ` (shape ${shape(want)}, got ${shape(got)})` : "";
      return `expected ${want.length} ${path === "" && isList(want[0]) ? "rows" : "entries"}${place}, got ${got.length}${shapes}`;
    }
    for (let i = 0; i < want.length; i++) {
      const problem = structure(got[i], want[i], `${path}[${i}]`);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }
  if (typeof want === "object" && want !== null) {
    if (typeof got !== "object" || got === null || isList(got)) {
      return `expected an object with ${Object.keys(want).join(", ")}${place}, got ${quoteShortly(got)}`;
    }
    for (const [name, value] of Object.entries(want)) {
      if (!Object.hasOwn(got, name)) return `no ${name}${place}; got ${quoteShortly(got)}`;
      const problem = structure((got as Record<string, unknown>)[name], value, path === "" ? name : `${path}.${name}`);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }
  return got === want ? undefined : `expected ${quote(want)}${place}, got ${quoteShortly(got)}`;
}

/** All numbers side by side. Called when the structures agree. */
function flatten(got: unknown, want: unknown, path: string): Pair[] {
  if (typeof want === "number") return [{ path, got: got as number, want }];
  if (isList(want))
    return Array.from(want).flatMap((w, i) => flatten((got as ArrayLike<unknown>)[i], w, `${path}[${i}]`));
  if (typeof want !== "object" || want === null) return [];
  return Object.entries(want).flatMap(([name, w]) =>
    flatten((got as Record<string, unknown>)[name], w, path === "" ? name : `${path}.${name}`),
  );
}

function notFinite({ got, want }: Pair): string | undefined {
  if (Number.isNaN(got))
    return "NaN comes from 0/0, Infinity - Infinity, the log of a negative number, or an undefined value";
  if (Math.abs(got) === Infinity && Number.isFinite(want)) {
    return "Infinity comes from a division by 0, exp of a large number, or the log of 0: is there a stable form?";
  }
  return undefined;
}

/** A simple relation between all numbers and the right ones, which names the likely mistake. */
function pattern(pairs: Pair[], got: unknown, want: unknown, tolerance: number): string | undefined {
  const every = (f: (p: Pair, i: number) => number) =>
    pairs.every((p, i) => {
      const value = f(p, i);
      const near = Math.abs(p.got - value) <= 1e-6 * Math.abs(value) + Math.min(tolerance, 1e-9);
      return Number.isFinite(p.got) && Number.isFinite(value) && near;
    });
  const n = pairs.length;
  const small = nearlyRight(pairs);
  if (small !== undefined) return small;
  const telling = pairs.some((p) => Math.abs(p.want) > 10 * tolerance);
  if (!telling) return undefined;
  if (every((p) => -p.want)) return "the sign is the other way round";
  if (every((p) => 2 * p.want)) return "twice the expected value: is a factor 1/2 missing?";
  if (every((p) => p.want / 2)) return "half the expected value: is a factor 2 missing?";
  if (n > 1 && every((p) => n * p.want)) return `${n} times the expected value: a sum where a mean was asked for?`;
  if (n > 1 && every((p) => p.want / n)) return `1/${n} of the expected value: a mean where a sum was asked for?`;
  // exp of a large number is Infinity or 0, which much else is too.
  const moderate = pairs.every((p) => Math.abs(p.want) < 30);
  if (moderate && every((p) => Math.exp(p.want))) return "this is exp of the expected value: is a log missing?";
  if (pairs.every((p) => p.want > 0) && every((p) => Math.log(p.want))) return "this is the log of the expected value";
  if (n > 2) {
    const ratio = pairs[0].got / pairs[0].want;
    if (Number.isFinite(ratio) && every((p) => ratio * p.want))
      return `every number is ${number(ratio)} times the expected one`;
    const shift = pairs[0].got - pairs[0].want;
    if (every((p) => p.want + shift)) return `every number is off by the same ${number(shift)}`;
    if (isList(want) && !isList(want[0]) && every((_, i) => pairs[n - 1 - i].want)) {
      return "these are the right numbers in reverse order";
    }
  }
  if (isSquare(want) && isSquare(got) && want.every((row, i) => row.every((w, j) => close(got[j][i], w, tolerance)))) {
    return "this is the transpose of the expected matrix";
  }
  return undefined;
}

/**
 * Right but for less than a ten-thousandth: a small number, as training code has them against a division
 * by 0, or an approximation.
 */
function nearlyRight(pairs: Pair[]): string | undefined {
  const largest = pairs.reduce((max, p) => Math.max(max, Math.abs(p.want)), 0);
  const off = pairs.reduce((max, p) => Math.max(max, Math.abs(p.got - p.want)), 0);
  const share = largest > 0 ? off / largest : off;
  if (!(share < 1e-4)) return undefined;
  const size = `off by ${share.toPrecision(1)}${largest > 0 ? " of its size" : ""}`;
  const advice = "is a small number added to a denominator or inside a log (leave it out, and treat 0 by itself)";
  return `${size}: ${advice}, or are these 32-bit numbers?`;
}

function isSquare(value: unknown): value is number[][] {
  return (
    Array.isArray(value) &&
    value.length > 1 &&
    value.every((row) => Array.isArray(row) && row.length === value.length && row.every((x) => typeof x === "number"))
  );
}

function shape(value: unknown): string {
  const dims: number[] = [];
  for (let v = value; isList(v) && dims.length < 6; v = v[0]) dims.push(v.length);
  return `[${dims.join(", ")}]`;
}

/** Seven digits, or all of them where seven look the same. */
function tellApart(a: number, b: number): [string, string] {
  return number(a) === number(b) ? [String(a), `${b}, close but not within the tolerance`] : [number(a), number(b)];
}

function number(x: number): string {
  return Number.isInteger(x) && Math.abs(x) < 1e15 ? String(x) : String(Number(x.toPrecision(7)));
}

/** A learner's value may be cyclic or deep, which `quote` does not expect. */
export function quoteShortly(value: unknown): string {
  try {
    const text = quote(value);
    return text.length > 200 ? `${text.slice(0, 197)}...` : text;
  } catch {
    return "a value that refers to itself or is nested very deeply";
  }
}
