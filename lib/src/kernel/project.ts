import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder that everything in a notebook is relative to: the one whose package.json has our workspace. */
export function projectRoot(from = dirname(fileURLToPath(import.meta.url))): string {
  for (let folder = from; ; folder = dirname(folder)) {
    const manifest = join(folder, "package.json");
    if (existsSync(manifest) && JSON.parse(readFileSync(manifest, "utf8")).workspaces !== undefined) return folder;
    if (dirname(folder) === folder) {
      throw new Error(`No package.json with workspaces above ${from}: the kernel has been moved out of its project`);
    }
  }
}
