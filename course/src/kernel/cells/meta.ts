import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

/**
 * What `import.meta` is in a cell. A cell is no file; it counts as one in the project's root, where cells run, so that
 * `new URL("./package.json", import.meta.url)` finds what `"./package.json"` finds. A file that
 * a cell imports is itself.
 */
export function metaOf(root: string): (path?: string) => Pick<ImportMeta, "url" | "dirname" | "filename" | "resolve"> {
  return (path = join(root, "cell.ts")) => ({
    url: pathToFileURL(path).href,
    filename: path,
    dirname: dirname(path),
    resolve(specifier) {
      if (/^\.{0,2}\//.test(specifier)) return new URL(specifier, pathToFileURL(path)).href;
      const found = createRequire(path).resolve(specifier);
      return found.startsWith("/") ? pathToFileURL(found).href : found;
    },
  });
}
