import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { CellConverter } from "./converter.js";

/** What snapshot/build.cts has left in the heap that this process may have started from. */
interface Kept {
  converter: CellConverter;
  /** As `librariesState` told when it read their declarations. */
  libraries: string;
  /** Modules of tslab that are loaded: path and exports. */
  modules: [path: string, exports: unknown][];
}

const KEPT = Symbol.for("rlhf-lab.compiler");
const holder = globalThis as { [KEPT]?: Kept };

export const kept = holder[KEPT];
delete holder[KEPT];

/**
 * Every thread of a process that started from a snapshot has the snapshot's code and texts in its own heap (31 MB
 * seen): so much more (MB) than it needs for itself it must be allowed.
 */
export const KEPT_MB = kept === undefined ? 0 : 40;

/** Tells one build of lib and course from another. */
export function librariesState(root: string): string {
  return ["lib", "course"].map((name) => buildOf(join(root, name, "dist"))).join();
}

function buildOf(dist: string): string {
  try {
    return readFileSync(join(dist, ".tsbuildinfo"), "utf8");
  } catch {
    return "";
  }
}
