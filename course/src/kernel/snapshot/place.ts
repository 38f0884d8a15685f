import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** What V8 is told in process 2. A snapshot starts with the very flags that it was made with, and no others. */
export const V8_FLAGS = [
  // The compiler makes much garbage for each cell; left alone, V8 lets it pile up to twice what is needed.
  "--heap-growing-percent=20",
  "--max-semi-space-size=8",
  // A snapshot is ours: it was made here, and its name tells what from.
  "--no-verify-snapshot-checksum",
];

/**
 * What Node is told in process 2, and not where the snapshot is made: there it would be kept, and then told once more.
 */
export const NODE_FLAGS = [
  "--disable-warning=ExperimentalWarning",
  // Code that an interrupt cuts off in a timer leaves Node's record of what called it one level too deep.
  "--no-force-async-hooks-checks",
];

/** What process 2 begins with when it starts from a snapshot. */
export const BOOT = fileURLToPath(new URL("./boot.cjs", import.meta.url));

const compiled = fileURLToPath(new URL("..", import.meta.url));

/**
 * Where the snapshot of the compiler lies, of this Node, project and version of the kernel's files: for anything else
 * the name is another. Set-up makes it; without it a kernel starts as well, in four times the time.
 */
export function snapshotPlace(root: string): string {
  const sum = createHash("sha256").update(
    JSON.stringify([process.version, process.arch, process.platform, V8_FLAGS, root]),
  );
  for (const folder of [join(compiled, "cells"), join(compiled, "snapshot")]) {
    for (const name of readdirSync(folder).sort()) {
      if (/\.c?js$/.test(name)) sum.update(`\0${name}\0`).update(readFileSync(join(folder, name)));
    }
  }
  // What is installed, and in which versions.
  sum.update(readFileSync(join(root, "node_modules", ".package-lock.json")));
  return join(root, ".rlhf-lab", `compiler-${sum.digest("hex").slice(0, 16)}.blob`);
}

/** The snapshot to start from, if there is one and nothing speaks against it: an option of Node may, whatever it is. */
export function snapshotToStartFrom(root: string, env: NodeJS.ProcessEnv = process.env): string | undefined {
  if (env.NODE_OPTIONS || env.RLHF_LAB_MEMORY_MB || env.RLHF_LAB_SNAPSHOT === "0") return undefined;
  try {
    const place = snapshotPlace(root);
    return existsSync(place) ? place : undefined;
  } catch {
    return undefined;
  }
}
