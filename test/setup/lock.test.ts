import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { expect } from "chai";
import { withLock } from "../../scripts/setup/lock.mjs";
import { temporaryFolder } from "./folder.js";

const LOCK = resolve("scripts/setup/lock.mjs");

/** A process that takes the lock, writes "in" and "out" to a file around some work, and ends. */
function worker(lock: string, trace: string, work: number): ChildProcess {
  const script = `
    import { appendFileSync } from "node:fs";
    import { withLock } from ${JSON.stringify(LOCK)};
    await withLock(${JSON.stringify(lock)}, async () => {
      appendFileSync(${JSON.stringify(trace)}, "in\\n");
      await new Promise((resolve) => setTimeout(resolve, ${work}));
      appendFileSync(${JSON.stringify(trace)}, "out\\n");
    });`;
  return spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: "inherit" });
}

describe("the set-up lock", () => {
  const folder = temporaryFolder();
  const paths = () => ({ lock: join(folder.path, "lock"), trace: join(folder.path, "trace") });
  const lines = (file: string) => readFileSync(file, "utf8").trim().split("\n");

  it("lets one process in at a time, also when all start on a lock that a dead one left", async () => {
    const { lock, trace } = paths();
    const dead = spawn(process.execPath, ["-e", ""]);
    await once(dead, "exit");
    writeFileSync(lock, JSON.stringify({ pid: dead.pid, host: hostname(), token: "of the dead" }));
    await Promise.all(Array.from({ length: 5 }, () => once(worker(lock, trace, 60), "exit")));
    expect(lines(trace)).to.deep.equal(Array.from({ length: 5 }, () => ["in", "out"]).flat());
    expect(readdirSync(folder.path), "nothing is left behind").to.deep.equal(["trace"]);
  });

  it("is taken over from a holder that was killed", async () => {
    const { lock, trace } = paths();
    const holder = worker(lock, trace, 60_000);
    while (!existsSync(trace)) await new Promise((go) => setTimeout(go, 10));
    holder.kill("SIGKILL");
    await once(holder, "exit");
    expect(existsSync(lock)).to.equal(true);
    expect(await withLock(lock, async () => "mine")).to.equal("mine");
    expect(existsSync(lock)).to.equal(false);
  });

  it("tells who is waited for, once, and is free again after an error", async () => {
    const { lock, trace } = paths();
    const holder = worker(lock, trace, 600);
    while (!existsSync(trace)) await new Promise((go) => setTimeout(go, 10));
    const waits: number[] = [];
    const failing = withLock(
      lock,
      async () => {
        throw new Error("no");
      },
      { onWait: ({ pid }) => waits.push(pid) },
    );
    const error = await failing.catch((reason) => reason);
    expect(error.message).to.equal("no");
    expect(waits).to.deep.equal([holder.pid]);
    expect(lines(trace)).to.deep.equal(["in", "out"]);
    expect(existsSync(lock)).to.equal(false);
  });

  it("is not held by a process of that number which is someone else's: the file must be fresh", async () => {
    const { lock } = paths();
    writeFileSync(lock, JSON.stringify({ pid: process.pid, host: hostname(), token: "from before the reboot" }));
    const { utimesSync } = await import("node:fs");
    utimesSync(lock, new Date(0), new Date(0));
    expect(await withLock(lock, async () => 1)).to.equal(1);
  });
});
