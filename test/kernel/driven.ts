import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect } from "chai";
import { built } from "../built.js";

const root = join(import.meta.dirname, "..", "..");
const python = join(root, ".venv", "bin", "python");
/** Every driver there is. Each has a test file of its own, so that they run beside each other. */
export const drivers = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith("checks.py"))
  .sort();

interface Verdict {
  name: string;
  ok: boolean;
  detail: string;
}

/**
 * The kernel over real sockets: a driver speaks to it with jupyter_client, as a notebook does, starts few kernels and
 * reports line by line; each of its checks is a test.
 */
export function driven(file: string): void {
  describe(`the kernel, driven by jupyter_client: ${file}`, () => {
    drive(file);
  });
}

function drive(file: string): void {
  const driver = join(import.meta.dirname, file);
  const names: string[] = JSON.parse(execFileSync(python, [driver, "--list"], { encoding: "utf8" }));
  const verdicts = new Map<string, Verdict>();
  const waiting = new Map<string, (verdict: Verdict | undefined) => void>();
  let state: string;
  let child: ChildProcess;
  let ended = false;
  let complaints = "";

  before(() => {
    built(); // the kernel that Jupyter starts is the compiled one
    state = mkdtempSync(join(tmpdir(), "rlhf-lab-kernel-"));
    child = spawn(python, [driver, state], { stdio: ["ignore", "pipe", "pipe"] });
    child.stderr!.on("data", (bytes) => {
      complaints = (complaints + bytes).slice(-4000);
    });
    createInterface(child.stdout!).on("line", (line) => {
      const verdict: Verdict = JSON.parse(line);
      verdicts.set(verdict.name, verdict);
      waiting.get(verdict.name)?.(verdict);
    });
    child.on("close", () => {
      ended = true;
      for (const answer of waiting.values()) answer(undefined);
    });
  });

  after(() => {
    if (!ended) child.kill();
    rmSync(state, { recursive: true, force: true });
  });

  for (const name of names) {
    it(name, async () => {
      const verdict =
        verdicts.get(name) ?? (ended ? undefined : await new Promise((answer) => waiting.set(name, answer)));
      expect(verdict, `the driver ended before this check\n${complaints}`).not.equal(undefined);
      expect((verdict as Verdict).ok, (verdict as Verdict).detail).equal(true);
    });
  }
}
