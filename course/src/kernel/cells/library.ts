import { createRequire } from "node:module";
import { join, relative, sep } from "node:path";
import type { Rebuilt } from "../messages.js";

type Resolver = (request: string, ...rest: unknown[]) => string;

let packages: readonly Rebuilt[] = [];
let hooked = false;

/**
 * From now on cells that import "rlhf-lab" or "rlhf-lab-course", by whichever door, get the copies of these builds,
 * where there are any. An ES module that is loaded stays loaded under its path for as long as the process lives, so
 * what has been rebuilt is loaded from a copy at another path.
 */
export function loadPackagesFrom(rebuilt: readonly Rebuilt[]): void {
  if (rebuilt.every(({ fresh }) => fresh === undefined)) return;
  const require = createRequire(import.meta.url);
  // While it is remembered as loaded, a name is not resolved again.
  for (const path of Object.keys(require.cache)) {
    for (const { dist, fresh } of [...packages, ...rebuilt]) {
      if (inside(path, dist) || (fresh !== undefined && inside(path, fresh))) delete require.cache[path];
    }
  }
  packages = rebuilt;
  if (hooked) return;
  hooked = true;
  const Module = require("node:module") as { _resolveFilename: Resolver };
  const resolve = Module._resolveFilename;
  Module._resolveFilename = function (this: unknown, request, ...rest) {
    const path = resolve.call(this, request, ...rest);
    if (!/^rlhf-lab(-course)?(\/|$)/.test(request)) return path;
    const { dist, fresh } = packages.find((one) => inside(path, one.dist)) ?? {};
    return dist !== undefined && fresh !== undefined ? join(fresh, relative(dist, path)) : path;
  };
}

const inside = (path: string, parent: string) => path.startsWith(parent + sep);
