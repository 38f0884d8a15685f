/**
 * What the two processes say to each other, one JSON text per line. Process 1 speaks Jupyter's protocol, process 2 runs
 * the cells. Orders go down one pipe (not Node's IPC channel, which is a cell's as much as ours:
 * process.on("message")); all that comes up goes through another, written synchronously, so that it keeps its order,
 * nothing is lost when the process dies, and a flood waits for its reader instead of growing in memory.
 */
export type Order =
  | { type: "execute"; cell: number; label: string; code: string; silent: boolean; expressions: Record<string, string> }
  /** `nth` counts the interrupts of this process 2, so that an order may be repeated. */
  | { type: "interrupt"; cell: number; nth: number }
  | { type: "ask"; id: number; question: Question }
  | { type: "input"; id: number; value?: string; failure?: string }
  /** The packages that cells import have been rebuilt. */
  | { type: "rebuilt"; packages: readonly Rebuilt[] };

/** A package's build; `fresh` is a copy of it to load from, if an older one may be loaded already. */
export interface Rebuilt {
  dist: string;
  fresh?: string;
}

export type Question =
  | { kind: "complete"; code: string; position: number }
  | { kind: "inspect"; code: string; position: number; detail: number }
  | { kind: "isComplete"; code: string };

export type Report =
  | { type: "ready" }
  | { type: "stream"; cell: number; name: StreamName; text: string }
  | { type: "display"; cell: number; bundle: Bundle; metadata?: Bundle; displayId?: string; update?: boolean }
  | { type: "result"; cell: number; bundle: Bundle; metadata: Bundle }
  | { type: "error"; cell: number; error: CellError }
  | { type: "input"; cell: number; id: number; question: string; password: boolean }
  /** Process 2 is about to end, and knows why. */
  | { type: "ends"; why: string }
  | { type: "answer"; id: number; value: unknown }
  | { type: "done"; cell: number; outcome: Outcome };

export type StreamName = "stdout" | "stderr";
export type Bundle = Record<string, unknown>;

export interface CellError {
  ename: string;
  evalue: string;
  traceback: string[];
}

export interface Outcome {
  /** Absent if the cell ran to its end. */
  error?: CellError;
  /** The error has been reported already, when it happened. */
  shown?: boolean;
  /** Values of the request's user_expressions, as the protocol wants them. */
  expressions: Record<string, unknown>;
}

/**
 * Written to the ends of native stdout and stderr when a cell is done, so that what came before
 * is known to have arrived.
 */
export const endMark = (cell: number) => `\0end of cell ${cell}\0`;

/** The pipes of process 2, beyond stdin, stdout and stderr. */
export const ORDERS = 3;
export const REPORTS = 4;
export const WATCHDOG = 5;

/**
 * A report of more characters is not sent; what it would have shown is dropped with a note. Far above the limit of a
 * cell's output (outputLimit.ts), which process 1 applies.
 */
export const LONGEST_REPORT = 64_000_000;
