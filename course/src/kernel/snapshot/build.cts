// The script of `node --build-snapshot`: V8's heap with the compiler in it, as it stands after its first cell. A kernel
// that starts from it has its libraries parsed, bound and checked, which was nine tenths of a start.
//
// It may import nothing but Node's own modules, and Node's loader must not have been used when the heap is written
// (Node 20 stops at the next start), so the few files that the compiler is made of are loaded by a loader of our own.
// What is in the heap stays as it was: no environment, no time, no handle may be kept there.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { startupSnapshot } from "node:v8";

// biome-ignore lint/suspicious/noExplicitAny: what a module exports
type Exports = Record<string, any>;
type Require = ((request: string) => Exports) & {
  resolve(request: string): string;
  cache: Record<string, { exports: Exports }>;
};

const root = process.cwd();
const cells = join(root, "course", "dist", "src", "kernel", "cells");
const cache: Record<string, { exports: Exports }> = {};
// Node's own loader compiles in a way that a snapshot cannot hold.
const instead: Record<string, Exports> = {
  [join(cells, "codeCache.js")]: {
    requireWithCodeCache: (path: string) => {
      load(path);
      return () => {};
    },
  },
};

function resolve(from: string, request: string): string {
  if (request.startsWith("/")) return request;
  if (request.startsWith(".")) {
    const path = join(dirname(from), request);
    return [path, `${path}.js`, join(path, "index.js")].find((file) => /\.\w+$/.test(file) && existsSync(file)) ?? path;
  }
  const [, name = "", file] = /^((?:@[^/]+\/)?[^/]+)(?:\/(.*))?$/.exec(request) ?? [];
  for (let folder = dirname(from); ; folder = dirname(folder)) {
    const home = join(folder, "node_modules", name);
    if (existsSync(home)) {
      const main = file ?? JSON.parse(readFileSync(join(home, "package.json"), "utf8")).main ?? "index.js";
      return resolve(join(home, "package.json"), `./${main}`);
    }
    if (dirname(folder) === folder) throw new Error(`${from} asks for ${request}, which is not installed`);
  }
}

function requireFrom(from: string): Require {
  const require = (request: string): Exports => {
    const name = request.replace(/^node:/, "");
    if (name === "module") return { createRequire: (url: string | URL) => requireFrom(pathOf(url)) };
    return (process.getBuiltinModule(name) as Exports | undefined) ?? load(resolve(from, request));
  };
  return Object.assign(require, { resolve: (request: string) => resolve(from, request), cache });
}

const pathOf = (url: string | URL) => (String(url).startsWith("file:") ? fileURLToPath(url) : String(url));

function load(path: string): Exports {
  if (path in instead) return instead[path]!;
  if (cache[path] !== undefined) return cache[path].exports;
  const module: { exports: Exports } = { exports: {} };
  cache[path] = module;
  const text = readFileSync(path, "utf8");
  if (path.endsWith(".json")) {
    module.exports = JSON.parse(text);
    return module.exports;
  }
  const code = path.startsWith(cells) || path.endsWith("kernel/project.js") ? commonJS(text) : text;
  const wrapper = `(function (exports, require, module, __filename, __dirname) {${code}\n})\n//# sourceURL=${path}`;
  // biome-ignore lint/security/noGlobalEval: of all ways to compile, the one that a snapshot can hold
  globalThis.eval(wrapper)(module.exports, requireFrom(path), module, path, dirname(path));
  return module.exports;
}

/** Our own files are ES modules; the compiler that is to be kept can turn them into the older kind. */
function commonJS(text: string): string {
  const ts = load(compiler);
  const options = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 };
  return ts
    .transpileModule(text, { compilerOptions: options })
    .outputText.replaceAll("import.meta.url", 'require("node:url").pathToFileURL(__filename).href');
}

const converterOfTslab = resolve(join(cells, "main.js"), "tslab/dist/converter.js");
const compiler = resolve(converterOfTslab, "@tslab/typescript-for-tslab");
const { CellConverter } = load(join(cells, "converter.js"));
const { librariesState } = load(join(cells, "kept.js"));
const converter = new CellConverter(root, undefined, (run: () => unknown) => run());
/** Doors that every lesson imports; each more makes a start dearer, and the heap larger. */
const doors = ["rlhf-lab", "rlhf-lab-course", "rlhf-lab/numerics", "rlhf-lab/random"];
// What a session does first: the functions that it needs are compiled, the declarations of the doors parsed and bound.
converter.convert(
  "",
  [...doors.map((name, n) => `import * as door${n} from "${name}";`), "const ready = true;"].join("\n"),
);
converter.convert("", "console.log([1, 2].map((x) => x + 1));");

/** What process 2 finds where it would make it (cells/converter.ts). */
const kept = {
  converter,
  libraries: librariesState(root),
  modules: [converterOfTslab, compiler].map((path) => [path, cache[path]!.exports]),
};
startupSnapshot.setDeserializeMainFunction(() => {
  (globalThis as Exports)[Symbol.for("rlhf-lab.compiler") as never] = kept;
  const [, boot = ""] = process.argv;
  process.getBuiltinModule("node:module").createRequire(boot)(boot);
});
