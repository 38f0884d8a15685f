import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { Order, Rebuilt } from "./messages.js";

/** Whether a cell may import the library or the course, by whichever door. */
export function importsLibrary(code: string): boolean {
  return /["']rlhf-lab(?:-course)?["'/]/.test(code);
}

/** The folders of the packages that notebooks import, what is below comes first; and where their sources are. */
const PACKAGES = [
  { folder: "lib", isSource: (path: string) => /^src\/.*\.ts$/.test(path) },
  { folder: "course", isSource: (path: string) => /^(src\/.*|lessons\/[^/]+\/checks)\.ts$/.test(path) },
];
type Package = (typeof PACKAGES)[number];

/**
 * Keeps the compiled packages (lib/dist and course/dist, which notebooks import) as new as their sources: looked at
 * when the kernel starts and before a cell that imports one, rebuilt incrementally when a source is newer.
 * RLHF_LAB_BUILD=0 turns it off. Where they cannot be rebuilt (a checkout that the learner may only read), the build
 * is used as it is, with one line of warning.
 */
export class Builds {
  readonly #root: string;
  readonly #packages: readonly Package[];
  readonly #off = process.env.RLHF_LAB_BUILD === "0";
  #building: Promise<string | undefined> | undefined;
  /** When the build that process 2 may have loaded was made. */
  #known: number;
  #imported = false;
  /** The newest source that a build has been tried with, successful or not. */
  #tried = 0;
  /** Folders that hold the last copy. */
  #copy: string[] = [];
  #copies = 0;
  /** It has been said that a new build cannot be loaded. */
  #warned = false;

  constructor(root: string) {
    this.#root = root;
    this.#packages = PACKAGES.filter(({ folder }) => existsSync(join(root, folder, "src")));
    this.#known = this.#built();
  }

  /** Rebuilds in the background if that is needed, and tidies up after kernels that were killed. */
  start(): void {
    for (const { folder } of this.#packages) {
      for (const name of readdirSync(join(this.#root, folder))) {
        const pid = /^dist-(\d+)-\d+$/.exec(name)?.[1];
        if (pid !== undefined && !runs(Number(pid))) removed(join(this.#root, folder, name));
      }
    }
    if (!this.#off && this.#stale()) this.#building = this.#build();
  }

  /**
   * Brings the packages up to date, and tells process 2 if they have changed since they were last imported.
   * @returns what the learner should know, if anything went wrong
   */
  async refresh(tell: (order: Order) => void): Promise<string | undefined> {
    if (this.#off) return undefined;
    if (this.#building === undefined && this.#stale()) this.#building = this.#build();
    const note = await this.#building;
    this.#building = undefined;
    const built = this.#built();
    if (built !== this.#known) {
      const packages = this.#imported ? this.#copyOfBuild() : this.#packages.map((one) => ({ dist: this.#dist(one) }));
      if (packages === undefined) return note ?? this.#warnOnce(OLD_LOADED);
      this.#known = built;
      tell({ type: "rebuilt", packages });
    }
    this.#imported = true;
    return note;
  }

  /** Removes the copies of this session. */
  clean(): void {
    for (const folder of this.#copy) removed(folder);
  }

  #dist({ folder }: Package): string {
    return join(this.#root, folder, "dist");
  }

  /**
   * A copy next to each dist, at the same depth, so that paths relative to a module stay right. Undefined where none
   * can be made: then the session keeps what it has loaded.
   */
  #copyOfBuild(): Rebuilt[] | undefined {
    const rebuilt = this.#packages.map((one) => {
      const dist = this.#dist(one);
      return { dist, fresh: `${dist}-${process.pid}-${this.#copies + 1}` };
    });
    try {
      for (const { dist, fresh } of rebuilt) cpSync(dist, fresh, { recursive: true });
      const [library, course] = rebuilt;
      if (course !== undefined) this.#importFresh(course.fresh, library.fresh);
    } catch {
      for (const { fresh } of rebuilt) removed(fresh);
      return undefined;
    }
    this.clean();
    this.#copies += 1;
    this.#copy = rebuilt.map(({ fresh }) => fresh);
    return rebuilt;
  }

  /** Where a copy of the course looks first for "rlhf-lab": the copy of the library, so that both have the same one. */
  #importFresh(course: string, library: string): void {
    const place = join(course, "node_modules", "rlhf-lab");
    mkdirSync(place, { recursive: true });
    cpSync(join(this.#root, "lib", "package.json"), join(place, "package.json"));
    symlinkSync(library, join(place, "dist"));
  }

  #warnOnce(text: string): string | undefined {
    const first = !this.#warned;
    this.#warned = true;
    return first ? text : undefined;
  }

  /** When all of it was built: another number after each build. */
  #built(): number {
    return this.#packages.reduce((sum, one) => sum + this.#builtAt(one), 0);
  }

  #builtAt(one: Package): number {
    return modified(join(this.#dist(one), ".tsbuildinfo"));
  }

  #newest({ folder, isSource }: Package): number {
    return newest(join(this.#root, folder), isSource);
  }

  #stale(): boolean {
    try {
      return this.#packages.some((one) => this.#newest(one) > Math.max(this.#builtAt(one), this.#tried));
    } catch {
      return false; // A folder that vanished while we looked, or that may not be looked into.
    }
  }

  async #build(): Promise<string | undefined> {
    const release = await takeTurn(join(this.#root, "lib", "dist", ".building"));
    try {
      if (!this.#stale()) return undefined; // Another kernel has done it meanwhile.
      this.#tried = this.#packages.reduce((latest, one) => Math.max(latest, this.#newest(one)), 0);
      if (release === undefined) return NOT_WRITABLE;
      const compiler = join(this.#root, "node_modules", "typescript", "bin", "tsc");
      const { code, output } = await run(
        process.execPath,
        [compiler, "-b", ...this.#packages.map(({ folder }) => folder)],
        this.#root,
      );
      if (code === 0) return undefined;
      // The compiler's own word for a file that it may not write.
      if (/TS5033/.test(output)) return NOT_WRITABLE;
      return `rlhf-lab: its source does not compile, so what is imported may be old.\n${firstLines(output, 5)}\n`;
    } finally {
      release?.();
    }
  }
}

const NOT_WRITABLE =
  "rlhf-lab: its source is newer than its build, which cannot be written to: the build is used as it is (RLHF_LAB_BUILD=0 says no more).\n";
const OLD_LOADED =
  "rlhf-lab: its build has changed, and cannot be copied to load it anew: restart the kernel to import what is there now.\n";

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

/** When the newest source of a package's folder was changed. */
function newest(folder: string, isSource: (path: string) => boolean): number {
  let latest = 0;
  for (const room of ["src", "lessons"].filter((name) => existsSync(join(folder, name)))) {
    for (const name of readdirSync(join(folder, room), { recursive: true, encoding: "utf8" })) {
      const path = `${room}/${name.replaceAll("\\", "/")}`;
      if (isSource(path)) latest = Math.max(latest, modified(join(folder, path)));
    }
  }
  return latest;
}
