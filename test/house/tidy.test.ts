import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
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
  it("has what the README names at its top, and nothing that a run left behind", async function () {
    if (!existsSync(".git")) this.skip(); // a copy without its history
    const { stdout } = await run("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { maxBuffer: 1e8 });
    const top = [
      ...new Set(
        stdout
          .trim()
          .split("\n")
          .map((path) => path.split("/")[0]),
      ),
    ];
    const folders = "bench course datasets docs lib notebooks scripts test .ci";
    const files =
      "CONTRIBUTING.md Dockerfile LICENSE README.md biome.json package-lock.json package.json tsconfig.base.json " +
      "tsconfig.json .dockerignore .editorconfig .gitignore .mocharc.json .npmrc";
    expect(top).to.have.members(`${folders} ${files}`.split(" "));
  });

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
