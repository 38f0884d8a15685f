import { appendFileSync, closeSync, mkdirSync, openSync, readSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** What was run: [session, line, source], as Jupyter's history_reply has it. */
export type Entry = [session: number, line: number, source: string];

/** Entries kept when a session begins; older ones are forgotten. */
const KEPT = 5000;

/** A longer cell is no line that somebody wants back: pasted data. It is not kept. */
const LONGEST = 200_000;

/** Characters of all entries in memory; beyond it the oldest are forgotten. */
const MOST = 20_000_000;

/** Bytes read from the end of the file. */
const READ = 16_000_000;

/**
 * The learner's cells over all sessions, one JSON entry per line in a file that several kernels append to. Where the
 * file cannot be written, the history lasts as long as the session.
 */
export class History {
  readonly #path: string;
  #entries: Entry[] | undefined;
  #session = 1;
  #size = 0;
  /** Not where the path is a folder, or a pipe that would wait for its reader. */
  #writes = true;

  constructor(path: string) {
    this.#path = path;
  }

  /** Read when first needed, so that a kernel starts without it. */
  get #all(): Entry[] {
    if (this.#entries !== undefined) return this.#entries;
    const { entries, whole, writes } = readEntries(this.#path);
    this.#writes = writes;
    this.#session = entries.reduce((most, [session]) => Math.max(most, session), 0) + 1;
    this.#entries = entries.slice(-KEPT);
    this.#size = this.#entries.reduce((sum, [, , source]) => sum + source.length, 0);
    if (entries.length > 2 * KEPT || !whole)
      quietly(() => writeFileSync(this.#path, this.#entries!.map(toLine).join("")));
    return this.#entries;
  }

  add(line: number, source: string): void {
    const all = this.#all;
    if (source.length > LONGEST) return;
    const entry: Entry = [this.#session, line, source];
    all.push(entry);
    this.#size += source.length;
    while (this.#size > MOST) this.#size -= all.shift()![2].length;
    if (!this.#writes) return;
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
  const matches = glob(String(pattern));
  const found = all.filter(([, , source]) => matches(source));
  if (!unique) return found;
  return [...new Map(found.map((entry) => [entry[2], entry])).values()].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
}

/**
 * `*` any text, `?` one character, anchored at both ends, as in SQLite's GLOB that ipykernel uses. Only the last
 * star is ever tried again, so that the time grows with the product of the lengths and not, as with a regular
 * expression, with a power.
 */
function glob(pattern: string): (text: string) => boolean {
  const wanted = [...pattern];
  return (source) => {
    const text = [...source];
    let [at, star, after] = [0, -1, 0];
    for (let place = 0; place < text.length; ) {
      if (wanted[at] === "*") {
        star = at;
        after = place;
        at += 1;
      } else if (wanted[at] === "?" || wanted[at] === text[place]) {
        at += 1;
        place += 1;
      } else if (star >= 0) {
        at = star + 1;
        after += 1;
        place = after;
      } else return false;
    }
    while (wanted[at] === "*") at += 1;
    return at === wanted.length;
  };
}

const last = <T>(items: T[], count: number) => (count >= items.length ? items : items.slice(-count));
const toLine = (entry: Entry) => `${JSON.stringify(entry)}\n`;

/** The newest entries; `whole` tells whether the file held no more. */
function readEntries(path: string): { entries: Entry[]; whole: boolean; writes: boolean } {
  try {
    // Not a folder, nor a pipe that nobody writes to.
    const file = statSync(path);
    if (!file.isFile()) return { entries: [], whole: true, writes: false };
    const { size } = file;
    const bytes = Buffer.alloc(Math.min(size, READ));
    const fd = openSync(path, "r");
    try {
      const length = readSync(fd, bytes, 0, bytes.length, size - bytes.length);
      return { entries: entriesOf(bytes.toString("utf8", 0, length)), whole: size <= READ, writes: true };
    } finally {
      closeSync(fd);
    }
  } catch {
    return { entries: [], whole: true, writes: true };
  }
}

function entriesOf(text: string): Entry[] {
  return text.split("\n").flatMap((line) => {
    try {
      const [session, number, source] = JSON.parse(line);
      const is = typeof session === "number" && typeof number === "number" && typeof source === "string";
      return is ? [[session, number, source] as Entry] : [];
    } catch {
      return []; // The last line of a kernel that died while writing, or the first one that was cut in two.
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
