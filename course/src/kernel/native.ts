import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { endMark } from "./messages.js";

/** The real stdout or stderr of process 2, with the marks that its cells leave there when they are done. */
export class Native {
  #seen = 0;
  #waiting: { cell: number; resolve(): void }[] = [];

  constructor(stream: Readable, text: (text: string) => void) {
    const decoder = new StringDecoder("utf8");
    let held = "";
    stream.on("data", (bytes: Buffer) => {
      held += decoder.write(bytes);
      for (let match = MARK.exec(held); match !== null; match = MARK.exec(held)) {
        if (match.index > 0) text(held.slice(0, match.index));
        held = held.slice(match.index + match[0].length);
        this.#mark(Number(match[1]));
      }
      // A mark may have arrived in part.
      const start = held.lastIndexOf("\0");
      const whole = start >= 0 && held.length - start < 40 ? start : held.length;
      if (whole > 0) text(held.slice(0, whole));
      held = held.slice(whole);
    });
    stream.on("close", () => this.#mark(Number.POSITIVE_INFINITY));
  }

  /** Resolves when the mark of this cell has come by; after a second without it, somebody has closed the pipe. */
  drained(cell: number): Promise<void> {
    if (this.#seen >= cell) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, 1000);
      this.#waiting.push({
        cell,
        resolve: () => {
          clearTimeout(timer);
          resolve();
        },
      });
    });
  }

  #mark(cell: number): void {
    this.#seen = Math.max(this.#seen, cell);
    const done = this.#waiting.filter((waiter) => waiter.cell <= cell);
    this.#waiting = this.#waiting.filter((waiter) => waiter.cell > cell);
    for (const { resolve } of done) resolve();
  }
}

const MARK = new RegExp(endMark(0).replace("0", "(\\d+)"));
