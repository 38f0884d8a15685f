import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type * as tsModule from "@tslab/typescript-for-tslab";
import type { Diagnostic } from "tslab/dist/converter.js";

type TypeScript = typeof tsModule;

/** Flat, for notebooks from before there were doors: no answer to where a name lives. */
const ALL = "rlhf-lab/all";

/** What the compiler says when a module lacks a name: the module's name (or file), the name that was asked for. */
const LACKS = [
  /^Module '"(?<module>[^"]+)"' has no exported member '(?<name>[^']+)'/, // 2305
  /^'"(?<module>[^"]+)"' has no exported member named '(?<name>[^']+)'/, // 2724
  /^Module '"(?<module>[^"]+)"' declares '(?<name>[^']+)' locally, but it is not exported/, // 2459
];
const NO_MODULE = /^Cannot find module '(rlhf-lab\/[^']*)'/; // 2307

/**
 * A name that was asked of the wrong door of rlhf-lab is answered with the right one, and a door that does
 * not exist with those that do. Several such names are answered together, as an old notebook's import asks
 * for all it needs at once.
 * @param library folder of the library as cells find it, with its package.json
 */
export function answerWithDoors(
  ts: TypeScript,
  library: string,
  diagnostics: readonly Diagnostic[],
): readonly Diagnostic[] {
  if (!diagnostics.some(({ messageText }) => asksOurs(messageText))) return diagnostics;
  const doors = readDoors(ts, library);
  const homes = new Map<string, string>();
  for (const [door, names] of doors) {
    for (const name of door === ALL ? [] : names) if (!homes.has(name)) homes.set(name, door);
  }
  const astray = new Map<string, string[]>();
  let first: Diagnostic | undefined;
  const rest = diagnostics.flatMap((diagnostic) => {
    const wrong = NO_MODULE.exec(diagnostic.messageText)?.[1];
    if (wrong !== undefined && !doors.has(wrong)) {
      return [{ ...diagnostic, messageText: `There is no "${wrong}". There are ${listed([...doors.keys()])}.` }];
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
    if (module !== undefined && /^rlhf-lab(?:\/|$)/.test(module)) return { name: name! };
  }
  return undefined;
}

const listed = (names: readonly string[]) => names.map((name) => `"${name}"`).join(", ");

/**
 * Door -> the names behind it, values and types, from the declarations that cells are checked against; the root first.
 */
export function readDoors(ts: TypeScript, library: string): Map<string, string[]> {
  const { exports = {} } = JSON.parse(readFileSync(join(library, "package.json"), "utf8")) as {
    exports?: Record<string, { types?: string }>;
  };
  const known = new Map<string, Set<string>>();
  return new Map(
    Object.entries(exports).flatMap(([path, { types }]) =>
      types === undefined ? [] : [[`rlhf-lab${path.slice(1)}`, [...exportedNames(ts, join(library, types), known)]]],
    ),
  );
}

/** The names that a declaration file exports, its own and those that it passes on. */
function exportedNames(ts: TypeScript, file: string, known: Map<string, Set<string>>): Set<string> {
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
        const path = (moduleSpecifier as tsModule.StringLiteral).text.replace(/\.js$/, ".d.ts");
        for (const name of exportedNames(ts, join(dirname(file), path), known)) names.add(name);
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
