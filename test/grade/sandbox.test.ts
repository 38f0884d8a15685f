import { spawnSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { expect } from "chai";
import { projectRoot } from "../../course/src/grade/grader/grade.js";
import {
  commandLine,
  environment,
  prepareSandbox,
  removeSandbox,
  type Sandbox,
} from "../../course/src/grade/grader/sandbox.js";
import { lessonFiles } from "../../scripts/master/course.js";

// The operating system's walls alone, without Node's permission model in front of them: what native code would meet.
describe("the sandbox's namespaces", () => {
  let sandbox: Sandbox;
  before(function () {
    sandbox = prepareSandbox(projectRoot);
    if (!sandbox.namespaces) this.skip();
  });
  after(() => removeSandbox(sandbox));

  /** What a script says (its last expression), or "Error CODE". */
  const inside = (script: string): string => {
    const work = join(sandbox.home, "work");
    const attempt = `try { ${script} } catch (e) { console.log("Error", e.code ?? e.message) }`;
    const limits = { memory: 1024, cpu: 10, addons: false };
    const [command, ...args] = commandLine(sandbox, limits, work, ["-e", attempt]);
    const { stdout, stderr } = spawnSync(command, args, { cwd: "/", env: environment(work), encoding: "utf8" });
    return `${stdout}${stderr}`.trim();
  };
  const read = (path: string) => inside(`console.log(fs.readFileSync(${JSON.stringify(path)}, "utf8").length)`);
  const write = (path: string) => inside(`fs.writeFileSync(${JSON.stringify(path)}, "x"); console.log("written")`);

  it("hold the library, and none of the checks, sources, solutions or system files", () => {
    expect(Number(read(join(sandbox.lab, "lib", "dist", "index.js")))).to.be.greaterThan(0);
    expect(Number(read(join(sandbox.lab, "course", "dist", "src", "index.js")))).to.be.greaterThan(0);
    const room = basename(dirname(lessonFiles("checks.ts", ["01"])[0].file));
    for (const path of [
      join(sandbox.lab, "course", "dist", "lessons", room, "checks.js"),
      join(projectRoot, "course", "dist", "lessons", room, "checks.js"),
      join(projectRoot, "node_modules", "rlhf-lab", "package.json"),
      join(projectRoot, "package.json"),
      "/etc/passwd",
    ]) {
      expect(read(path), path).to.equal("Error ENOENT");
    }
  });

  it("let nothing be written but in the working folder, which is gone afterwards", () => {
    const file = join(sandbox.home, "work", "mine");
    expect(write(file)).to.equal("written");
    expect(existsSync(file)).to.equal(false);
    for (const folder of [sandbox.lab, join(projectRoot, "node_modules"), "/usr", "/"]) {
      const path = join(folder, "rlhf-lab-was-here");
      expect(write(path), path).to.equal("Error EROFS");
      if (existsSync(path)) rmSync(path);
      expect(existsSync(path), path).to.equal(false);
    }
  });

  it("limit what the working folder holds", () => {
    const script = `for (let i = 0; i < 100; i++) fs.writeFileSync(process.env.TMPDIR + "/" + i, Buffer.alloc(2 ** 20));`;
    expect(inside(script)).to.equal("Error ENOSPC");
  });

  it("show no network and no other process, and leave no capability", () => {
    expect(inside("console.log(JSON.stringify(os.networkInterfaces()))")).to.equal("{}");
    const processes = inside('console.log(fs.readdirSync("/proc").filter((name) => /^[0-9]+$/.test(name)).length)');
    expect(Number(processes)).to.be.at.most(2);
    // Signal 0 only asks.
    expect(inside(`process.kill(${process.pid}, 0); console.log("there")`)).to.equal("Error ESRCH");
    expect(inside('console.log(child_process.spawnSync("setpriv", ["--dump"]).stdout.toString())'))
      .to.match(/Capability bounding set: \[none\]/)
      .and.to.match(/no_new_privs: 1/);
    expect(
      inside('console.log(String(child_process.spawnSync("mount", ["-t", "tmpfs", "x", "/usr"]).stderr))'),
    ).to.contain("permission denied");
  });
});
