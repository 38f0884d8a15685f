import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { type BuildOptions, build } from "esbuild";

const root = join(import.meta.dirname, "..");
const made = new Map<string, Promise<string>>();

/**
 * A program of the project as one file of JavaScript, for tests that start processes: Node starts that a second or two
 * (of its processor's time) sooner than tsx starts the sources. It believes to be where its sources are.
 */
export function program(entry: string): Promise<string> {
  const banner = { js: `process.argv[1] = ${JSON.stringify(entry)};` };
  return once(basename(entry, ".ts"), { entryPoints: [entry], banner });
}

/** The same of a module's text, which imports from the project's root. */
export function programOf(code: string): Promise<string> {
  const name = createHash("sha256").update(code).digest("hex").slice(0, 16);
  return once(name, { stdin: { contents: code, resolveDir: root, loader: "ts" } });
}

function once(name: string, what: BuildOptions): Promise<string> {
  const one = made.get(name) ?? make(name, what);
  made.set(name, one);
  return one;
}

async function make(name: string, what: BuildOptions): Promise<string> {
  const { outputFiles } = await build({
    ...what,
    bundle: true,
    write: false,
    platform: "node",
    format: "esm",
    target: "node20",
    packages: "external",
    tsconfig: join(root, "tsconfig.json"),
    plugins: [
      {
        name: "where the sources are",
        setup: ({ onLoad }) => onLoad({ filter: /\.ts$/ }, ({ path }) => ({ loader: "ts", contents: placed(path) })),
      },
    ],
  });
  // Below the root, where packages are found. Another worker of mocha may make the same one.
  const file = join(root, ".rlhf-lab", "programs", `${name}.mjs`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.${process.pid}`, outputFiles![0]!.text);
  renameSync(`${file}.${process.pid}`, file);
  return file;
}

const placed = (path: string) =>
  readFileSync(path, "utf8")
    .replaceAll("import.meta.url", JSON.stringify(pathToFileURL(path).href))
    .replaceAll("import.meta.dirname", JSON.stringify(dirname(path)))
    .replaceAll("import.meta.filename", JSON.stringify(path));
