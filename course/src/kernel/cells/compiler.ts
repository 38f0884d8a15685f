import { createRequire } from "node:module";
import { join } from "node:path";
import type { CellConverter } from "./converter.js";
import { kept, librariesState } from "./kept.js";
import type { Scripts } from "./scripts.js";

/** The compiler, ready for a session's first cell: out of the snapshot that this process started from, or made here. */
export async function compiler(
  root: string,
  scripts: Scripts,
  protect: <T>(run: () => T) => T,
): Promise<CellConverter> {
  if (kept === undefined) {
    const { CellConverter } = await import("./converter.js");
    const converter = new CellConverter(root, scripts, protect);
    // The first conversion makes the compiler's global types; better now than in the learner's first cell.
    converter.convert("", "1 + 1");
    return converter;
  }
  const { cache } = createRequire(import.meta.url);
  for (const [path, exports] of kept.modules) {
    const module = { id: path, filename: path, path, loaded: true, children: [], paths: [], exports };
    cache[path] = module as unknown as NodeJS.Module;
  }
  if (librariesState(root) !== kept.libraries) {
    for (const name of ["lib", "course"]) kept.converter.changed(join(root, name, "dist"));
  }
  return kept.converter.continue(scripts, protect);
}
