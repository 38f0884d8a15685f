// Our kernel against ipykernel, as a client sees them. Also: does it get slower as a session
// grows, and how large is it?
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Row, row } from "./harness.js";
import { importRows } from "./kernel/imports.js";

const root = join(import.meta.dirname, "..");

interface Times {
  first_reply: number;
  first_cell: number;
  cell: number;
  early: number;
  late: number;
  memory: number;
}

/** A completion in a session of 5 cells, and of 200. */
interface Completions {
  completion_5: number;
  completion_200: number;
}

export async function rows(): Promise<Row[]> {
  await ensureSnapshot();
  const python = join(root, ".venv", "bin", "python");
  const { stdout } = await promisify(execFile)(python, [join(root, "bench", "kernel.py")], { cwd: root });
  const { ours, theirs } = JSON.parse(stdout) as { ours: Times & Completions; theirs: Times };
  const pair = (field: keyof Times) => ({ ours: ours[field], theirs: theirs[field] });
  return [
    row("start to first reply", "ipykernel", 1 / 3, pair("first_reply")),
    row("start to first cell's reply", "ipykernel", 1 / 2, pair("first_cell")),
    row("trivial cell, of the first 100", "ipykernel", 1 / 1.5, pair("cell")),
    row("400th cell", "our 20th cell", 1 / 1.1, { ours: ours.late, theirs: ours.early }),
    row("completion after 200 cells", "after 5 cells", 1 / 1.5, {
      ours: ours.completion_200,
      theirs: ours.completion_5,
    }),
    row("memory after 400 cells (MB)", "limit of 350 MB", 1, { ours: ours.memory, theirs: 350 }),
    ...(await importRows()),
  ];
}

/** Set-up makes what kernels start from; without it they are slower to start, and that is not what is asked. */
async function ensureSnapshot(): Promise<void> {
  const compiled = join(root, "course", "dist", "src", "kernel", "snapshot");
  const { snapshotToStartFrom } = await import(join(compiled, "place.js"));
  if (snapshotToStartFrom(root) !== undefined) return;
  const { makeSnapshot } = await import(join(compiled, "make.js"));
  await makeSnapshot(root);
}
