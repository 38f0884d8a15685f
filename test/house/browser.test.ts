// What needs no tensor runs in a browser as well: no node: module and no TensorFlow on the way, and small.
import { builtinModules } from "node:module";
import { gzipSync } from "node:zlib";
import { expect } from "chai";
import { build } from "esbuild";
import { root } from "./source.js";

/** Doors of float64 -> how large they may be in a browser, together where they are named together: kB (1000 bytes), minified, gzip. */
const limits: Record<string, number> = {
  random: 5,
  numerics: 60, // 32 of them the HiGHS solver's loader
  tokenizers: 5,
  "trees + mdp": 40,
  preferences: 90,
  rewards: 90,
  policy: 120,
  worlds: 120,
  notebook: 20,
};
// The root is missing as long as it holds `check`, which belongs to the course and reads files.

/** Size in kB of a program for browsers; what it would still ask of its surroundings. */
async function bundle(source: string): Promise<{ size: number; asks: string[] }> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: source, resolveDir: root, loader: "ts" },
    bundle: true,
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
  return { size: gzipSync(outputFiles[0].contents).length / 1000, asks };
}

const door = (name: string) => `export * from "./lib/src/${name}/index.ts";\n`;

describe("in a browser", () => {
  for (const [names, limit] of Object.entries(limits)) {
    it(`${names} asks for nothing and takes at most ${limit} kB`, async () => {
      const { size, asks } = await bundle(names.split(" + ").map(door).join(""));
      expect(asks).to.deep.equal([]);
      expect(size).to.be.within(1, limit);
    });
  }

  it("a door of Node's or of TensorFlow's would be noticed", async () => {
    expect((await bundle(door("data"))).asks).to.include("node:fs");
    expect((await bundle('export * from "./lib/src/tensor/tf.ts";')).asks).to.not.deep.equal([]);
    expect((await bundle('import("node:fs");')).asks).to.deep.equal(["node:fs"]);
  });
});
