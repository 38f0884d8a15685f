import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Order } from "./messages.js";

/** Whether a cell may import the library, by whichever door. */
export function importsLibrary(code: string): boolean {
  return /["']rlhf-lab["'/]/.test(code);
}

/**
 * Keeps the compiled library (lib/dist, which notebooks import) as new as its sources: looked at when the kernel
 * starts and before a cell that imports it, rebuilt incrementally when a source is newer. RLHF_LAB_BUILD=0 turns
 * it off. Where it cannot be rebuilt (a checkout that the learner may only read), the build is used as it is,
 * with one line of warning.
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
  /** It has been said that a new build cannot be loaded. */
  #warned = false;

  constructor(root: string) {
    this.#root = root;
    this.#known = this.#built();
  }

  /** Rebuilds in the background if that is needed, and tidies up after kernels that were killed. */
  start(): void {
    for (const name of readdirSync(join(this.#root, "lib"))) {
      const pid = /^dist-(\d+)-\d+$/.exec(name)?.[1];
      if (pid !== undefined && !runs(Number(pid))) removed(join(this.#root, "lib", name));
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
      const fresh = this.#imported ? this.#copyOfBuild() : undefined;
      if (this.#imported && fresh === undefined) return note ?? this.#warnOnce(OLD_LOADED);
      this.#known = built;
      tell({ type: "rebuilt", dist: this.#dist, fresh });
    }
    this.#imported = true;
    return note;
  }

  /** Removes the copies of this session. */
  clean(): void {
    if (this.#copy !== undefined) removed(this.#copy);
  }

  get #dist(): string {
    return join(this.#root, "lib", "dist");
  }

  /**
   * A copy next to lib/dist, at the same depth, so that paths relative to a module stay right. Undefined where none can
   * be made: then the session keeps what it has loaded.
   */
  #copyOfBuild(): string | undefined {
    const copy = join(this.#root, "lib", `dist-${process.pid}-${this.#copies + 1}`);
    try {
      cpSync(this.#dist, copy, { recursive: true });
    } catch {
      removed(copy);
      return undefined;
    }
    this.clean();
    this.#copies += 1;
    this.#copy = copy;
    return copy;
  }

  #warnOnce(text: string): string | undefined {
    const first = !this.#warned;
    this.#warned = true;
    return first ? text : undefined;
  }

  #built(): number {
    return modified(join(this.#dist, ".tsbuildinfo"));
  }

  #stale(): boolean {
    const source = join(this.#root, "lib", "src");
    try {
      return existsSync(source) && newest(source) > Math.max(this.#built(), this.#tried);
    } catch {
      return false; // A folder that vanished while we looked, or that may not be looked into.
    }
  }

  async #build(): Promise<string | undefined> {
    const release = await takeTurn(join(this.#dist, ".building"));
    try {
      if (!this.#stale()) return undefined; // Another kernel has done it meanwhile.
      this.#tried = newest(join(this.#root, "lib", "src"));
      if (release === undefined) return NOT_WRITABLE;
      const compiler = join(this.#root, "node_modules", "typescript", "bin", "tsc");
      const { code, output } = await run(process.execPath, [compiler, "-b", "lib"], this.#root);
      if (code === 0) return undefined;
      // The compiler's own word for a file that it may not write.
      if (/TS5033/.test(output)) return NOT_WRITABLE;
      return `rlhf-lab: lib/src does not compile, so what is imported may be old.\n${firstLines(output, 5)}\n`;
    } finally {
      release?.();
    }
  }
}

const NOT_WRITABLE =
  "rlhf-lab: lib/src is newer than lib/dist, which cannot be written to: the build is used as it is (RLHF_LAB_BUILD=0 says no more).\n";
const OLD_LOADED =
  "rlhf-lab: lib/dist has changed, and cannot be copied to load it anew: restart the kernel to import what is there now.\n";

/** Removes a folder that may be gone, or somebody else's. */
function removed(folder: string): boolean {
  try {
    rmSync(folder, { recursive: true, force: true });
    return true;
  } catch {
    return false;
  }
}

function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** How often a lock is looked at (ms), and how old (ms) one is that was left by a kernel that died. */
const LOOK = 50;
const ABANDONED = 60_000;

/**
 * One build at a time, over all kernels: the folder is the lock.
 * @returns what gives the turn back, or undefined if there is no turn to be had: the folder cannot be written to, or
 *   a lock that looks young (a clock that is wrong) has outlived two builds
 */
export async function takeTurn(lock: string, make = mkdirSync): Promise<(() => void) | undefined> {
  for (let waited = 0; waited < 2 * ABANDONED; waited += LOOK) {
    try {
      make(join(lock, ".."), { recursive: true });
      make(lock);
      return () => void removed(lock);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") return undefined;
      const since = modified(lock);
      const old = since > 0 && performance.timeOrigin + performance.now() - since > ABANDONED;
      if (old && !removed(lock)) return undefined;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK));
  }
  return undefined;
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
  try {
    return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  } catch {
    return 0; // In a folder that may not be looked into.
  }
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
