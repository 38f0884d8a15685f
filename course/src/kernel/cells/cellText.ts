import type * as typescript from "@tslab/typescript-for-tslab";
import { type Edit, EditedText } from "./edits.js";

type TypeScript = typeof typescript;

/**
 * A learner's cell as tslab's TypeScript 5.0 can read it. Each of these is right in a module, or in a REPL, and means
 * here what it means there:
 *
 * - `export` before a declaration: a cell shares all its names, so the word is left out;
 *   `export ... from` becomes an import.
 * - `import x from "./x.json" with { type: "json" }` (TypeScript 5.3, Node 20): the attribute is left out,
 *   as `require` needs none.
 * - `{ a: 1, b: 2 }` at the end: an object, where it can be read as one.
 * - a line separator (U+2028, U+2029) in a string.
 */
export function cellText(ts: TypeScript, source: string): EditedText {
  if (!MAY_NEED_IT.test(source)) return new EditedText(source);
  const file = parse(ts, source);
  const edits = file.statements.flatMap((statement, index) => [
    ...withoutExport(ts, statement, file),
    ...withoutAttributes(ts, statement, file.statements[index + 1], file),
  ]);
  return new EditedText(source, [...edits, ...separators(ts, source), ...objectAtTheEnd(ts, file, edits)]);
}

/** Most cells have none of it, and are not parsed for it. */
const MAY_NEED_IT = /\bexport\b|\bwith\b|[\u2028\u2029]|(?:^|[;}])[ \t]*\{/m;

function parse(ts: TypeScript, text: string): Parsed {
  return ts.createSourceFile("cell.ts", text, ts.ScriptTarget.ES2022, false, ts.ScriptKind.TS) as Parsed;
}

type Parsed = typescript.SourceFile & { parseDiagnostics: typescript.DiagnosticWithLocation[] };

function withoutExport(ts: TypeScript, statement: typescript.Statement, file: Parsed): Edit[] {
  const start = statement.getStart(file);
  if (ts.isExportDeclaration(statement)) {
    // What is named is imported; `export *` names nothing, and stays.
    if (statement.moduleSpecifier === undefined) return [{ start, end: statement.end, text: "" }];
    return statement.exportClause === undefined ? [] : [{ start, end: start + "export".length, text: "import" }];
  }
  if (ts.isExportAssignment(statement))
    return statement.isExportEquals ? [] : [{ start, end: statement.expression.getStart(file), text: "void " }];
  const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
  const words = modifiers.filter(
    ({ kind }) => kind === ts.SyntaxKind.ExportKeyword || kind === ts.SyntaxKind.DefaultKeyword,
  );
  if (words.length === 0) return [];
  // `export default function () {}` declares no name; as a value it does no harm.
  const nameless =
    (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) && statement.name === undefined;
  return words.map((word, index) => {
    const end = /^[ \t]*/.exec(file.text.slice(word.end))![0].length + word.end;
    return { start: word.getStart(file), end, text: nameless && index === 0 ? "void " : "" };
  });
}

/** TypeScript 5.0 takes `with { ... }` behind an import for a statement of its own. */
function withoutAttributes(
  ts: TypeScript,
  statement: typescript.Statement,
  next: typescript.Statement | undefined,
  file: Parsed,
): Edit[] {
  if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return [];
  if (next === undefined || !ts.isWithStatement(next) || !ts.isObjectLiteralExpression(next.expression)) return [];
  const start = next.getStart(file);
  if (/^with\s*\(/.test(file.text.slice(start, start + 100))) return [];
  return [{ start, end: next.expression.end, text: ";" }];
}

/** Strings may hold them since ES2019; this TypeScript ends the line there. */
function separators(ts: TypeScript, source: string): Edit[] {
  if (!/[\u2028\u2029]/.test(source)) return [];
  const swapped = source.replace(/[\u2028\u2029]/g, " ");
  const strings: [number, number][] = [];
  const file = parse(ts, swapped);
  const visit = (node: typescript.Node): void => {
    if (ts.isStringLiteral(node)) strings.push([node.getStart(file), node.end]);
    else ts.forEachChild(node, visit);
  };
  visit(file);
  return [...source.matchAll(/[\u2028\u2029]/g)]
    .filter(({ index }) => strings.some(([start, end]) => index > start && index < end))
    .map(({ 0: found, index }) => ({
      start: index,
      end: index + 1,
      text: `\\u${found.charCodeAt(0).toString(16)}`,
    }));
}

/**
 * Parentheses around an object that ends the cell. The parser reads `{` at the start of a statement as a block:
 * with a label in it, and perhaps with errors. It is an object if it can be read as one as a whole; `{ f(); }` and
 * `{ const a = 1; }` cannot.
 */
function objectAtTheEnd(ts: TypeScript, file: Parsed, edits: Edit[]): Edit[] {
  const errors = file.parseDiagnostics.filter(({ start }) => !edits.some((e) => start >= e.start && start <= e.end));
  const first = errors[0]?.start ?? file.text.length;
  const block = file.statements.findLast((statement) => ts.isBlock(statement) && statement.getStart(file) < first);
  if (block === undefined) return [];
  const start = block.getStart(file);
  const read = parse(ts, `(${file.text.slice(start)}`);
  const [only] = read.statements;
  if (only === undefined || !ts.isExpressionStatement(only) || !ts.isParenthesizedExpression(only.expression))
    return [];
  const object = only.expression.expression;
  // That the parenthesis is not closed is all that may be wrong.
  if (!ts.isObjectLiteralExpression(object) || read.parseDiagnostics.some((error) => error.start < object.end))
    return [];
  const end = start - 1 + object.end;
  const rest = parse(ts, file.text.slice(end));
  if (rest.parseDiagnostics.length > 0 || !rest.statements.every(ts.isEmptyStatement)) return [];
  // `{ a: 1 };` is a block and an empty statement, as in a REPL, unless it makes no sense as one.
  if (errors.length === 0 && rest.statements.length > 0) return [];
  return [
    { start, end: start, text: "(" },
    { start: end, end, text: ")" },
  ];
}
