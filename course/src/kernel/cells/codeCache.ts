import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire, Module } from "node:module";
import { basename, dirname, join } from "node:path";
import { Script } from "node:vm";

/**
 * Requires a large CommonJS file with V8's compiled code kept on disk: half a second less each time a kernel starts. V8
 * itself refuses a cache of another version of itself or of the file.
 *
 * @returns a function that writes the cache if there was no good one; call it when the file's functions have been
 *   used, since only functions that have run are in it
 */
export function requireWithCodeCache(path: string, folder: string): () => void {
  const cache = join(folder, `${basename(path)}-${process.version}.cache`);
  const source = readFileSync(path, "utf8");
  const cachedData = readCache(cache);
  const wrapped = `(function (exports, require, module, __filename, __dirname) { ${source}\n})`;
  const script = new Script(wrapped, { filename: path, cachedData });
  const require = createRequire(path);
  const module = new Module(path) as Module & { loaded: boolean };
  module.filename = path;
  script.runInThisContext()(module.exports, require, module, path, dirname(path));
  module.loaded = true;
  require.cache[path] = module as NodeJS.Module;
  return () => {
    if (cachedData === undefined || script.cachedDataRejected) writeCache(cache, script.createCachedData());
  };
}

function readCache(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

/** Several kernels may start at once: whole files only. A project that cannot be written to does without. */
function writeCache(path: string, data: Buffer): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.${process.pid}`, data);
    renameSync(`${path}.${process.pid}`, path);
  } catch {}
}
