import { createRequire } from "node:module";
import { join } from "node:path";

type Resolver = (request: string, ...rest: unknown[]) => string;

let folder: string | undefined;
let hooked = false;

/**
 * From now on cells that import "rlhf-lab" get the build in this folder. An ES module that is loaded stays loaded under its
 * path for as long as the process lives, so a rebuilt library is loaded from a copy at another path.
 */
export function loadLibraryFrom(fresh: string, dist: string): void {
  const require = createRequire(import.meta.url);
  // While it is remembered as loaded, a name is not resolved again.
  for (const entry of [folder ?? dist, dist]) delete require.cache[join(entry, "index.js")];
  folder = fresh;
  if (hooked) return;
  hooked = true;
  const Module = require("node:module") as { _resolveFilename: Resolver };
  const resolve = Module._resolveFilename;
  Module._resolveFilename = function (this: unknown, request, ...rest) {
    if (request === "rlhf-lab" && folder !== undefined) return join(folder, "index.js");
    return resolve.call(this, request, ...rest);
  };
}
