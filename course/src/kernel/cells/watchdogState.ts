/** What the main thread is at, as far as interrupts go. */
export enum Mode {
  /** The last cell has come to its end; what hangs here is something that it has left behind. */
  Over,
  /** The kernel's own code, on behalf of a cell. */
  Kernel,
  /** A cell's code. */
  Cell,
  /** A cell's code up to its first wait, where node:vm turns SIGINT into an error. */
  MindsSigint,
  /** The same, and the signal is on its way. */
  Signalled,
  /** The compiler. */
  Protected,
  /** The process is not ready yet, which takes long on a busy machine. To cut that off would end it. */
  Starting,
  /** A termination is on its way. */
  Terminating,
}

/** Places in the memory that both threads see. */
export const SEEN = 0;
export const TERMINATED = 1;
export const STATE = 2;

/** The word at STATE has the mode in its lowest bits and the cell above them. */
export const CELL_BITS = 3;
export const stateOf = (cell: number, mode: Mode): number => (cell << CELL_BITS) | mode;
export const modeOf = (state: number): Mode => state & 7;

/** What stands before the code of a cell's first part, on its first line. */
export const MINDING = "__tslab__.minding(() => ";
