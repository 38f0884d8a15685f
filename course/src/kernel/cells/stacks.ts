import { readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Scripts } from "./scripts.js";

/** So many frames V8 keeps for us: the learner's line may be below a library's thirty. */
const KEPT = 100;
/** So many are shown. */
const SHOWN = 10;

/**
 * Makes every stack of this process speak of cells and of lib's TypeScript, also one that a learner prints, and leaves
 * out what only the kernel's authors would read.
 */
export function installStacks(scripts: Scripts, root: string): void {
  const maps = new Map<string, SourceMap | undefined>();
  Error.stackTraceLimit = KEPT;
  Error.prepareStackTrace = (error, sites) => {
    const lines: string[] = [];
    let learners = false;
    for (const site of sites) {
      // Someone who has asked for another number of frames gets that number.
      const enough = lines.length >= SHOWN && Error.stackTraceLimit === KEPT;
      if (enough && learners) break;
      const file = site.getScriptNameOrSourceURL() ?? "";
      const at = { line: site.getLineNumber() ?? 0, column: site.getColumnNumber() ?? 0 };
      const place = scripts.locate(file, at.line, at.column);
      if (place === undefined && (hidden(file) || scripts.has(file))) continue;
      if (enough && place === undefined) continue;
      learners ||= place !== undefined;
      const name = functionName(site);
      const where = place === undefined ? inFile(file, at) : `${place.label}:${place.line}:${place.column}`;
      lines.push(
        name === "" || (place !== undefined && isCellItself(site)) ? `    at ${where}` : `    at ${name} (${where})`,
      );
    }
    let head = "Error";
    try {
      head = `${error}`;
    } catch {
      // An error whose toString throws still has its frames.
    }
    return [head, ...lines].join("\n");
  };

  function inFile(file: string, at: { line: number; column: number }): string {
    const path = file.startsWith("file:") ? fileURLToPath(file) : file;
    const original = path.startsWith(root) && !path.includes("node_modules") ? inSource(path, at) : undefined;
    return original ?? `${path.startsWith(root) ? relative(root, path) : path}:${at.line}:${at.column}`;
  }

  function inSource(path: string, at: { line: number; column: number }): string | undefined {
    if (!maps.has(path)) {
      try {
        maps.set(path, new SourceMap(JSON.parse(readFileSync(`${path}.map`, "utf8"))));
      } catch {
        maps.set(path, undefined);
      }
    }
    const entry = maps.get(path)?.findEntry(at.line - 1, at.column - 1) as
      | { originalSource?: string; originalLine?: number; originalColumn?: number }
      | undefined;
    if (entry?.originalSource === undefined || entry.originalLine === undefined) return undefined;
    const source = new URL(entry.originalSource, `file://${path}`);
    return `${relative(root, fileURLToPath(source))}:${entry.originalLine + 1}:${(entry.originalColumn ?? 0) + 1}`;
  }
}

const hidden = (file: string) =>
  file === "" ||
  file.startsWith("node:") ||
  file.startsWith("evalmachine") ||
  /[\\/](tslab|kernel)[\\/](dist|cells)[\\/]/.test(file);

const isCellItself = (site: NodeJS.CallSite) => site.getFunctionName() === null && !site.isEval();

function functionName(site: NodeJS.CallSite): string {
  const name = site.getFunctionName() ?? "";
  const type = site.getTypeName();
  const plain = site.isToplevel() || type === null || type === "Object" || name === "" || name.includes(".");
  return `${site.isAsync() ? "async " : ""}${site.isConstructor() ? "new " : ""}${plain ? name : `${type}.${name}`}`.trim();
}
