import type { Bundle, CellError } from "./messages.js";

/**
 * What one cell may show besides the text that it prints, in characters of JSON: figures, values and errors all
 * together. Beyond it a notebook file, and the browser that shows it, become unusable.
 */
export const SHOWN_LIMIT = 8_000_000;

/** Every output is an element of the page, so a small one costs this much as well: 5000 of them are enough. */
const FRAME = 1600;

/** Python's json and nbformat, which read what we send, recurse; figures are some ten levels deep. */
const DEEPEST = 100;

const TOO_MUCH = `a cell shows ${SHOWN_LIMIT / 1e6} million characters at most, in 5000 outputs; write it to a file instead.`;

/**
 * Counts what a cell shows. What does not fit is replaced by a note in words; once it is full,
 * nothing more is let through.
 */
export class ShownLimit {
  #left = SHOWN_LIMIT;

  /** @param redraws whether it takes the place of what is on the page, so that only its own size counts */
  bundle(bundle: Bundle, metadata: Bundle, redraws = false): { data: Bundle; metadata: Bundle } | undefined {
    if (this.#left <= 0) return undefined;
    const data = wellShaped(bundle);
    const size = sizeOf([data, metadata]);
    if (size <= (redraws ? SHOWN_LIMIT : this.#left - FRAME)) {
      if (!redraws) this.#left -= size + FRAME;
      return { data, metadata };
    }
    if (!redraws) this.#left -= FRAME;
    const what = size === Number.POSITIVE_INFINITY ? `nested more than ${DEEPEST} deep` : `${size} characters`;
    return { data: { "text/plain": `[Output dropped (${what}): ${TOO_MUCH}]` }, metadata: {} };
  }

  error(error: CellError): CellError | undefined {
    if (this.#left <= 0) return undefined;
    const bounded = boundedError(error);
    this.#left -= sizeOf(bounded) + FRAME;
    return bounded;
  }

  /** Text of another stream than before, which begins an element of its own. */
  stream(text: string): string | undefined {
    if (this.#left <= 0) return undefined;
    this.#left -= FRAME;
    return this.#left > 0 ? text : `${text}\n[Output cut: ${TOO_MUCH}]\n`;
  }
}

/** An error as it is read by a person; the rest of a longer one is cut. */
export function boundedError({ ename, evalue, traceback }: CellError): CellError {
  let left = 200_000;
  const lines: string[] = [];
  for (const line of traceback.slice(0, 1000)) {
    if (left <= 0) break;
    lines.push(cut(line, left));
    left -= line.length;
  }
  return { ename: cut(ename, 1000), evalue: cut(evalue, 100_000), traceback: lines };
}

/** user_expressions' values, or in place of those that are too large an error that says so. */
export function boundedExpressions(values: Record<string, unknown>): Record<string, unknown> {
  const size = sizeOf(values);
  if (size <= SHOWN_LIMIT) return values;
  const evalue = `user_expressions: ${TOO_MUCH}`;
  const error = { status: "error", ename: "OutputError", evalue, traceback: [evalue] };
  return Object.fromEntries(Object.keys(values).map((name) => [name, error]));
}

const cut = (text: string, most: number) => (text.length > most ? `${text.slice(0, most)} ...` : text);

/** Only JSON's own types hold anything but text: nbformat refuses to validate `{ "text/html": 5 }`. */
function wellShaped(bundle: Bundle): Bundle {
  const isText = (value: unknown) =>
    typeof value === "string" || (Array.isArray(value) && value.every((line) => typeof line === "string"));
  const asText = (value: unknown) => (deeper(value, DEEPEST) ? "..." : JSON.stringify(value));
  const entries = Object.entries(bundle).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(
    entries.map(([type, value]) => [
      type,
      isText(value) || /^application\/(.*\+)?json$/.test(type) ? value : asText(value),
    ]),
  );
}

/** Length as JSON; infinite for what is nested too deeply. */
function sizeOf(value: unknown): number {
  return deeper(value, DEEPEST) ? Number.POSITIVE_INFINITY : JSON.stringify(value).length;
}

function deeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => deeper(inner, levels - 1));
}
