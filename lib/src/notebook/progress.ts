import { checkNonNegative } from "../core/checks.js";
import { complaint, DomainError, InterruptError, notebookHost } from "../core/index.js";
import { openProgressSink, type ProgressState } from "./progressSinks.js";

/** Numbers or words shown beside the bar: {loss: 0.31}. */
export type ProgressNotes = Record<string, number | string>;

export interface ProgressOptions {
  /** What is being done: "training". */
  label?: string;
  /** How many steps, where the items cannot tell. Without it the bar shows count and rate only. */
  total?: number;
}

/** A loop's progress: iterate over it, or call tick() after each step and done() at the end. */
export interface ProgressBar {
  /** Counts steps done. @throws InterruptError if the learner has interrupted the cell */
  tick(steps?: number, notes?: ProgressNotes): void;
  /** Shows values beside the bar, from the next drawing on. */
  note(notes: ProgressNotes): void;
  /** Ends the bar before its total. Harmless when it has ended. */
  done(): void;
}

/**
 * Shows how far a loop has come, how fast it runs and how long it will take: a bar in a notebook and on a terminal, a
 * line now and then in a log. When the learner interrupts the cell, the loop throws InterruptError at its next step,
 * also out of an await on an async source.
 * @example
 * for (const step of progress(200, { label: "training" })) { ... }  // 0, 1, ..., 199
 * for (const batch of progress(batches)) { ... }  // any iterable, and for await over an async one
 * const bar = progress(1000); while (...) bar.tick(10, { loss });  // by hand
 * @throws DomainError if the total is not a whole number of at least 0
 */
export function progress(
  total: number,
  options?: ProgressOptions,
): ProgressBar & Iterable<number> & AsyncIterable<number>;
export function progress<T>(
  items: Iterable<T>,
  options?: ProgressOptions,
): ProgressBar & Iterable<T> & AsyncIterable<T>;
export function progress<T>(items: AsyncIterable<T>, options?: ProgressOptions): ProgressBar & AsyncIterable<T>;
export function progress<T>(source: number | Iterable<T> | AsyncIterable<T>, options: ProgressOptions = {}): unknown {
  const total = options.total ?? countOf(source);
  if (total !== undefined && !(Number.isInteger(total) && total >= 0)) {
    throw new DomainError(complaint("progress: total", "a whole number of at least 0", total));
  }
  return new Progress(typeof source === "number" ? upTo(source) : source, total, options.label ?? "");
}

class Progress<T> implements ProgressBar {
  readonly #items: Iterable<T | number> | AsyncIterable<T>;
  readonly #state: ProgressState;
  readonly #start = performance.now();
  readonly #interrupt = notebookHost()?.interrupt;
  #sink: ReturnType<typeof openProgressSink> | undefined;

  constructor(items: Iterable<T | number> | AsyncIterable<T>, total: number | undefined, label: string) {
    this.#items = items;
    this.#state = { label, total, count: 0, seconds: 0, notes: {}, ended: undefined };
  }

  tick(steps = 1, notes: ProgressNotes = {}): void {
    checkNonNegative("tick: steps", steps);
    this.note(notes);
    this.#state.count += steps;
    this.#draw();
    this.#checkInterrupt();
    if (this.#state.total !== undefined && this.#state.count >= this.#state.total) this.done();
  }

  note(notes: ProgressNotes): void {
    Object.assign(this.#state.notes, notes);
  }

  done(): void {
    const { count, total } = this.#state;
    this.#end(total === undefined || count >= total ? "done" : "stopped");
  }

  *[Symbol.iterator](): Iterator<T | number> {
    if (!(Symbol.iterator in this.#items)) {
      throw new DomainError(
        "progress: these items arrive asynchronously. Write `for await (const x of progress(items))`.",
      );
    }
    const items = this.#items as Iterable<T | number>;
    yield* this.#watch(items);
  }

  /**
   * Draws before the first item, counts an item when the loop's body is through with it, and
   * ends however the loop ends.
   */
  *#watch(items: Iterable<T | number>): Generator<T | number> {
    let finished = false;
    try {
      this.#draw();
      this.#checkInterrupt();
      for (const item of items) {
        yield item;
        this.#state.count++;
        this.#draw();
        this.#checkInterrupt();
      }
      finished = true;
    } finally {
      this.#end(finished ? "done" : "stopped");
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T | number> {
    const source = this.#items as AsyncIterable<T>;
    const items =
      Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : (this.#items as Iterable<T>)[Symbol.iterator]();
    const interrupted = this.#interruption();
    let finished = false;
    try {
      this.#draw();
      this.#checkInterrupt();
      for (;;) {
        const next = await Promise.race([Promise.resolve(items.next()), interrupted.promise]);
        if (next.done) break;
        yield await next.value;
        this.#state.count++;
        this.#draw();
        this.#checkInterrupt();
      }
      finished = true;
    } finally {
      interrupted.forget();
      this.#end(finished ? "done" : "stopped");
      // The source may be stuck in an await that will never end, so its clean-up is started and not waited for.
      if (!finished) Promise.resolve(items.return?.()).catch(() => {});
    }
  }

  #draw(): void {
    if (this.#state.ended) return;
    this.#state.seconds = (performance.now() - this.#start) / 1000;
    this.#sink ??= openProgressSink();
    this.#sink.draw(this.#state);
  }

  #end(how: "done" | "stopped"): void {
    if (this.#state.ended) return;
    this.#state.seconds = (performance.now() - this.#start) / 1000;
    this.#state.ended = how;
    this.#sink ??= openProgressSink();
    this.#sink.draw(this.#state);
  }

  #checkInterrupt(): void {
    if (!this.#interrupt?.aborted) return;
    this.#end("stopped");
    throw new InterruptError(this.#words());
  }

  /** A promise that fails when the learner interrupts, so that an await on it ends too. */
  #interruption(): { promise: Promise<never>; forget: () => void } {
    let listener = () => {};
    const promise = new Promise<never>((_, reject) => {
      listener = () => reject(new InterruptError(this.#words()));
      this.#interrupt?.addEventListener("abort", listener, { once: true });
    });
    promise.catch(() => {}); // nobody may be waiting when it comes
    return { promise, forget: () => this.#interrupt?.removeEventListener("abort", listener) };
  }

  #words(): string {
    const { label, count, total } = this.#state;
    return `Interrupted${label ? ` while ${label}` : ""} after ${count}${total === undefined ? "" : ` of ${total}`} steps.`;
  }
}

function countOf(source: unknown): number | undefined {
  if (typeof source === "number") return source;
  const { length, size } = source as { length?: unknown; size?: unknown };
  return [length, size].find((count): count is number => typeof count === "number");
}

function* upTo(total: number): Generator<number> {
  for (let i = 0; i < total; i++) yield i;
}
