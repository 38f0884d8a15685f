/**
 * What a notebook's kernel offers to library code. The kernel puts a host in place before the first cell runs; in a
 * plain Node process (mocha, a terminal, a grader) there is none, and callers fall back to text.
 */
export interface NotebookHost {
  /** Emits a mime bundle. With a `displayId` it can be redrawn later; with `update` it redraws instead of adding. */
  display(bundle: MimeBundle, options?: DisplayOptions): void;
  /** Aborted when the learner interrupts the running cell. A new signal for each cell. */
  readonly interrupt: AbortSignal;
  /** Asks the learner a question and waits for the answer. */
  prompt(question: string, options?: { password?: boolean }): Promise<string>;
  /**
   * The name ("cell 7") of the last cell that was to replace this function and did not, because it was refused by the
   * compiler or failed before it got there; undefined for a function that is as new as the notebook.
   */
  replacementThatFailed?(value: unknown): string | undefined;
  /** Writes down what a check came to. Returns a sentence for the learner if that could not be done. */
  keep?(check: Omit<KeptCheck, "when">): string | undefined;
  /** All checks that were written down, in this notebook and others, and sentences for the learner about the rest. */
  kept?(): { checks: KeptCheck[]; said: string[] };
}

/** What a check of an exercise came to. */
export interface KeptCheck {
  /** Lesson and name, "01/log-likelihood". */
  exercise: string;
  points: number;
  outOf: number;
  /** The time, as in "2026-12-01T09:30:00.000Z". */
  when: string;
}

/** Mime type -> content, as Jupyter's display_data carries it. */
export type MimeBundle = Record<string, unknown>;

export interface DisplayOptions {
  displayId?: string;
  update?: boolean;
  metadata?: Record<string, unknown>;
}

const HOST = Symbol.for("rlhf-lab.host");
type Globals = { [HOST]?: NotebookHost };

/** The kernel's host, or undefined outside a notebook. A global symbol, so that two copies of the library agree. */
export function notebookHost(): NotebookHost | undefined {
  return (globalThis as Globals)[HOST];
}

/** Called by the kernel (and by tests); returns a function that restores what was there. */
export function setNotebookHost(host: NotebookHost | undefined): () => void {
  const globals = globalThis as Globals;
  const before = globals[HOST];
  globals[HOST] = host;
  return () => {
    globals[HOST] = before;
  };
}
