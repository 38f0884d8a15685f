import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect } from "chai";

const run = promisify(execFile);

/** Runs a tool of node_modules and returns what it said if it found something. */
async function complaints(script: string, ...args: string[]): Promise<string> {
  try {
    await run(process.execPath, [script, ...args], { maxBuffer: 1e8 });
    return "";
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    return `${stdout}\n${stderr}`.trim() || String(error);
  }
}

describe("the house", () => {
  it("is formatted and linted (npm run format mends most of it)", async function () {
    this.timeout(60_000);
    expect(await complaints("node_modules/@biomejs/biome/bin/biome", "check", ".")).to.equal("");
  });

  it("has sound types", async function () {
    this.timeout(120_000);
    expect(await complaints("node_modules/typescript/bin/tsc", "--noEmit")).to.equal("");
  });

  it("has sound types in the scripts that run before anything is installed", async function () {
    this.timeout(120_000);
    expect(await complaints("node_modules/typescript/bin/tsc", "--noEmit", "-p", "scripts")).to.equal("");
  });
});
