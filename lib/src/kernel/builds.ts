import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Order } from "./messages.js";

/**
 * Keeps the compiled library (lib/dist, which notebooks import) as new as its sources: looked at when the kernel starts and
 * before a cell that imports it, rebuilt incrementally when a source is newer. RLHF_LAB_BUILD=0 turns it off.
 */
export class Builds {
  readonly #root: string;
  readonly #off = process.env.RLHF_LAB_BUILD === "0";
  #building: Promise<string | undefined> | undefined;
  /** When the build that process 2 may have loaded was made. */
  #known: number;
  #imported = false;
  /** The newest source that a build has been tried with, successful or not. */
  #tried = 0;
  #copy: string | undefined;
  #copies = 0;

  constructor(root: string) {
    this.#root = root;
    this.#known = this.#built();
  }

  /** Rebuilds in the background if that is needed, and tidies up after kernels that were killed. */
  start(): void {
    for (const name of readdirSync(join(this.#root, "lib"))) {
      const pid = /^dist-(\d+)-\d+$/.exec(name)?.[1];
      if (pid !== undefined && !runs(Number(pid)))
        rmSync(join(this.#root, "lib", name), { recursive: true, force: true });
    }
    if (!this.#off && this.#stale()) this.#building = this.#build();
  }

  /**
   * Brings the library up to date, and tells process 2 if it has changed since it was last imported.
   * @returns what the learner should know, if anything went wrong
   */
  async refresh(tell: (order: Order) => void): Promise<string | undefined> {
    if (this.#off) return undefined;
    if (this.#building === undefined && this.#stale()) this.#building = this.#build();
    const note = await this.#building;
    this.#building = undefined;
    const built = this.#built();
    if (built !== this.#known) {
      this.#known = built;
      tell({ type: "rebuilt", dist: this.#dist, fresh: this.#imported ? this.#copyOfBuild() : undefined });
    }
    this.#imported = true;
    return note;
  }

  /** Removes the copies of this session. */
  clean(): void {
    if (this.#copy !== undefined) rmSync(this.#copy, { recursive: true, force: true });
  }

  get #dist(): string {
    return join(this.#root, "lib", "dist");
  }

  /** A copy next to lib/dist, at the same depth, so that paths relative to a module stay right. */
  #copyOfBuild(): string {
    this.clean();
    this.#copies += 1;
    this.#copy = join(this.#root, "lib", `dist-${process.pid}-${this.#copies}`);
    cpSync(this.#dist, this.#copy, { recursive: true });
    return this.#copy;
  }

  #built(): number {
    return modified(join(this.#dist, ".tsbuildinfo"));
  }

  #stale(): boolean {
    const source = join(this.#root, "lib", "src");
    return existsSync(source) && newest(source) > Math.max(this.#built(), this.#tried);
  }

  async #build(): Promise<string | undefined> {
    const lock = join(this.#root, "lib", "dist", ".building");
    const release = await takeTurn(lock);
    try {
      if (!this.#stale()) return undefined; // Another kernel has done it meanwhile.
      this.#tried = newest(join(this.#root, "lib", "src"));
      const compiler = join(this.#root, "node_modules", "typescript", "bin", "tsc");
      const { code, output } = await run(process.execPath, [compiler, "-b", "lib"], this.#root);
      return code === 0
        ? undefined
        : `rlhf-lab: lib/src does not compile, so what is imported may be old.\n${firstLines(output, 5)}\n`;
    } finally {
      release();
    }
  }
}

function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** One build at a time, over all kernels: the folder is the lock. A lock older than a minute was left by a kernel that died. */
async function takeTurn(lock: string): Promise<() => void> {
  for (;;) {
    try {
      mkdirSync(join(lock, ".."), { recursive: true });
      mkdirSync(lock);
      return () => rmSync(lock, { recursive: true, force: true });
    } catch {
      const since = modified(lock);
      if (since > 0 && performance.timeOrigin + performance.now() - since > 60_000)
        rmSync(lock, { recursive: true, force: true });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

function run(command: string, args: string[], cwd: string): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes) => (output += bytes));
    child.on("error", (error) => resolve({ code: -1, output: String(error) }));
    child.on("close", (code) => resolve({ code, output }));
  });
}

const firstLines = (text: string, count: number) => text.trim().split("\n").slice(0, count).join("\n");

function modified(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** When the newest source below this folder was changed. */
function newest(folder: string): number {
  let latest = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && entry.name.endsWith(".ts"))
      latest = Math.max(latest, modified(join(entry.parentPath, entry.name)));
  }
  return latest;
}
