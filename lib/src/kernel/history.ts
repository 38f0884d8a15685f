import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** What was run: [session, line, source], as Jupyter's history_reply has it. */
export type Entry = [session: number, line: number, source: string];

/** Entries kept when a session begins; older ones are forgotten. */
const KEPT = 5000;

/**
 * The learner's cells over all sessions, one JSON entry per line in a file that several kernels append to. Where the file
 * cannot be written, the history lasts as long as the session.
 */
export class History {
  readonly #path: string;
  #entries: Entry[] | undefined;
  #session = 1;

  constructor(path: string) {
    this.#path = path;
  }

  /** Read when first needed, so that a kernel starts without it. */
  get #all(): Entry[] {
    if (this.#entries !== undefined) return this.#entries;
    const entries = readEntries(this.#path);
    this.#session = entries.reduce((most, [session]) => Math.max(most, session), 0) + 1;
    this.#entries = entries.slice(-KEPT);
    if (entries.length > 2 * KEPT) quietly(() => writeFileSync(this.#path, this.#entries!.map(toLine).join("")));
    return this.#entries;
  }

  add(line: number, source: string): void {
    const all = this.#all;
    const entry: Entry = [this.#session, line, source];
    all.push(entry);
    quietly(() => {
      mkdirSync(dirname(this.#path), { recursive: true });
      appendFileSync(this.#path, toLine(entry));
    });
  }

  /** Answers a history_request's content. */
  find(request: Record<string, unknown>): (Entry | [number, number, [string, null]])[] {
    const all = this.#all;
    const count = Number(request.n ?? 0) || Number.POSITIVE_INFINITY;
    const type = request.hist_access_type;
    const found =
      type === "range"
        ? this.#range(request)
        : type === "search"
          ? last(search(all, request), count)
          : last(all, count);
    return request.output ? found.map(([session, line, source]) => [session, line, [source, null]]) : found;
  }

  /** Session 0 is this one, -1 the one before. */
  #range({ session = 0, start = 0, stop }: Record<string, unknown>): Entry[] {
    const all = this.#all;
    const wanted = Number(session) > 0 ? Number(session) : this.#session + Number(session);
    const end = stop === undefined || stop === null ? Number.POSITIVE_INFINITY : Number(stop);
    return all.filter(([of, line]) => of === wanted && line >= Number(start) && line < end);
  }
}

function search(all: Entry[], { pattern = "*", unique = false }: Record<string, unknown>): Entry[] {
  const expression = glob(String(pattern));
  const found = all.filter(([, , source]) => expression.test(source));
  if (!unique) return found;
  return [...new Map(found.map((entry) => [entry[2], entry])).values()].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
}

/** `*` any text, `?` one character, anchored at both ends, as in SQLite's GLOB that ipykernel uses. */
function glob(pattern: string): RegExp {
  const escaped = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", "[\\s\\S]*")
    .replaceAll("?", "[\\s\\S]");
  return new RegExp(`^${escaped}$`);
}

const last = <T>(items: T[], count: number) => (count >= items.length ? items : items.slice(-count));
const toLine = (entry: Entry) => `${JSON.stringify(entry)}\n`;

function readEntries(path: string): Entry[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return [];
  }
  return text.split("\n").flatMap((line) => {
    try {
      const entry = JSON.parse(line);
      return Array.isArray(entry) && typeof entry[2] === "string" ? [entry as Entry] : [];
    } catch {
      return []; // The last line of a kernel that died while writing.
    }
  });
}

function quietly(write: () => void): void {
  try {
    write();
  } catch {
    // A read-only project: the history stays in memory.
  }
}
