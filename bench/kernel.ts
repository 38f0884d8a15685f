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

export async function rows(): Promise<Row[]> {
  const python = join(root, ".venv", "bin", "python");
  const { stdout } = await promisify(execFile)(python, [join(root, "bench", "kernel.py")], { cwd: root });
  const { ours, theirs } = JSON.parse(stdout) as { ours: Times; theirs: Times };
  const pair = (field: keyof Times) => ({ ours: ours[field], theirs: theirs[field] });
  return [
    row("start to first reply", "ipykernel", 1 / 3, pair("first_reply")),
    row("start to first cell's reply", "ipykernel", 1 / 3, pair("first_cell")),
    row("trivial cell, of the first 100", "ipykernel", 1 / 3, pair("cell")),
    row("400th cell", "our 20th cell", 1 / 2, { ours: ours.late, theirs: ours.early }),
    row("memory after 400 cells (MB)", "limit of 350 MB", 1, { ours: ours.memory, theirs: 350 }),
    ...(await importRows()),
  ];
}
