// The files of the repository as git knows them, and their import lines.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { root } from "../../scripts/master/course.js";

export { root };

/** Every file that is, or is about to be, in the repository: what git tracks and what it does not ignore. */
export function repositoryFiles(): string[] {
  const listed = git("ls-files", "--cached", "--others", "--exclude-standard", "-z");
  const deleted = new Set(git("ls-files", "--deleted", "-z").split("\0"));
  return [...new Set(listed.split("\0"))].filter((file) => file !== "" && !deleted.has(file)).sort();
}

export function git(...args: string[]): string {
  return execFileSync("git", args, { cwd: root, encoding: "utf8", maxBuffer: 2 ** 28 });
}

export function read(file: string): string {
  return readFileSync(join(root, file), "utf8");
}

export interface Import {
  from: string;
  /** Repository path for relative imports ("lib/src/core/index.ts"), the package's name otherwise. */
  to: string;
  typeOnly: boolean;
  /** import() is loaded when it is reached, not when the file is. */
  lazy: boolean;
}

/** The imports of a TypeScript source: import, export ... from, import(), require(). */
export function importsOf(file: string, source = read(file)): Import[] {
  const code = withoutComments(source);
  const found: Import[] = [];
  const add = (specifier: string, typeOnly: boolean, lazy: boolean) => {
    const path = specifier.startsWith(".")
      ? posix.join(posix.dirname(file), specifier).replace(/\.js$/, ".ts")
      : specifier;
    found.push({ from: file, to: path, typeOnly, lazy });
  };
  for (const [, type, specifier] of code.matchAll(
    /^\s*(?:import|export)\s+(type\s)?(?:[\w$*\s{},]+?\sfrom\s*)?["']([^"']+)["']/gm,
  )) {
    add(specifier, type !== undefined, false);
  }
  // As a type, `import("x").T` and `typeof import("x")` load nothing.
  for (const [, keyword, specifier] of code.matchAll(
    /(?<!typeof\s+)\b(import|require)\(\s*["']([^"']+)["']\s*\)(?!\s*\.[A-Z])/g,
  )) {
    add(specifier, false, keyword === "import");
  }
  return found;
}

/** The source with comments blanked out (strings are kept; a "//" inside one survives when a quote precedes it). */
export function withoutComments(source: string): string {
  return source.replace(
    /("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g,
    (text, literal) => (literal === undefined ? text.replace(/[^\n]/g, " ") : text),
  );
}

export interface Door {
  /** As an import names it: "rlhf-lab/policy". */
  name: string;
  /** Its source: "lib/src/policy/index.ts". */
  source: string;
}

/** The doors of the library, as lib/package.json lists them. */
export function doors(): Door[] {
  return doorsOf("rlhf-lab", "lib/package.json", "lib/src/");
}

/** The doors of the library and of the course: all that a notebook imports from. */
export function allDoors(): Door[] {
  return [...doors(), ...doorsOf("rlhf-lab-course", "course/package.json", "course/")];
}

function doorsOf(name: string, manifest: string, sources: string): Door[] {
  const { exports } = JSON.parse(read(manifest)) as { exports: Record<string, { types: string }> };
  return Object.entries(exports).map(([path, { types }]) => ({
    name: posix.join(name, path),
    source: types.replace(/^\.\/dist\//, sources).replace(/\.d\.ts$/, ".ts"),
  }));
}
