// What every bench needs: runs that alternate, medians, and a Python peer in a virtual environment of its own.
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** One comparison. Medians in milliseconds; ratio = theirs / ours; goal = the ratio that is asked for. */
export interface Row {
  name: string;
  peer: string;
  ours: number;
  theirs: number;
  ratio: number;
  goal: number;
}

/**
 * Work to be timed. It may return its own time in milliseconds (a peer that timed itself); otherwise we hold the watch.
 */
export type Work = () => unknown;

const folder = dirname(fileURLToPath(import.meta.url));
const environment = join(folder, "..", ".rlhf-lab", "bench-venv");

/** The middle value; the mean of the two middle ones for an even count. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new Error("median: expected at least one value, got none");
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Long enough for the other side's worker threads to stop spinning (OpenMP's wait 200 ms for more work). */
const PAUSE_MS = 300;

async function time(work: Work): Promise<number> {
  const start = performance.now();
  const result = await work();
  return typeof result === "number" ? result : performance.now() - start;
}

/**
 * Times ours and theirs in turns, so that whatever else the machine does hits both alike; who goes first alternates
 * too. The first `warmup` rounds are not counted; before each turn there is a pause of `pause` ms.
 */
export async function alternate(
  { ours, theirs }: { ours: Work; theirs: Work },
  { warmup = 3, rounds = 15, pause = PAUSE_MS } = {},
): Promise<{ ours: number; theirs: number }> {
  const times = { ours: [] as number[], theirs: [] as number[] };
  for (let round = -warmup; round < rounds; round++) {
    const order = round % 2 === 0 ? (["ours", "theirs"] as const) : (["theirs", "ours"] as const);
    for (const side of order) {
      await new Promise((resolve) => setTimeout(resolve, pause));
      const ms = await time(side === "ours" ? ours : theirs);
      if (round >= 0) times[side].push(ms);
    }
  }
  return { ours: median(times.ours), theirs: median(times.theirs) };
}

/** For what is over in a few milliseconds: done many times in a row, and its time is that of one. */
export function repeated(work: () => unknown, times: number): Work {
  return () => {
    const start = performance.now();
    for (let i = 0; i < times; i++) work();
    return (performance.now() - start) / times;
  };
}

/** A row from two medians. */
export function row(name: string, peer: string, goal: number, medians: { ours: number; theirs: number }): Row {
  return { name, peer, ...medians, ratio: medians.theirs / medians.ours, goal };
}

function run(command: string, args: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["ignore", 2, 2] });
    child.on("error", reject);
    child.on("exit", (code) =>
      code === 0 ? resolve() : reject(new Error(`${command} ${args.join(" ")} ended with exit code ${code}`)),
    );
  });
}

/** A requirements file's text with that of the files it names by -r. */
function withIncluded(file: string): string {
  return readFileSync(file, "utf8").replace(/^-r (\S+)$/gm, (_, name) => withIncluded(join(dirname(file), name)));
}

/**
 * The Python of the bench's own virtual environment, with bench/requirements-NAME.txt installed. The first call
 * installs (a stamp remembers the file's hash); later ones are instant. Everything pip says goes to stderr.
 */
export async function benchPython(name: string): Promise<string> {
  const requirements = join(folder, `requirements-${name}.txt`);
  const packages = withIncluded(requirements);
  const python = join(environment, "bin", "python");
  const cpuTorch = join(folder, "cpu_torch.py");
  const hash = createHash("sha256").update(packages).update(readFileSync(cpuTorch)).digest("hex");
  const stamp = join(environment, `${name}.sha256`);
  if (existsSync(python) && existsSync(stamp) && readFileSync(stamp, "utf8") === hash) return python;
  if (!existsSync(python)) {
    mkdirSync(dirname(environment), { recursive: true });
    await run("python3", ["-m", "venv", environment]);
  }
  rmSync(stamp, { force: true });
  await run(python, ["-m", "pip", "install", "--disable-pip-version-check", "--no-deps", "-r", requirements]);
  if (/^torch==/m.test(packages) && process.platform === "linux") await run(python, [cpuTorch]);
  writeFileSync(stamp, hash);
  return python;
}

/** A Python process that answers calls (its side is bench/peer.py). */
export class Peer {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { resolve(answer: Answer): void; reject(error: Error): void }>();
  #next = 0;

  constructor(python: string, script: string, environment: Record<string, string> = {}) {
    this.#child = spawn(python, [script], {
      stdio: ["pipe", "pipe", 2],
      env: { ...process.env, PYTHONPATH: folder, ...environment },
    });
    createInterface({ input: this.#child.stdout! }).on("line", (line) => {
      const answer = JSON.parse(line) as Answer & { id: number; error?: string };
      const waiting = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      if (answer.error === undefined) waiting?.resolve(answer);
      else waiting?.reject(new Error(`${script}: ${answer.error}`));
    });
    const fail = (why: string) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`${script}: ${why}`));
      this.#waiting.clear();
    };
    this.#child.on("error", (error) => fail(error.message));
    this.#child.on("exit", (code, signal) => fail(`the peer ended (${signal ?? `exit code ${code}`})`));
    this.#child.stdin!.on("error", () => {}); // a dead peer is reported by its exit
  }

  /** Calls a function of the peer and returns its result with the milliseconds that the peer measured. */
  call<T = unknown>(call: string, args: Record<string, unknown> = {}): Promise<{ result: T; ms: number }> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
      return Promise.reject(new Error(`call of ${call}: the peer has ended`));
    }
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (answer: Answer) => void, reject });
      this.#child.stdin!.write(`${JSON.stringify({ id, call, arguments: args })}\n`);
    });
  }

  /** Work for `alternate`: calls the peer and hands back its own time. */
  timed(call: string, args: Record<string, unknown> = {}): Work {
    return async () => (await this.call(call, args)).ms;
  }

  /** Ends the peer and waits until it is gone. */
  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.stdin!.end();
    await gone;
  }
}

type Answer = { result: unknown; ms: number };
