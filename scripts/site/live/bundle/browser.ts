// How the library is bundled for a page: from its sources, with what stands in for Node.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { join } from "node:path";
import type { BuildOptions, OnLoadResult, Plugin } from "esbuild";
import { lessonFiles, root } from "../../../master/course.js";

const here = join(root, "scripts/site/live/bundle");
const source = (path: string) => join(root, path);

/** What stands in for modules of Node's; of all others every function refuses. */
const standIns: Record<string, string> = {
  buffer: source("node_modules/buffer/index.js"),
  crypto: join(here, "node/crypto.ts"),
  fs: join(here, "node/fs.ts"),
  module: join(here, "node/module.ts"),
  util: source("node_modules/node-inspect-extracted/index.mjs"),
};
const node = new Set(builtinModules);

/** The source of a door of ours: "rlhf-lab/policy", "rlhf-lab-course". */
export function doorSource(door: string): string {
  if (door === "rlhf-lab-course") return source("course/src/index.ts");
  if (door.startsWith("rlhf-lab-course/")) return source(`course/src/${door.slice("rlhf-lab-course/".length)}.ts`);
  const path = source(`lib/src${door.slice("rlhf-lab".length)}`);
  return existsSync(join(path, "index.ts")) ? join(path, "index.ts") : `${path}.ts`;
}

/** Bundles TypeScript for a page. */
export const forBrowsers = (virtual: Readonly<Record<string, string>> = {}): BuildOptions => ({
  absWorkingDir: root,
  bundle: true,
  write: false,
  // Names stay: people read those of errors and classes, and a stack is for people.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: "none",
  format: "esm",
  target: "es2022",
  platform: "browser",
  logLevel: "silent",
  metafile: true,
  external: ["@tensorflow/*", "danfojs-node"],
  define: { "import.meta.url": '"file:///rlhf-lab/lib/dist/data/here.js"' },
  inject: [join(here, "node/globals.ts")],
  loader: { ".wasm": "dataurl", ".css": "text" },
  plugins: [ours(virtual)],
});

function ours(virtual: Readonly<Record<string, string>>): Plugin {
  return {
    name: "rlhf-lab",
    setup(build) {
      build.onResolve({ filter: /^rlhf-lab(-course)?(\/|$)/ }, ({ path }) => ({ path: doorSource(path) }));
      build.onResolve({ filter: /^virtual:/ }, ({ path }) => ({ path, namespace: "virtual" }));
      build.onLoad({ filter: /.*/, namespace: "virtual" }, ({ path }) => loadVirtual(virtual, path));
      build.onResolve({ filter: /^(node:)?[a-z_/]+$/ }, ({ path, kind }) => {
        const name = path.replace("node:", "");
        if (kind === "entry-point" || !node.has(name) || (name === "buffer" && path === name)) return undefined;
        return { path: name, namespace: "node", sideEffects: false };
      });
      build.onLoad({ filter: /.*/, namespace: "node" }, ({ path }) => ({ contents: standIn(path), resolveDir: root }));
      build.onResolve({ filter: /^highs$/ }, ({ importer }) =>
        importer === join(here, "node/highs.ts") ? undefined : { path: join(here, "node/highs.ts") },
      );
      // The rooms of the lessons, which the course reads from the disk.
      build.onLoad({ filter: /course\/src\/grade\/rooms\.ts$/ }, () => ({
        contents: roomsOfChecks(),
        loader: "ts",
        resolveDir: source("course/src/grade"),
      }));
    },
  };
}

function loadVirtual(virtual: Readonly<Record<string, string>>, path: string): OnLoadResult {
  if (path === "virtual:datasets") return { contents: `export default ${JSON.stringify(datasets())}` };
  return { contents: virtual[path], loader: "ts", resolveDir: root };
}

/** The small tables of datasets/, as texts. */
function datasets(): Record<string, string> {
  const folder = source("datasets");
  const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
  return Object.fromEntries(files.map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

/** A module of Node's: what stands in for it, and for all else functions that say that they are not here. */
const standIn = (name: string) => `
  const here = ${standIns[name] === undefined ? "{}" : `require(${JSON.stringify(standIns[name])})`};
  const refuse = (what) => function () {
    throw new Error(what + " of Node's ${name} is not in this page: open the lesson in JupyterLab.");
  };
  module.exports = new Proxy(here, {
    get: (_, what) => (what in here || what === "__esModule" ? here[what] : refuse(String(what))),
  });`;

/** rooms.ts of the grader, with the rooms known beforehand. */
function roomsOfChecks(): string {
  const rooms = lessonFiles("checks.ts").map(
    ({ lesson, file }) => `[${JSON.stringify(lesson)}, () => import(${JSON.stringify(file)})]`,
  );
  return `export const roomsWithChecks = () => [${rooms.join(", ")}];`;
}
