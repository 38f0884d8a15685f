import type { Bundle, CellError, StreamName } from "../../../course/src/kernel/messages.js";

/** What the page says to its worker. */
export type ToWorker =
  | { type: "run"; cell: number; code: string }
  /** A chunk that was wanted, with those that it needs; or why it did not come. */
  | { type: "chunks"; name: string; texts: Record<string, string>; failure?: string }
  | { type: "input"; id: number; value: string };

/** What the worker says to its page. The first four are what the notebooks' kernel says of its cells. */
export type FromWorker =
  | { type: "stream"; cell: number; name: StreamName; text: string }
  | { type: "display"; cell: number; bundle: Bundle; metadata?: Bundle; displayId?: string; update?: boolean }
  | { type: "result"; cell: number; bundle: Bundle; metadata: Bundle }
  | { type: "error"; cell: number; error: CellError }
  | { type: "want"; name: string }
  | { type: "input"; id: number; question: string }
  | { type: "done"; cell: number; how: Ending };

/** How a cell came to its end. `tensors`: it needs what only the notebook has; `words` say what. */
export type Ending = { type: "ran" } | { type: "failed" } | { type: "tensors"; words: string };

/** What the build found out, for the page and its worker. */
export interface Manifest {
  /** Door ("rlhf-lab/policy") -> what it has here. */
  readonly doors: Readonly<Record<string, Door>>;
  /** Chunk -> the chunks that it cannot start without. */
  readonly chunks: Readonly<Record<string, readonly string[]>>;
  /** Lesson -> for each of its code cells, in order, whether it runs here. */
  readonly lessons: Readonly<Record<string, readonly boolean[]>>;
}

export interface Door {
  /** Its chunk; none if all that is behind it needs tensors. */
  readonly chunk?: string;
  /** Names that need tensors. */
  readonly tensors: readonly string[];
  /** Name -> the chunks of data that it reads. */
  readonly data: Readonly<Record<string, readonly string[]>>;
}
