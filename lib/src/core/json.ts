import { DataError, quote } from "./errors.js";

/**
 * What a JSON text says; a byte-order mark in front of it is passed over.
 * @throws DataError if it is not JSON, or if an object has a name twice: JSON.parse would keep
 *   the last one without a word
 */
export function parseJSON(text: string): unknown {
  const bare = text.startsWith("\uFEFF") ? text.slice(1) : text;
  let value: unknown;
  try {
    value = JSON.parse(bare);
  } catch (error) {
    const { message } = error as Error;
    const place = Number(/at position (\d+)/.exec(message)?.[1]);
    const sign = String.fromCodePoint(bare.codePointAt(place) ?? 0x20);
    throw new DataError(`not JSON: ${visible(message)}${visible(sign) === sign ? "" : `: ${visible(sign)}`}`);
  }
  const twice = nameTwice(bare);
  if (twice !== undefined) throw new DataError(`an object has ${quote(twice)} twice`);
  return value;
}

/** Whether a value is an object with names, and no list. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Characters that cannot be seen (a byte-order mark, controls) as U+FEFF, so that an error can be acted upon. */
export function visible(text: string): string {
  return text.replace(
    /[^\P{C}]|[^\P{Z} ]/gu,
    (c) => `U+${(c.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, "0")}`,
  );
}

/**
 * The first name that an object anywhere in a valid JSON text has twice. One pass; no regular
 * expression, whose stack is small.
 */
function nameTwice(json: string): string | undefined {
  const open: (Set<string> | undefined)[] = []; // the names of every object we are in; undefined for an array
  let last = "";
  for (let i = 0; i < json.length; i++) {
    const sign = json[i];
    if (sign === "{") open.push(new Set());
    else if (sign === "[") open.push(undefined);
    else if (sign === "}" || sign === "]") open.pop();
    else if (sign === ":") {
      const names = open.at(-1);
      const name = JSON.parse(last) as string;
      if (names?.has(name)) return name;
      names?.add(name);
    } else if (sign === '"') {
      const end = endOfString(json, i);
      last = json.slice(i, end + 1);
      i = end;
    }
  }
  return undefined;
}

/** The place of the quote that ends the string which begins at `start`. */
function endOfString(json: string, start: number): number {
  for (let end = json.indexOf('"', start + 1); ; end = json.indexOf('"', end + 1)) {
    let escapes = 0;
    while (json[end - 1 - escapes] === "\\") escapes++;
    if (escapes % 2 === 0) return end;
  }
}
