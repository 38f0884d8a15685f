import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { setNotebookHost } from "rlhf-lab/core";

// What every cell has in the notebook, for the grader: figures go nowhere, questions are answered with nothing, and
// modules are found from the project's folder.

const nowhere = () => {};
const require = createRequire(join(process.cwd(), "cell.js"));

/** tslab's own way to show things. */
const display = Object.fromEntries(
  ["javascript", "html", "markdown", "latex", "svg", "png", "jpeg", "gif", "pdf", "text", "raw"].map((kind) => [
    kind,
    nowhere,
  ]),
);
const tslab = { display, newDisplay: () => display };

function load(specifier: string): unknown {
  return specifier === "tslab" ? tslab : require(specifier);
}

/** Names that a cell may use without declaring them, beyond Node's. */
export const ambient = {
  require: Object.assign(load, require),
  exports: {},
  $meta: { url: pathToFileURL(join(process.cwd(), "notebook.ts")).href },
};

/** What `import` in a cell means. A check does nothing here: the judge runs them all, afterwards. */
export async function importForCell(specifier: string): Promise<Record<string, unknown>> {
  if (specifier === "tslab") return { default: tslab, ...tslab };
  if (specifier.endsWith(".json")) {
    const json = require(specifier);
    return { ...json, default: json };
  }
  const isFile = /^\.{0,2}\//.test(specifier);
  const found = await import(isFile ? pathToFileURL(require.resolve(specifier)).href : specifier);
  return /^rlhf-lab(-course)?($|\/)/.test(specifier) && "check" in found
    ? { ...found, check: async () => undefined }
    : found;
}

export function installHost(): void {
  const prompt = async () => "";
  setNotebookHost({ display: nowhere, interrupt: new AbortController().signal, prompt });
  Object.assign(globalThis, { prompt });
}
