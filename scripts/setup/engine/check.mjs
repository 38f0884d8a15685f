import { fileURLToPath } from "node:url";
import { tfjsNode } from "../places.mjs";
import { run } from "../run.mjs";

const CHECK = fileURLToPath(new URL("check.cjs", import.meta.url));

/** Whether the engine loads and computes, in a process of its own; with `binding`, one that is not in its place yet. */
export async function engineWorks(stop, binding) {
  const args = [CHECK, tfjsNode, ...(binding ? [binding] : [])];
  return run(process.execPath, args, { stop, limit: 120_000 });
}
