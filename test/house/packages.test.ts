import { expect } from "chai";
import { importsOf, read, repositoryFiles } from "./source.js";

interface Manifest {
  scripts?: Record<string, string>;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  peerDependenciesMeta?: Record<string, { optional: boolean }>;
}

const rootManifest = JSON.parse(read("package.json")) as Manifest;
const libManifest = JSON.parse(read("lib/package.json")) as Manifest & { version: string };
const courseManifest = JSON.parse(read("course/package.json")) as Manifest & { version: string };
const files = repositoryFiles();
const exact = /^\d+\.\d+\.\d+(-[\w.]+)?$/;

/** "@scope/name/deep" -> "@scope/name". */
const packageOf = (specifier: string) => specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");

describe("packages", () => {
  it("are pinned exactly, and alike in the root, in lib and in course", () => {
    const pins = new Map<string, string>();
    for (const manifest of [rootManifest, libManifest, courseManifest]) {
      for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
        expect(version, name).to.match(exact);
        if (pins.has(name)) expect(version, `${name}, elsewhere`).to.equal(pins.get(name));
        pins.set(name, version);
      }
    }
    expect(rootManifest.dependencies?.["rlhf-lab"]).to.equal(libManifest.version);
    expect(courseManifest.dependencies?.["rlhf-lab"]).to.equal(libManifest.version);
    expect(rootManifest.dependencies?.["rlhf-lab-course"]).to.equal(courseManifest.version);
  });

  it("that write the reference are pinned, beside a TypeScript of their own; the site draws with JupyterLab's plotly", () => {
    const docs = (JSON.parse(read("docs/package.json")) as Manifest).devDependencies ?? {};
    for (const [name, version] of Object.entries(docs)) expect(version, name).to.match(exact);
    expect(docs.typescript, "typedoc knows no newer one").to.match(/^5\./);
    const { dependencies, devDependencies } = rootManifest;
    expect(devDependencies?.["plotly.js-cartesian-dist-min"]).to.equal(dependencies?.["plotly.js-dist"]);
  });

  it("are pinned for Python as well", () => {
    for (const file of files.filter((name) => /(^|\/)requirements[^/]*\.txt$/.test(name))) {
      const lines = read(file)
        .split(/\r?\n/)
        .map((line) => line.replace(/(^|\s)#.*$/, "").trim());
      for (const line of lines) {
        // Hashes and continued lines belong to the pin above them; -r names another such file.
        if (line === "" || /^(-r\s|--hash=)/.test(line)) continue;
        expect(line, file).to.match(/^[A-Za-z0-9._-]+(\[[\w,-]+\])?==[\w.+!]+(\s*;.*)?(\s*\\)?$/);
      }
    }
  });

  it("that lib and course import are named in their manifests", () => {
    const missing = (folder: string, manifest: Manifest) => {
      const named = new Set(Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }));
      // Types alone are needed by who compiles, not by who runs.
      return files
        .filter((file) => file.startsWith(`${folder}/src/`) && file.endsWith(".ts"))
        .flatMap((file) => importsOf(file))
        .filter(({ to, typeOnly }) => !typeOnly && !to.startsWith(`${folder}/`) && !to.startsWith("node:"))
        .filter(({ to }) => !named.has(packageOf(to)))
        .map(({ from, to }) => `${from} imports ${to}`);
    };
    expect([...missing("lib", libManifest), ...missing("course", courseManifest)]).to.deep.equal([]);
  });

  it("that lib needs are two; the others are peers that may be missing, and the course has them all", () => {
    expect(Object.keys(libManifest.dependencies ?? {})).to.deep.equal(["highs", "ml-matrix"]);
    const peers = Object.keys(libManifest.peerDependencies ?? {});
    expect(Object.keys(libManifest.peerDependenciesMeta ?? {})).to.deep.equal(peers);
    for (const name of peers) {
      expect(libManifest.peerDependenciesMeta?.[name], name).to.deep.equal({ optional: true });
      expect(courseManifest.dependencies, name).to.have.property(name);
    }
  });

  it("in the lock file come from no named host", () => {
    const lock = read("package-lock.json");
    expect(lock).to.not.match(/"resolved": "https?:/);
    expect(lock.match(/"integrity": "sha512-/g) ?? []).to.have.length.greaterThan(100);
  });

  it("have the commands that the pages promise", () => {
    const pages = files.filter((file) => file.endsWith(".md"));
    expect(pages).to.include("README.md");
    const missing: string[] = [];
    for (const page of pages) {
      for (const [, script, short] of read(page).matchAll(/\bnpm (?:run (?:-s )?([a-z][\w:-]*)|(start|test)\b)/g)) {
        const name = script ?? short;
        if (rootManifest.scripts?.[name] === undefined) missing.push(`${page}: npm run ${name}`);
      }
    }
    expect(missing).to.deep.equal([]);
  });
});
