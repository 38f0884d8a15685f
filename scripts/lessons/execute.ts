// Runs one notebook in a kernel of its own (through execute.py) and hands back what came out.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Notebook } from "../master/build.js";
import { notebooksFolder, root } from "../master/course.js";

export interface Execution {
  /** With outputs; undefined when nothing could be run. */
  notebook?: Notebook;
  /** Seconds per code cell, by its index in the notebook. */
  seconds: Map<number, number>;
  /** Processor seconds per code cell, of all the kernel's processes; the first cell's hold its start. */
  processor: Map<number, number>;
  total: number;
  /** Why it ended early, and in which cell if in one. */
  fatal?: { message: string; cell?: number };
}

export interface ExecuteOptions {
  kernel: string;
  /** Seconds for one cell. */
  timeout: number;
  /** Called after each cell, and once before the first. */
  onProgress?: (done: number, cells: number) => void;
}

const venvPython = join(root, ".venv", "bin", "python");
const driver = join(dirname(fileURLToPath(import.meta.url)), "execute.py");

/** Executes the notebook file `input` and writes the result to `output`. */
export async function execute(input: string, output: string, options: ExecuteOptions): Promise<Execution> {
  if (!existsSync(venvPython)) throw new Error("There is no .venv yet: run npm test or npm start once, it makes one.");
  const start = performance.now();
  const result: Execution = { seconds: new Map(), processor: new Map(), total: 0 };
  const args = ["--folder", notebooksFolder, "--kernel", options.kernel, "--timeout", String(options.timeout)];
  const child = spawn(venvPython, [driver, input, output, ...args], { env: jupyterEnvironment() });
  let stderr = "";
  child.stderr.on("data", (data) => {
    stderr = (stderr + data).slice(-4000);
  });
  let cells = 0;
  createInterface({ input: child.stdout }).on("line", (line) => {
    const event = JSON.parse(line) as {
      cells?: number;
      done?: number;
      seconds?: number;
      processor?: number;
      fatal?: string;
      cell?: number;
    };
    if (event.cells !== undefined) cells = event.cells;
    if (event.done !== undefined) {
      result.seconds.set(event.done, event.seconds!);
      result.processor.set(event.done, event.processor!);
    }
    if (event.fatal !== undefined) result.fatal = { message: event.fatal, cell: event.cell };
    options.onProgress?.(result.seconds.size, cells);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  result.total = (performance.now() - start) / 1000;
  if (code !== 0) result.fatal ??= { message: stderr.trim().split("\n").at(-1) || `the driver ended with ${code}` };
  if (existsSync(output)) result.notebook = JSON.parse(readFileSync(output, "utf8")) as Notebook;
  return result;
}

/** Only the kernels of this project, and no file outside of it. */
function jupyterEnvironment(): NodeJS.ProcessEnv {
  const folder = join(root, ".rlhf-lab", "jupyter");
  mkdirSync(folder, { recursive: true });
  return {
    ...process.env,
    JUPYTER_NO_CONFIG: "1",
    JUPYTER_PLATFORM_DIRS: "1",
    JUPYTER_PREFER_ENV_PATH: "1",
    JUPYTER_PATH: "",
    JUPYTER_CONFIG_DIR: join(folder, "config"),
    JUPYTER_DATA_DIR: join(folder, "data"),
    JUPYTER_RUNTIME_DIR: join(folder, "runtime"),
    IPYTHONDIR: join(folder, "ipython"),
    PYTHONDONTWRITEBYTECODE: "1",
    RLHF_LAB_PROGRESS: "0", // nobody learns here
  };
}
