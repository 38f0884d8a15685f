import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type * as tsModule from "@tslab/typescript-for-tslab";
import type { Diagnostic } from "tslab/dist/converter.js";

type TypeScript = typeof tsModule;

/** Flat, for notebooks from before there were doors: no answer to where a name lives. */
const ALL = "rlhf-lab-course/all";
/** The packages that have doors. */
const PACKAGES = ["rlhf-lab", "rlhf-lab-course"];
/** Doors that notebooks in use may still ask for, and where they are now. */
const MOVED = new Map([
  ["rlhf-lab/all", ALL],
  ["rlhf-lab/notebook/frame", "rlhf-lab-course/frame"],
]);

/** What the compiler says when a module lacks a name: the module's name (or file), the name that was asked for. */
const LACKS = [
  /^Module '"(?<module>[^"]+)"' has no exported member '(?<name>[^']+)'/, // 2305
  /^'"(?<module>[^"]+)"' has no exported member named '(?<name>[^']+)'/, // 2724
  /^Module '"(?<module>[^"]+)"' declares '(?<name>[^']+)' locally, but it is not exported/, // 2459
];
const NO_MODULE = /^Cannot find module '(rlhf-lab(?:-course)?\/[^']*)'/; // 2307

/**
 * A name that was asked of the wrong door of rlhf-lab is answered with the right one, and a door that does
 * not exist with those that do. Several such names are answered together, as an old notebook's import asks
 * for all it needs at once.
 * @param packages the folder where cells find the library and the course, node_modules
 */
export function answerWithDoors(
  ts: TypeScript,
  packages: string,
  diagnostics: readonly Diagnostic[],
): readonly Diagnostic[] {
  if (!diagnostics.some(({ messageText }) => asksOurs(messageText))) return diagnostics;
  const doors = readDoors(ts, packages);
  const homes = new Map<string, string>();
  for (const [door, names] of doors) {
    for (const name of door === ALL ? [] : names) if (!homes.has(name)) homes.set(name, door);
  }
  const astray = new Map<string, string[]>();
  let first: Diagnostic | undefined;
  const rest = diagnostics.flatMap((diagnostic) => {
    const wrong = NO_MODULE.exec(diagnostic.messageText)?.[1];
    if (wrong !== undefined && !doors.has(wrong)) {
      const now = MOVED.get(wrong);
      const instead = now === undefined ? `There are ${listed([...doors.keys()])}.` : `It is "${now}" now.`;
      return [{ ...diagnostic, messageText: `There is no "${wrong}". ${instead}` }];
    }
    const name = asked(diagnostic.messageText)?.name;
    const home = name === undefined ? undefined : homes.get(name);
    if (name === undefined || home === undefined || diagnostic.fileName !== undefined) return [diagnostic];
    first ??= diagnostic;
    astray.set(home, [...new Set([...(astray.get(home) ?? []), name])]);
    return [];
  });
  if (first === undefined) return rest;
  const answers = [...astray].map(
    ([door, names]) => `${names.join(", ")} ${names.length === 1 ? "is" : "are"} in "${door}"`,
  );
  const many = [...astray.values()].flat().length > 1;
  const mend = many && doors.has(ALL) ? `. (Everything is in "${ALL}", for a notebook from before.)` : "";
  return [{ ...first, messageText: answers.join("; ") + mend }, ...rest];
}

const asksOurs = (message: string) => NO_MODULE.test(message) || asked(message) !== undefined;

function asked(message: string): { name: string } | undefined {
  for (const pattern of LACKS) {
    const { module, name } = pattern.exec(message)?.groups ?? {};
    if (module !== undefined && /^rlhf-lab(?:-course)?(?:\/|$)/.test(module)) return { name: name! };
  }
  return undefined;
}

const listed = (names: readonly string[]) => names.map((name) => `"${name}"`).join(", ");

/**
 * Door -> the names behind it, values and types, from the declarations that cells are checked against; the root first.
 */
export function readDoors(ts: TypeScript, packages: string): Map<string, string[]> {
  const files = new Map<string, string>();
  for (const name of PACKAGES) {
    const { exports = {} } = JSON.parse(readFileSync(join(packages, name, "package.json"), "utf8")) as {
      exports?: Record<string, { types?: string }>;
    };
    for (const [path, { types }] of Object.entries(exports)) {
      if (types !== undefined) files.set(name + path.slice(1), join(packages, name, types));
    }
  }
  const known = new Map<string, Set<string>>();
  return new Map([...files].map(([door, file]) => [door, [...exportedNames(ts, file, files, known)]]));
}

/**
 * The names that a declaration file exports, its own and those that it passes on.
 * @param doors the declaration files of all doors
 */
function exportedNames(
  ts: TypeScript,
  file: string,
  doors: ReadonlyMap<string, string>,
  known: Map<string, Set<string>>,
): Set<string> {
  const before = known.get(file);
  if (before !== undefined) return before;
  const names = new Set<string>();
  known.set(file, names);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return names; // Not built.
  }
  for (const statement of ts.createSourceFile(file, text, ts.ScriptTarget.Latest).statements) {
    if (ts.isExportDeclaration(statement)) {
      const { exportClause, moduleSpecifier } = statement;
      if (exportClause === undefined) {
        const from = (moduleSpecifier as tsModule.StringLiteral).text;
        const path = doors.get(from) ?? join(dirname(file), from.replace(/\.js$/, ".d.ts"));
        for (const name of exportedNames(ts, path, doors, known)) names.add(name);
      } else if (ts.isNamespaceExport(exportClause)) names.add(exportClause.name.text);
      else for (const { name } of exportClause.elements) names.add(name.text);
    } else if (ts.canHaveModifiers(statement) && isExported(ts, statement)) {
      const declared = ts.isVariableStatement(statement)
        ? statement.declarationList.declarations.map(({ name }) => name)
        : [(statement as { name?: tsModule.Node }).name];
      for (const name of declared) if (name !== undefined && ts.isIdentifier(name)) names.add(name.text);
    }
  }
  return names;
}

function isExported(ts: TypeScript, statement: tsModule.HasModifiers): boolean {
  return ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false;
}
