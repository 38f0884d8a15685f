// A learner's work and git: a real clone, answers, a `git pull` of changed lessons, a rebuild of the notebooks.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { root } from "../../scripts/master/places.js";

describe("a learner's work", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "rlhf-lab-pull-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const run = (where: string, command: string, ...args: string[]) =>
    execFileSync(command, args, { cwd: join(folder, where), encoding: "utf8", env, stdio: ["ignore", "pipe", "pipe"] });
  const env = { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" } as NodeJS.ProcessEnv;
  for (const name of Object.keys(env))
    if (/^(GIT_(DIR|WORK_TREE|INDEX_FILE)|RLHF_LAB_.*)$/.test(name)) delete env[name];
  const git = (where: string, ...args: string[]) =>
    run(where, "git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org", ...args);
  const edit = (path: string, from: string | RegExp, to: string) => {
    const text = readFileSync(join(folder, path), "utf8");
    expect(text, path).to.match(from instanceof RegExp ? from : new RegExp(from.replace(/[^\w ]/g, "\\$&")));
    writeFileSync(join(folder, path), text.replace(from, to));
  };
  /** What npm start does once the set-up is done. */
  const start = () =>
    JSON.parse(
      run(
        "learner",
        process.execPath,
        "--import=tsx",
        "--input-type=module",
        "-e",
        'const { layOut } = await import("./scripts/start/desk.ts"); console.log(JSON.stringify(layOut().said));',
      ),
    ) as string[];
  const rebuild = (where: string) => run(where, process.execPath, "--import=tsx", "scripts/notebooks.ts");

  it("survives git pull and a rebuild of the notebooks, and never stands in git's way", () => {
    // The course as it stands here, as somebody publishes it.
    const files = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "-z"], { cwd: root, encoding: "utf8" });
    for (const file of files
      .split("\0")
      .filter((name) => /^(course|lib|notebooks|scripts|README|package|tsconfig|\.gitignore)/.test(name)))
      if (existsSync(join(root, file))) cpSync(join(root, file), join(folder, "course", file));
    git(".", "init", "-q", "course");
    git("course", "add", "-A");
    git("course", "commit", "-qm", "a course");
    git(".", "clone", "-q", "course", "learner");
    for (const clone of ["course", "learner"]) {
      symlinkSync(join(root, "node_modules"), join(folder, clone, "node_modules"));
      writeFileSync(join(folder, clone, ".git", "info", "exclude"), "node_modules\n");
    }

    expect(start()).to.deep.equal([]);
    const mine = "learner/my-notebooks/07-why-is-the-gradient-so-noisy.ipynb";
    edit(mine, "Exercise 07/score: not written yet.", "what I have found out");
    edit(mine, "# 07 Why is the gradient so noisy?", "# 07 My own title");

    // The lesson gets another paragraph, another exercise another text; the notebooks are built and published.
    const master = "course/course/lessons/07-why-is-the-gradient-so-noisy/lesson.ts";
    edit(master, "// ## The model on one page", "// ## The model, on a new page");
    edit(master, "/** rewards[i] minus the mean of the other rewards. */", "/** A clearer word on this exercise. */");
    rebuild("course");
    git("course", "commit", "-qam", "a clearer lesson");

    git("learner", "pull", "-q");
    const said = start();
    expect(said).to.have.length(1);
    expect(said[0]).to.match(/^07-.* has a new version; your work is in it \(1 answer\)/);
    rebuild("learner");
    expect(start()).to.deep.equal([]);
    const text = readFileSync(join(folder, mine), "utf8");
    for (const part of [
      "what I have found out",
      "07 My own title",
      "The model, on a new page",
      "A clearer word on this exercise",
    ])
      expect(text).to.contain(part);
    expect(text).not.to.contain("Exercise 07/score: not written yet.");
    expect(git("learner", "status", "--porcelain")).to.equal("");
    expect(readFileSync(join(folder, "learner/my-notebooks/Welcome.md"), "utf8")).to.contain("0 of ");
  });
});
