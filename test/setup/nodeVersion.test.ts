import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { temporaryFolder } from "./folder.js";

describe("the version of Node", () => {
  const folder = temporaryFolder();
  /** What scripts/setup/nodeVersion.mjs does in a Node that says it is of that version. */
  const tryWith = (version: string) => {
    const pretend = join(folder.path, "pretend.cjs");
    writeFileSync(pretend, `Object.defineProperty(process, "versions", { value: { node: "${version}" } });`);
    return spawnSync(process.execPath, ["--require", pretend, "scripts/setup/nodeVersion.mjs"], { encoding: "utf8" });
  };

  for (const version of ["18.20.0", "20.18.1", "8.17.0"]) {
    it(`refuses ${version} in one sentence`, () => {
      const { status, stderr } = tryWith(version);
      expect(status).to.equal(1);
      expect(stderr.trim().split("\n")).to.have.length(1);
      expect(stderr).to.contain("needs Node >= 20.19").and.to.contain(version);
    });
  }

  for (const version of ["20.19.0", "22.0.0", "24.1.0"]) {
    it(`accepts ${version}`, () => {
      expect(tryWith(version)).to.include({ status: 0, stderr: "" });
    });
  }
});
