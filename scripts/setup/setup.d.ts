/** What is known of a step: made from inputs of this hash, with this record; or begun and not ended. */
export type Stamp = { inputs: string; record: object } | "unfinished";

/** One step of set-up. Each has a file of its own, and scripts/setup.mjs runs them in order. */
export interface Step<R extends object = object> {
  /** A word or two, shown to people and used as the stamp's name. */
  name: string;
  doing: string;
  /** What the result depends on; when its hash changes, the step is made again. */
  inputs(): { files?: string[]; facts?: unknown };
  /** A quick look at whether the result is still there (milliseconds: it runs on every start). */
  intact(record: R): boolean;
  /** Whether an intact result that set-up never made itself is accepted. */
  adopt?: boolean;
  /**
   * Makes the result and verifies it.
   * @returns a record for `intact`, kept in the stamp; `{ again: true }` in it: try again at the next start
   * @throws SetupError
   */
  make(context: {
    /** Aborted by Ctrl-C. */
    stop: AbortSignal;
    /** The stamp before: undefined if there was none. */
    before: Stamp | undefined;
    show: { doing(what: string): void };
  }): Promise<(R & { again?: boolean }) | undefined>;
  /** What to say on every start about a result that is not what it should be. */
  warning?(record: R): string | undefined;
}
