import { createRequire } from "node:module";
import type * as typescript from "@tslab/typescript-for-tslab";

// A notebook's cell as code for the runner: types stripped, and what it declares at its top level put into a scope that
// all cells share, so that a cell can be run without the others and the last definition of a name wins.

/** A cell, understood. */
export interface CellCode {
  /** The names it declares for later cells. */
  declares: string[];
  /** Whether it has import declarations. */
  imports: boolean;
  /** Body of an async function ($scope, $import) -> nothing; undefined when the cell does not parse. */
  run?: string;
  /** The same with its import declarations only. */
  runImports?: string;
  /** Why it does not parse: "line 3: ')' expected". */
  syntaxError?: string;
}

/** `from "./a.json" with {`: the compiler is of the time when it was called assert. */
const ATTRIBUTES = /((?:from|import)\s*(?:"[^"\n]*"|'[^'\n]*')\s*)with(?=\s*\{)/g;

let compiler: typeof typescript | undefined;

/** The compiler of the notebooks' kernel, on first use. */
function ts(): typeof typescript {
  const require = createRequire(import.meta.url);
  compiler ??= createRequire(require.resolve("tslab/dist/converter.js"))("@tslab/typescript-for-tslab");
  return compiler as typeof typescript;
}

/** Translates one cell. Never throws: a cell that cannot be understood has a syntaxError. */
export function translate(source: string): CellCode {
  try {
    return translateCell(source);
  } catch (error) {
    return { declares: [], imports: false, syntaxError: `it cannot be read: ${(error as Error).message}` };
  }
}

function translateCell(source: string): CellCode {
  const t = ts();
  // `export {}` makes it a module, where await may stand at the top level.
  const text = `${source.replace(ATTRIBUTES, "$1assert")}\nexport {};`;
  const file = t.createSourceFile("cell.ts", text, t.ScriptTarget.ES2022, true);
  const problem = (file as unknown as { parseDiagnostics: typescript.DiagnosticWithLocation[] }).parseDiagnostics[0];
  if (problem !== undefined) {
    const line = file.getLineAndCharacterOfPosition(problem.start).line + 1;
    const why = t.flattenDiagnosticMessageText(problem.messageText, " ");
    return { declares: [], imports: false, syntaxError: `line ${line}: ${why}` };
  }
  const declares = new Set<string>();
  const hoisted = new Set<string>();
  const imports: string[] = [];
  const body: string[] = [];
  for (const statement of file.statements) {
    if (t.isImportDeclaration(statement)) {
      imports.push(importCode(statement, declares));
    } else if (t.isExportDeclaration(statement) || t.isExportAssignment(statement)) {
      // Notebooks export nothing.
    } else if (t.isVariableStatement(statement)) {
      body.push(variableCode(statement, declares));
    } else if (t.isFunctionDeclaration(statement) && statement.name !== undefined) {
      declares.add(statement.name.text);
      if (statement.body !== undefined) hoisted.add(statement.name.text);
      body.push(withoutExport(statement));
    } else if (t.isImportEqualsDeclaration(statement)) {
      body.push(importEqualsCode(statement, declares));
    } else if (isNamed(statement) && statement.name !== undefined) {
      declares.add(statement.name.text);
      body.push(`${withoutExport(statement)}\n${keep(statement.name.text)}`);
    } else {
      const vars = new Set<string>();
      nestedVars(statement, vars);
      for (const name of vars) declares.add(name);
      body.push(`${withoutExport(statement)}\n${[...vars].map(keep).join(" ")}`);
    }
  }
  const bind = [...declares].map((name) => `$scope.${name} ??= undefined;`).join(" ");
  const functions = [...hoisted].map((name) => `$scope.${name} = ${name};`).join(" ");
  return {
    declares: [...declares],
    imports: imports.length > 0,
    run: strip(`${bind}\n${functions}\n${imports.join("\n")}\n${body.join("\n")}`),
    runImports: imports.length > 0 ? strip(imports.join("\n")) : undefined,
  };
}

/**
 * A name that the cell's own code declares, put into the scope that cells share. (A namespace of
 * types alone leaves nothing.)
 */
function keep(name: string): string {
  return `if (typeof ${name} !== "undefined") $scope.${name} = ${name};`;
}

/** A class, an enum or a namespace. */
function isNamed(
  statement: typescript.Statement,
): statement is typescript.ClassDeclaration | typescript.EnumDeclaration {
  const t = ts();
  if (t.isModuleDeclaration(statement)) return t.isIdentifier(statement.name) && !isDeclared(statement);
  return (t.isClassDeclaration(statement) || t.isEnumDeclaration(statement)) && !isDeclared(statement);
}

function isDeclared(statement: typescript.HasModifiers): boolean {
  return statement.modifiers?.some((m) => m.kind === ts().SyntaxKind.DeclareKeyword) === true;
}

/** The `var`s of a block or loop, which belong to the cell as a whole. */
function nestedVars(node: typescript.Node, into: Set<string>): void {
  const t = ts();
  if (t.isFunctionLike(node) || t.isClassLike(node)) return;
  if (t.isVariableDeclarationList(node) && (node.flags & t.NodeFlags.BlockScoped) === 0) {
    for (const d of node.declarations) namesOf(d.name, into);
  }
  node.forEachChild((child) => nestedVars(child, into));
}

/** `import fs = require("fs")` -> an assignment. */
function importEqualsCode(statement: typescript.ImportEqualsDeclaration, declares: Set<string>): string {
  if (statement.isTypeOnly) return "";
  const t = ts();
  const of = statement.moduleReference;
  declares.add(statement.name.text);
  const value = t.isExternalModuleReference(of) ? `require(${of.expression.getText()})` : of.getText();
  return `$scope.${statement.name.text} = ${value};`;
}

/** `import a, { b as c } from "m"` -> assignments from what $import("m") resolves to. Type-only imports vanish. */
function importCode(statement: typescript.ImportDeclaration, declares: Set<string>): string {
  const t = ts();
  const from = `await $import(${statement.moduleSpecifier.getText()})`;
  const clause = statement.importClause;
  if (clause === undefined) return `${from};`;
  if (clause.isTypeOnly) return "";
  const set = (name: string, value: string) => {
    declares.add(name);
    return `$scope.${name} = ${value};`;
  };
  const lines: string[] = [];
  if (clause.name !== undefined) lines.push(set(clause.name.text, "$m.default"));
  const names = clause.namedBindings;
  if (names !== undefined && t.isNamespaceImport(names)) lines.push(set(names.name.text, "$m"));
  if (names !== undefined && t.isNamedImports(names)) {
    for (const one of names.elements) {
      if (!one.isTypeOnly) lines.push(set(one.name.text, `$m[${JSON.stringify((one.propertyName ?? one.name).text)}]`));
    }
  }
  return `{ const $m = ${from}; ${lines.join(" ")} }`;
}

/** `const { a, b } = f(), c: number = 1` -> `({ a, b } = f()); (c = 1);`, where the names live in the shared scope. */
function variableCode(statement: typescript.VariableStatement, declares: Set<string>): string {
  if (isDeclared(statement)) return "";
  return statement.declarationList.declarations
    .map((d) => {
      namesOf(d.name, declares);
      if (d.initializer === undefined) return "";
      const value = d.initializer.getText();
      // `const f = () => 1` gives f its name; an assignment to a bare identifier does the same.
      return ts().isIdentifier(d.name) ? `${d.name.text} = ${value};` : `(${d.name.getText()} = ${value});`;
    })
    .join(" ");
}

function namesOf(name: typescript.BindingName, into: Set<string>): void {
  const t = ts();
  if (t.isIdentifier(name)) into.add(name.text);
  else for (const e of name.elements) if (t.isBindingElement(e)) namesOf(e.name, into);
}

function withoutExport(statement: typescript.Statement): string {
  const t = ts();
  const text = statement.getText();
  const modifiers = t.canHaveModifiers(statement) ? (t.getModifiers(statement) ?? []) : [];
  const last = modifiers.findLast(
    (m) => m.kind === t.SyntaxKind.ExportKeyword || m.kind === t.SyntaxKind.DefaultKeyword,
  );
  return last === undefined ? text : text.slice(last.getEnd() - statement.getStart());
}

function strip(code: string): string {
  const t = ts();
  const compilerOptions = { target: t.ScriptTarget.ES2022, module: t.ModuleKind.ESNext, isolatedModules: true };
  const wrapped = `return (async () => { "use strict";\n${code}\n})();`;
  const { outputText } = t.transpileModule(wrapped, { compilerOptions, transformers: { before: [withoutImportMeta] } });
  return outputText.replace(/^export \{\};\n$/m, "");
}

/** A cell is no module for Node, so `import.meta` is the runner's $meta. */
function withoutImportMeta(context: typescript.TransformationContext) {
  const t = ts();
  const visit = (node: typescript.Node): typescript.Node =>
    t.isMetaProperty(node) && node.keywordToken === t.SyntaxKind.ImportKeyword
      ? t.factory.createIdentifier("$meta")
      : t.visitEachChild(node, visit, context);
  return (file: typescript.SourceFile) => t.visitEachChild(file, visit, context);
}
