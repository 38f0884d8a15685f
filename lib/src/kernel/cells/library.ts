import { createRequire } from "node:module";
import { join } from "node:path";

type Resolver = (request: string, ...rest: unknown[]) => string;

let folder: string | undefined;
let hooked = false;

/**
 * From now on cells that import "rlhf-lab" get the build in this folder. An ES module that is loaded stays loaded under its
 * path for as long as the process lives, so a rebuilt library is loaded from a copy at another path.
 */
export function loadLibraryFrom(fresh: string): void {
  folder = fresh;
  if (hooked) return;
  hooked = true;
  const Module = createRequire(import.meta.url)("node:module") as { _resolveFilename: Resolver };
  const resolve = Module._resolveFilename;
  Module._resolveFilename = function (this: unknown, request, ...rest) {
    if (request === "rlhf-lab" && folder !== undefined) return join(folder, "index.js");
    return resolve.call(this, request, ...rest);
  };
}
