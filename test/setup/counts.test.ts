import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect } from "chai";
import { temporaryFolder } from "./folder.js";

const lastLine = (text: string) => text.trim().split("\n").at(-1);

describe("the line `N passed, N failed`", () => {
  const folder = temporaryFolder();

  for (const mode of ["--no-parallel", "--parallel"]) {
    it(`ends what mocha says (${mode})`, () => {
      const write = (name: string, text: string) => writeFileSync(join(folder.path, name), text);
      write(
        "a.cjs",
        `describe("a", () => { it("one", () => {}); it("two", () => { throw new Error("of no use"); }); });`,
      );
      write("b.cjs", `it("three", () => {}); it("four", () => {}); it.skip("five", () => {});`);
      write("c.cjs", `describe("c", () => { before(() => { throw new Error("hook"); }); it("six", () => {}); });`);
      const args = ["--no-config", mode, "--reporter", "scripts/test/reporter.cjs", join(folder.path, "*.cjs")];
      const env = { ...process.env, MOCHA_WORKER_ID: undefined };
      const { status, stdout } = spawnSync(process.execPath, ["node_modules/mocha/bin/mocha.js", ...args], {
        env,
        encoding: "utf8",
      });
      expect(lastLine(stdout)).to.equal("3 passed, 2 failed, 1 skipped");
      expect(stdout).to.contain("of no use").and.to.contain("a two");
      expect(status).not.to.equal(0);
    });
  }

  /** .ci/run with an npm that prints what each of the seven commands is to print, and ends with that code. */
  const ci = (answers: Record<string, [string, number]>) => {
    mkdirSync(join(folder.path, ".ci"));
    cpSync(resolve(".ci/run"), join(folder.path, ".ci", "run"));
    const cases = Object.entries(answers).map(([args, [text, code]]) => `"${args}") printf '${text}'; exit ${code};;`);
    writeFileSync(join(folder.path, "npm"), `#!/bin/sh\ncase "$*" in ${cases.join("\n")} esac\n`, { mode: 0o755 });
    const env = { ...process.env, PATH: `${folder.path}:${process.env.PATH}` };
    const { status, stdout } = spawnSync("bash", [join(folder.path, ".ci", "run")], { env, encoding: "utf8" });
    return { status, last: lastLine(stdout), stdout };
  };

  it("is summed by .ci/run", () => {
    const answers: Record<string, [string, number]> = {
      test: ["12 passed, 3 failed\\nmore\\n20 passed, 0 failed, 2 skipped\\n", 0],
      "run lessons": ["2 passed, 0 failed\\n", 0],
      "run claims -- --minutes 18": ["5 passed, 0 failed\\n", 0],
      "run site": ["4 passed, 0 failed\\n", 0],
      "run test:browser": ["fine\\n", 0],
      "run test:class": ["13 passed, 0 failed\\n", 0],
      "run test:python": ["0 passed, 0 failed, 1 skipped\\n", 0],
    };
    const { status, last, stdout } = ci(answers);
    expect({ status, last }).to.deep.equal({ status: 0, last: "45 passed, 0 failed, 3 skipped" });
    expect(stdout).to.not.contain("the end of");
  });

  it("counts failures in .ci/run, also of a command that ends badly without saying how", () => {
    const answers: Record<string, [string, number]> = {
      test: ["  ✗ a test of ours: 1 is not 2\\nmuch that went well\\n20 passed, 4 failed\\n", 4],
      "run lessons": ["2 passed, 0 failed\\n", 1],
      "run claims -- --minutes 18": ["3 passed, 1 failed\\n", 1],
      "run site": ["1 passed, 0 failed\\n", 0],
      "run test:browser": ["Segmentation fault\\n", 139],
      "run test:class": ["2 passed, 0 failed\\n", 0],
      "run test:python": ["9 passed, 0 failed\\n", 0],
    };
    const { status, last, stdout } = ci(answers);
    expect({ status, last }).to.deep.equal({ status: 1, last: "37 passed, 7 failed" });
    // What failed is told again after the last part, since of a long log only the end may be kept.
    const end = stdout.slice(stdout.lastIndexOf("9 passed, 0 failed"));
    for (const part of ["npm test", "npm run claims", "npm run test:browser"])
      expect(end).to.contain(`the end of ${part}`);
    expect(end).to.contain("✗ a test of ours: 1 is not 2").and.to.not.contain("much that went well");
    expect(end).to.contain("Segmentation fault").and.to.not.contain("the end of npm run test:python");
    expect(end).to.match(/npm run test:browser ended with code 139 after \d+ s/);
  });
});
