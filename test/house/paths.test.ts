// What is in the repository works on any machine, through any registry.
import { existsSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { git, read, repositoryFiles, root } from "./source.js";

const host = (...parts: string[]) => parts.join("\\.");
/** Package registries and their download hosts; put together here so that this file does not name them. */
const registries = new RegExp(
  [
    host("registry", "npmjs", "org"),
    host("registry", "yarnpkg", "com"),
    host("pypi", "org"),
    host("pypi", "python", "org"),
    host("files", "pythonhosted", "org"),
    host("download", "pytorch", "org"),
    host("npmmirror", "com"),
    host("storage", "googleapis", "com/tensorflow"),
    host("conda", "anaconda", "org"),
    host("proxy", "golang", "org"),
  ].join("|"),
);
/** Folders of one machine: a home, this clone, a fixed temporary folder. */
const places = [
  new RegExp(`${quoted(root)}(?![\\w-])`),
  ...(homedir() === "/" ? [] : [new RegExp(`(?<![\\w.])${quoted(homedir())}(?=[/"'\`\\s]|$)`, "m")]),
  /(?<![\w.-])\/(?:home|Users)\/[a-z]\w*\//,
  /["'`]\/(?:tmp|work|root)\//,
];

function quoted(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

function faults(text: string): string[] {
  const found = registries.exec(text)?.[0];
  const place = places.map((pattern) => pattern.exec(text)?.[0]).find((match) => match !== undefined);
  return [found, place].filter((fault) => fault !== undefined);
}

/** Files people write; data of others may quote anything. */
function isOurText(file: string): boolean {
  if (/^(lib\/datasets|test\/golden)\//.test(file) || /\.(png|jpg|gif|ico|woff2?|gz|zip)$/.test(file)) return false;
  return statSync(join(root, file)).size < 2_000_000 && !/\.min\.js$/.test(file);
}

describe("the repository", () => {
  const files = repositoryFiles();

  it("names no registry's host and no folder of one machine", () => {
    const found = files.filter(isOurText).flatMap((file) => faults(read(file)).map((fault) => `${file}: ${fault}`));
    expect(found).to.deep.equal([]);
  });

  it("would notice one", () => {
    expect(faults(`fetch("https://${["registry", "npmjs", "org"].join(".")}/x")`)).to.have.length(1);
    expect(faults(`const file = "${root}/x";`)).to.have.length(1);
    expect(faults(`open("${["", "tmp", "x"].join("/")}")`)).to.have.length(1);
    expect(faults("the wheel from PyPI, npm's registry, a folder under tmp")).to.have.length(0);
  });

  it("holds notebooks without outputs, as committed", () => {
    const committed = git("ls-files", "-z", "*.ipynb").split("\0").filter(Boolean);
    for (const file of committed) {
      const notebook = JSON.parse(git("show", `:${file}`)) as { cells: Record<string, unknown>[] };
      for (const cell of notebook.cells.filter(({ cell_type }) => cell_type === "code")) {
        expect(cell.outputs, `${file}, cell ${cell.id}`).to.deep.equal([]);
        expect(cell.execution_count, `${file}, cell ${cell.id}`).to.equal(null);
      }
    }
  });

  it("says for every golden number where it comes from", () => {
    const golden = files.filter((name) => name.startsWith("test/golden/") && !name.startsWith("test/golden/make/"));
    // A sub-folder (a model with its weights) is described by its expected.json.
    const described = golden.map((name) => name.replace(/^(test\/golden\/[^/]+)\/.*/, "$1/expected.json"));
    for (const file of new Set(described)) {
      // One record, or a list of them.
      for (const record of [JSON.parse(read(file))].flat() as Record<string, unknown>[]) {
        if (typeof record.made_by === "string") {
          const script = /^[\w./-]+/.exec(record.made_by)?.[0];
          expect(files, `${file}: made_by`).to.include(script);
          continue;
        }
        for (const field of ["source", "desc"]) {
          expect(record[field], `${file}: ${field}`).to.be.a("string").with.length.greaterThan(4);
        }
      }
    }
  });

  it("says for every dataset where it comes from, and under which licence", () => {
    const data = files.filter((file) => /^lib\/datasets\/(?!README)/.test(file));
    if (data.length === 0) return;
    expect(existsSync(join(root, "lib", "datasets", "README.md"))).to.equal(true);
    const page = read("lib/datasets/README.md");
    for (const file of data) expect(page, file).to.include(file.split("/").at(-1)!);
    expect(page).to.match(/licen[cs]e/i);
  });
});
