import { createRequire } from "node:module";
import { join, relative, sep } from "node:path";

type Resolver = (request: string, ...rest: unknown[]) => string;

let folder: string | undefined;
let built = "";
let hooked = false;

/**
 * From now on cells that import "rlhf-lab", by whichever door, get the build in this folder. An ES module
 * that is loaded stays loaded under its path for as long as the process lives, so a rebuilt library is loaded
 * from a copy at another path.
 */
export function loadLibraryFrom(fresh: string, dist: string): void {
  const require = createRequire(import.meta.url);
  // While it is remembered as loaded, a name is not resolved again.
  for (const path of Object.keys(require.cache)) {
    if (inside(path, dist) || (folder !== undefined && inside(path, folder))) delete require.cache[path];
  }
  folder = fresh;
  built = dist;
  if (hooked) return;
  hooked = true;
  const Module = require("node:module") as { _resolveFilename: Resolver };
  const resolve = Module._resolveFilename;
  Module._resolveFilename = function (this: unknown, request, ...rest) {
    const path = resolve.call(this, request, ...rest);
    const ours = request === "rlhf-lab" || request.startsWith("rlhf-lab/");
    return ours && folder !== undefined && inside(path, built) ? join(folder, relative(built, path)) : path;
  };
}

const inside = (path: string, parent: string) => path.startsWith(parent + sep);
