// What needs no tensor runs in a browser as well: no node: module and no TensorFlow on the way, and small.
import { builtinModules } from "node:module";
import { basename } from "node:path";
import { gzipSync } from "node:zlib";
import { expect } from "chai";
import { build } from "esbuild";
import { root } from "./source.js";

/**
 * Doors of float64 -> how large they may be in a browser, together where they are named together: kB (1000 bytes),
 * minified, gzip. What loads at once counts; the HiGHS solver's loader, 32 kB, comes with the first linear program.
 */
const limits: Record<string, number> = {
  root: 60,
  core: 5,
  random: 5,
  numerics: 30,
  tokenizers: 5,
  "trees + mdp + games": 40,
  constitution: 60,
  preferences: 90,
  rewards: 90,
  policy: 120,
  robust: 90,
  safety: 60,
  selfplay: 60,
  worlds: 120,
  notebook: 20,
};

/**
 * Size in kB of a program for browsers: what loads at once, and what later; and what it would still
 * ask of its surroundings.
 */
async function bundle(source: string): Promise<{ size: number; later: number; asks: string[] }> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: source, resolveDir: root, loader: "ts" },
    bundle: true,
    splitting: true,
    outdir: "/",
    write: false,
    format: "esm",
    minify: true,
    platform: "browser",
    external: [...builtinModules, "node:*", "@tensorflow/*", "danfojs-node"],
    metafile: true,
    logLevel: "silent",
  });
  // The solver's loader asks for node:module where it finds itself in Node.
  const asks = Object.values(metafile.inputs)
    .flatMap(({ imports }) => imports)
    .filter(({ external, path, kind }) => external === true && !(path === "node:module" && kind === "dynamic-import"))
    .map(({ path }) => path);
  // The entry, and the pieces that it cannot start without.
  const outputs = new Map(Object.entries(metafile.outputs).map(([path, output]) => [basename(path), output]));
  const atOnce = new Set<string>();
  const reach = (name: string) => {
    if (atOnce.has(name)) return;
    atOnce.add(name);
    for (const { path, kind } of outputs.get(name)?.imports ?? [])
      if (kind === "import-statement") reach(basename(path));
  };
  reach("stdin.js");
  const size = (files: typeof outputFiles) =>
    files.reduce((sum, { contents }) => sum + gzipSync(contents).length, 0) / 1000;
  const first = outputFiles.filter(({ path }) => atOnce.has(basename(path)));
  return { size: size(first), later: size(outputFiles) - size(first), asks };
}

const door = (name: string) => `export * from "./lib/src/${name === "root" ? "" : `${name}/`}index.ts";\n`;

describe("in a browser", () => {
  for (const [names, limit] of Object.entries(limits)) {
    it(`${names} asks for nothing and takes at most ${limit} kB`, async () => {
      const { size, later, asks } = await bundle(names.split(" + ").map(door).join(""));
      expect(asks).to.deep.equal([]);
      expect(size).to.be.within(0.1, limit);
      expect(later).to.be.below(35);
    });
  }

  it("a door of Node's or of TensorFlow's would be noticed", async () => {
    expect((await bundle(door("data"))).asks).to.include("node:fs");
    expect((await bundle('export * from "./lib/src/tensor/tf.ts";')).asks).to.not.deep.equal([]);
    expect((await bundle('import("node:fs");')).asks).to.deep.equal(["node:fs"]);
  });
});
