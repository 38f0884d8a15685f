// The set-up in two parts, and the Dockerfile that relies on it.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { expect } from "chai";
import { root } from "../../scripts/setup/places.mjs";
import { PARTS } from "../../scripts/setup.mjs";
import { temporaryFolder } from "./folder.js";

const lines = readFileSync(join(root, "Dockerfile"), "utf8").split("\n");
const copies = lines
  .filter((line) => line.startsWith("COPY"))
  .map((line) => line.split(/\s+/).filter((word) => !/^(COPY|--.*)$/.test(word)));

describe("the set-up in parts", () => {
  const folder = temporaryFolder();

  /** What the image's folder holds before `packages` runs: everything but the last line of COPY, which takes all. */
  function copyManifests() {
    for (const words of copies.slice(0, -1)) {
      const to = words.at(-1)!;
      for (const from of words.slice(0, -1)) {
        const target = /\/$/.test(to) ? join(folder.path, to, basename(from)) : join(folder.path, to);
        mkdirSync(join(target, ".."), { recursive: true });
        cpSync(join(root, from), target, { recursive: true });
      }
    }
  }

  it("packages need what the Dockerfile copies first, and nothing else of ours", () => {
    expect(copies.at(-1)).to.deep.equal([".", "."]);
    copyManifests();
    for (const step of PARTS.packages) {
      const ours = (step.inputs().files ?? []).map((file) => relative(root, file));
      for (const file of ours.filter((name) => !name.startsWith("node_modules")))
        expect(existsSync(join(folder.path, file)), `${step.name} depends on ${file}`).to.equal(true);
    }
    // With these files alone the program starts: it finds its own parts.
    const { status, stderr } = spawnSync(process.execPath, ["scripts/setup.mjs", "nothing"], {
      cwd: folder.path,
      encoding: "utf8",
    });
    expect(status).to.equal(1);
    expect(stderr).to.include("Usage: node scripts/setup.mjs [packages | project]");
  });

  it("the image runs the parts in their order, and says in its first line what was not tried", () => {
    const runs = lines.flatMap((line) => line.match(/^RUN node scripts\/setup\.mjs (\w+)/)?.[1] ?? []);
    expect(runs).to.deep.equal(Object.keys(PARTS));
    expect(lines[0]).to.match(/^# Not built yet/);
  });

  it("the image takes along nothing of whoever builds it: no answers, no state, no environment", () => {
    const ignored = readFileSync(join(root, ".dockerignore"), "utf8").trim().split("\n");
    expect(ignored).to.include.members(["my-notebooks", ".rlhf-lab", ".venv", ".git"]);
  });

  it("does a part that is done already without a word, and refuses what it does not know", () => {
    const run = (...args: string[]) =>
      spawnSync(process.execPath, [join(root, "scripts", "setup.mjs"), ...args], { encoding: "utf8" });
    for (const bad of [["constructor"], ["packages", "project"], ["--help"]])
      expect(run(...bad).stderr).to.include("Usage: node scripts/setup.mjs");
    expect(run("project")).to.deep.include({ status: 0, stdout: "" });
  });
});
