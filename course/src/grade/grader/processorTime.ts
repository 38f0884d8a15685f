import { readFileSync } from "node:fs";

/** The kernel's unit of processor time is a hundredth of a second on every Linux. */
const TICKS = 100;

/**
 * Processor seconds that a process and those that it started have used so far; undefined where the system
 * does not tell (there is no /proc on macOS). Unlike the time on the wall they do not grow while other work
 * keeps the processors busy.
 */
export function processorSeconds(pid: number | undefined): number | undefined {
  try {
    return ticks(pid) / TICKS;
  } catch {
    return undefined;
  }
}

function ticks(pid: number | undefined): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  // The second field, the program's name, may hold anything; after its bracket come state, parent, ... of fixed number.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const own = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return children(pid).reduce((sum, child) => sum + ticksOrNone(child), own);
}

function children(pid: number | undefined): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").split(" ").filter(Boolean).map(Number);
}

/** A child may end at any moment; what it used is then its parent's. */
function ticksOrNone(pid: number): number {
  try {
    return ticks(pid);
  } catch {
    return 0;
  }
}
