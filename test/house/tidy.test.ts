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
  it("is formatted and linted (npm run format mends most of it)", async () => {
    expect(await complaints("node_modules/@biomejs/biome/bin/biome", "check", ".")).to.equal("");
  });

  it("has sound types", async () => {
    expect(await complaints("node_modules/typescript/bin/tsc", "--noEmit")).to.equal("");
  });

  it("has sound types in the scripts that run before anything is installed", async () => {
    expect(await complaints("node_modules/typescript/bin/tsc", "--noEmit", "-p", "scripts")).to.equal("");
  });
});
