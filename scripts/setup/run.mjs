// Runs a tool under the guard, its output in the log.
import { spawn } from "node:child_process";
import { appendFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { isRunning } from "./lock.mjs";
import { logFile, root, state } from "./places.mjs";

const GUARD = fileURLToPath(new URL("guard.mjs", import.meta.url));
const TAIL = 100_000; // characters kept, in which causes of a failure are looked for

const RUNNING = join(state, "setup", "running"); // one empty file per guard, named by its process id

/**
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, limit?: number, stop?: AbortSignal, onLine?: (line: string) =>
 *   void }} [options] limit: in ms, after which the tool is stopped
 * @returns {Promise<{ ok: boolean, code: number, output: string }>} output: its end, both streams
 */
export function run(command, args, { cwd = root, env = process.env, limit, stop, onLine } = {}) {
  log(`\n$ ${[command, ...args].join(" ")}\n`);
  return new Promise((resolve) => {
    const guard = spawn(process.execPath, [GUARD, command, ...args], {
      cwd,
      env,
      stdio: ["pipe", "pipe", "pipe"],
      detached: true, // Ctrl-C reaches us alone; we end the rest in order
    });
    const sign = join(RUNNING, String(guard.pid));
    mkdirSync(RUNNING, { recursive: true });
    writeFileSync(sign, "");
    let output = "";
    const take = (chunk) => {
      const text = String(chunk);
      log(text);
      output = (output + text).slice(-TAIL);
      const line = text.trim().split("\n").at(-1);
      if (line) onLine?.(line);
    };
    guard.stdout.on("data", take);
    guard.stderr.on("data", take);
    guard.stdin.on("error", () => {});
    const end = () => guard.stdin.end();
    stop?.addEventListener("abort", end, { once: true });
    const timer = limit && setTimeout(end, limit);
    guard.on("close", (code) => {
      rmSync(sign, { force: true });
      clearTimeout(timer);
      stop?.removeEventListener("abort", end);
      resolve({ ok: code === 0, code: code ?? 1, output });
    });
  });
}

/** Waits until the tools of a set-up that was killed have ended (its guards see to that, in seconds). */
export async function leftoversEnded() {
  mkdirSync(RUNNING, { recursive: true });
  for (const pid of readdirSync(RUNNING)) {
    for (let waited = 0; waited < 15_000 && isRunning(Number(pid)); waited += 50) await sleep(50);
    rmSync(join(RUNNING, pid), { force: true });
  }
}

/** Appends to the log; a full disk must not hide the error that is being logged. */
export function log(text) {
  try {
    appendFileSync(logFile, text);
  } catch {
    // the log is a help, not a need
  }
}
