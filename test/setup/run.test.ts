import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect } from "chai";
import { isRunning } from "../../scripts/setup/lock.mjs";
import { run } from "../../scripts/setup/run.mjs";
import { temporaryFolder } from "./folder.js";

const RUN = resolve("scripts/setup/run.mjs");
const until = async (condition: () => boolean) => {
  for (let waited = 0; waited < 15_000 && !condition(); waited += 20) await new Promise((go) => setTimeout(go, 20));
  return condition();
};

describe("running a tool", () => {
  const folder = temporaryFolder();

  it("gives its exit code and the end of both its streams", async () => {
    const result = await run(process.execPath, ["-e", "console.log('out'); console.error('err'); process.exit(3)"]);
    expect(result.ok).to.equal(false);
    expect(result.code).to.equal(3);
    expect(result.output).to.contain("out").and.to.contain("err");
  });

  it("says so when there is no such tool", async () => {
    const { ok, output } = await run("no-such-tool-anywhere", []);
    expect(ok).to.equal(false);
    expect(output).to.contain("no-such-tool-anywhere");
  });

  it("ends it at the limit, and when asked to", async () => {
    const endless = ["-e", "setInterval(() => {}, 1000)"];
    expect((await run(process.execPath, endless, { limit: 300 })).ok).to.equal(false);
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 300);
    expect((await run(process.execPath, endless, { stop: stop.signal })).ok).to.equal(false);
  });

  it("leaves nothing running when its own process is killed: neither the tool nor the tool's child", async () => {
    const pids = join(folder.path, "pids");
    // A shell that starts a child of its own, as npm and pip do.
    const tool = `echo $$ > ${pids}; sleep 600 & echo $! >> ${pids}; wait`;
    const script = `import { run } from ${JSON.stringify(RUN)}; await run("sh", ["-c", ${JSON.stringify(tool)}]);`;
    const parent = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: "inherit" });
    const read = () => (existsSync(pids) ? readFileSync(pids, "utf8").trim().split("\n").map(Number) : []);
    expect(await until(() => read().length === 2)).to.equal(true);
    expect(read().every(isRunning)).to.equal(true);
    parent.kill("SIGKILL");
    await once(parent, "exit");
    expect(await until(() => !read().some(isRunning)), "ended").to.equal(true);
  });
});
