// One door for each topic: listed in lib/package.json, held to the folders, and the only way in for lessons.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { allDoors, doors, importsOf, read, repositoryFiles, root } from "./source.js";

const manifest = JSON.parse(read("lib/package.json")) as {
  exports: Record<string, { types: string; default: string }>;
};
const files = repositoryFiles();
const listed = doors();

/** Doors within a topic, beside its tensors': what costs more than the topic should. */
const within: Record<string, string> = {
  "rlhf-lab/worlds/text": "lib/src/worlds/text/index.ts", // a book is read by Node
};

/** Names that a door exports, by importing it. */
const exportsOf = async (name: string) => Object.keys((await import(name)) as object);

describe("the doors of rlhf-lab", () => {
  it("are the folders of lib/src, one by one", () => {
    const expected = new Map(Object.entries({ "rlhf-lab": "lib/src/index.ts", ...within }));
    for (const file of files) {
      const [, topic, door] = /^lib\/src\/([^/]+)\/(index|tensor)\.ts$/.exec(file) ?? [];
      if (topic === undefined) continue;
      expected.set(`rlhf-lab/${topic}${door === "index" ? "" : "/tensor"}`, file);
    }
    expect(new Map(listed.map(({ name, source }) => [name, source]))).to.deep.equal(expected);
    for (const { name, source } of listed) expect(existsSync(join(root, source)), name).to.equal(true);
  });

  it("lead to declarations and code of the same file, in alphabetical order", () => {
    for (const [path, entry] of Object.entries(manifest.exports)) {
      expect(Object.keys(entry), path).to.deep.equal(["types", "default"]);
      expect(entry.default, path).to.equal(entry.types.replace(/\.d\.ts$/, ".js"));
    }
    const paths = Object.keys(manifest.exports);
    expect(paths).to.deep.equal([...paths].sort());
  });

  it("have each name once; the root has the words of every lesson, and no more", async () => {
    const seen = new Map<string, string>();
    const twice: string[] = [];
    for (const { name } of listed.filter(({ name: door }) => door !== "rlhf-lab")) {
      for (const word of await exportsOf(name)) {
        if (seen.has(word)) twice.push(`${word}: ${seen.get(word)}, ${name}`);
        seen.set(word, name);
      }
    }
    expect(twice).to.deep.equal([]);
    expect(seen.size).to.be.greaterThan(600);
    const words = await exportsOf("rlhf-lab");
    expect(words).to.include.members(["key", "mean", "show", "table", "DomainError"]);
    expect(words.length).to.be.within(40, 65);
  });

  it("that were there before lesson 11 are all open in rlhf-lab-course/all, for notebooks from before there were doors", async () => {
    const all = new Set(await exportsOf("rlhf-lab-course/all"));
    expect(all.size).to.be.greaterThan(700);
    const inside = importsOf("course/src/all.ts").map(({ to }) => to);
    // A name that two of them had would silently be in neither.
    const missing: string[] = [];
    for (const name of ["rlhf-lab", "rlhf-lab-course", ...inside.filter((door) => door.startsWith("rlhf-lab"))]) {
      missing.push(...(await exportsOf(name)).filter((word) => !all.has(word)));
    }
    expect(missing).to.deep.equal([]);
    for (const old of ["kemeny", "dpoLoss", "mobyDick", "trainPolicy", "phraseTask", "frame", "check"])
      expect(all).to.include(old);
  });

  it("are what lessons, tests and bench import by name", () => {
    const known = new Set(allDoors().map(({ name }) => name));
    const users = files.filter((file) => /^(course|test|bench|scripts)\/.*\.ts$/.test(file));
    const imports = users.flatMap((file) => importsOf(file)).filter(({ to }) => /^rlhf-lab(-course)?(\/|$)/.test(to));
    expect(imports.length).to.be.greaterThan(100);
    expect(imports.filter(({ to }) => !known.has(to)).map(({ from, to }) => `${from} imports ${to}`)).to.deep.equal([]);
    const lazy = imports.filter(({ from, to }) => to === "rlhf-lab-course/all" && from.startsWith("course/"));
    expect(lazy.map(({ from }) => from)).to.deep.equal([]);
  });
});
