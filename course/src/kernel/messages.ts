/**
 * What the two processes say to each other, one JSON text per line. Process 1 speaks Jupyter's protocol, process 2 runs
 * the cells. Orders go down one pipe (not Node's IPC channel, which is a cell's as much as ours:
 * process.on("message")); all that comes up goes through another, written synchronously, so that it keeps its order,
 * nothing is lost when the process dies, and a flood waits for its reader instead of growing in memory.
 *
 * How a cell comes to its end, and what may be lost on the way. Process 1 kills nothing and waits for "done"; an
 * interrupt makes process 2 terminate whatever its main thread runs (cells/watchdog.ts), which may be the cell's code
 * or the kernel's own. So nothing is said only once, and whatever is said twice does no harm:
 *
 *     process 1 (orders.ts, worker.ts)             process 2 (cells/orders.ts, cells/runner.ts)
 *     sent      execute, again until "taken"  -->  expected   the order is kept; its cell begins in a turn of its own,
 *                                                             and an interrupt gives it another such turn
 *     taken     waits for "done"                   running    the cell has begun, and begins no second time
 *     asked     interrupt, again until "taken" --> stopping   the watchdog is quiet; the cell has 1.5 s to come to its
 *                                                             end, then it is ended without it
 *     ended     the first "done" counts       <--  over       the outcome is kept, and told again on an interrupt; no
 *                                                             termination meant for this cell can come any more
 *
 * Terminations come only between "asked" and "stopping". Cut off before "taken", an order comes again; cut off in
 * "expected" or "running", a cell is ended by the interrupt that has cut it off, which is itself sent until taken.
 * A process that is gone ends its cell (life.ts); one that answers nothing at all, neither its main thread nor its
 * watchdog, is ended and replaced. Questions ("ask") have a time limit of their own.
 */
export type Order =
  | { type: "execute"; cell: number; label: string; code: string; silent: boolean; expressions: Record<string, string> }
  /** `nth` counts the interrupts of this process 2. */
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
  /** All orders up to this number have been obeyed. */
  | { type: "taken"; number: number }
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

/**
 * An order as it goes down the pipe: its number, its length and the order, on a line of its own. If a part in the
 * middle gets lost, what is left may still be JSON; then it is shorter.
 */
export function orderLine(number: number, order: Order): string {
  const json = JSON.stringify(order);
  return `\n${number} ${json.length} ${json}\n`;
}

/** Undefined if the line is what is left of one. */
export function parseOrder(line: string): { number: number; order: Order } | undefined {
  const [head, number, length] = /^(\d+) (\d+) /.exec(line) ?? [];
  if (head === undefined || line.length !== head.length + Number(length)) return undefined;
  try {
    return { number: Number(number), order: JSON.parse(line.slice(head.length)) };
  } catch {
    return undefined;
  }
}
