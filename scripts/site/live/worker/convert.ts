import { type Node, type Program, parse } from "acorn";
import { analyze, type Reference, type Scope, type Variable } from "eslint-scope";
import { transform } from "sucrase";
import { type Edit, EditedText } from "../../../../course/src/kernel/cells/edits.js";
import { CellSyntaxError } from "./cellErrors.js";

/** A cell as the browser can run it. */
export interface Converted {
  /** Text of a function `async ($, $import, $last) => ...`, with every line where the cell has it. */
  readonly js: string;
  /** What it imports, from which door. */
  readonly imports: readonly Import[];
  /** The names that it declares at its top level, imports left out. */
  readonly declares: readonly Declared[];
  /** The names that it uses and does not declare: of earlier cells, or of the browser. */
  readonly uses: readonly string[];
  /** The names that it imports and uses itself. */
  readonly usesOfImports: readonly string[];
}

export interface Import {
  readonly door: string;
  /** The name behind the door; "*" for all of it. */
  readonly name: string;
  readonly local: string;
}

export interface Declared {
  readonly name: string;
  readonly kind: "var" | "let" | "const" | "class" | "function";
}

/**
 * Takes the types off a cell, and makes each of its top-level names a property of the session `$`, so that later cells
 * find it and may declare it again: `const a = f(b)` becomes `$.a = $.f($.b)`. Its last expression becomes
 * `$last.value`. Types are not checked.
 * @param known whether an earlier cell has declared a name
 * @throws CellSyntaxError with the line, if it cannot be read
 */
export function convertCell(source: string, known: (name: string) => boolean = () => false): Converted {
  const text = withoutTypes(source);
  const program = parsed(text);
  const scopes = analyze(program as never, { ecmaVersion: 2024, sourceType: "module" });
  const top = scopes.scopes.find(({ type }) => type === "module")!;
  const shorthands = shorthandsOf(program);
  const edits: Edit[] = [];
  const put = (start: number, end: number, becomes: string) => void edits.push({ start, end, text: becomes });
  const rename = ({ name, start, end }: Name) =>
    put(start, end, shorthands.has(start) ? `${name}: $.${name}` : `$.${name}`);

  for (const variable of top.variables) for (const name of placesOf(variable)) rename(name);
  const free = scopes.scopes[0]!.through.filter(({ resolved }) => resolved === null);
  for (const { identifier } of free) if (known(identifier.name)) rename(identifier as unknown as Name);
  refuseNewValues(top, text);

  const imports: Import[] = [];
  const hoisted: string[] = [];
  for (const statement of program.body) {
    if (statement.type === "ImportDeclaration") {
      imports.push(...importsOf(statement as never));
      put(statement.start, statement.end, blank(text, statement));
    } else if (statement.type === "FunctionDeclaration") hoisted.push(nameOf(statement));
    else if (statement.type === "ClassDeclaration") {
      put(statement.start, statement.start, `$.${nameOf(statement)} = `);
      put(statement.end, statement.end, ";");
    }
  }
  for (const { node, parent } of declarations(program, top)) withoutKeyword(node, parent, put);
  for (const start of dynamicImports(program)) put(start, start + "import".length, "$import");
  const last = program.body.at(-1) as { type: string; expression: Node } | undefined;
  if (last?.type === "ExpressionStatement") {
    put(last.expression.start, last.expression.start, "$last.value = (");
    put(last.expression.end, last.expression.end, ")");
  }

  const functions = hoisted.map((name) => `$.${name} = ${name}; `).join("");
  const head = `(async function ($, $import, $last) { "use strict"; ${functions}`;
  return {
    js: `${head}${edited(text, edits)}\n})`,
    imports,
    declares: top.variables.flatMap(declared),
    uses: [...new Set(free.map(({ identifier }) => identifier.name))],
    usesOfImports: imports.map(({ local }) => local).filter((name) => isUsed(top, name)),
  };
}

type Name = Node & { name: string };
type Declaration = Node & { kind: string; declarations: (Node & { id: Node; init: Node | null })[] };

/** Lines stay where they are. `export` before a declaration says nothing here: a cell shares all its names. */
function withoutTypes(source: string): string {
  try {
    const { code } = transform(source, {
      transforms: ["typescript"],
      disableESTransforms: true,
      keepUnusedImports: true,
      preserveDynamicImport: true,
    });
    return code.replace(/^export (?=(?:async |const |let |var |class |function\b))/gm, "");
  } catch (error) {
    throw CellSyntaxError.from(error, source);
  }
}

function parsed(text: string): Program {
  try {
    return parse(text, { ecmaVersion: "latest", sourceType: "module", ranges: true });
  } catch (error) {
    throw CellSyntaxError.from(error, text);
  }
}

/** Where a top-level name is written, the names of functions, classes and imports in their declarations left out. */
function placesOf({ defs, references }: Variable): Name[] {
  const places = new Map<number, Name>();
  const note = (name: unknown) => void places.set((name as Name).start, name as Name);
  for (const { type, name } of defs) if (type === "Variable") note(name);
  for (const { identifier } of references) note(identifier);
  return [...places.values()];
}

const isUsed = (top: Scope, name: string) => top.variables.some((v) => v.name === name && v.references.length > 0);

function declared({ name, defs }: Variable): Declared[] {
  const def = defs[0] as { type: string; parent?: { kind?: Declared["kind"] } } | undefined;
  if (def === undefined || def.type === "ImportBinding") return [];
  if (def.type === "FunctionName") return [{ name, kind: "function" }];
  if (def.type === "ClassName") return [{ name, kind: "class" }];
  return [{ name, kind: def.parent?.kind ?? "let" }];
}

/** A constant stays what it is; the engine would have said so, if it still knew of it. */
function refuseNewValues({ variables }: Scope, text: string): void {
  for (const { name, references, defs } of variables) {
    if ((defs[0] as { parent?: { kind?: string } } | undefined)?.parent?.kind !== "const") continue;
    const again = references.find((reference: Reference) => reference.isWrite() && !reference.init);
    if (again !== undefined)
      throw CellSyntaxError.at((again.identifier as unknown as Name).start, text, `${name} is a constant`);
  }
}

function importsOf(statement: Node & { source: { value: string }; specifiers: Specifier[] }): Import[] {
  const door = statement.source.value;
  return statement.specifiers.map(({ type, local, imported }) => {
    const name = type === "ImportNamespaceSpecifier" ? "*" : type === "ImportDefaultSpecifier" ? "default" : undefined;
    return { door, local: local.name, name: name ?? imported!.name ?? imported!.value! };
  });
}

interface Specifier {
  type: string;
  local: Name;
  imported?: { name?: string; value?: string };
}

/** `{ a }` and `{ a = 1 }`, in objects and patterns: the places where the name also is the key. */
function shorthandsOf(program: Node): Set<number> {
  const places = new Set<number>();
  walk(program, (node) => {
    if (node.type === "Property" && (node as unknown as { shorthand: boolean }).shorthand) places.add(node.start);
  });
  return places;
}

function dynamicImports(program: Node): number[] {
  const places: number[] = [];
  walk(program, (node) => {
    if (node.type === "ImportExpression") places.push(node.start);
  });
  return places;
}

/** The declarations of variables that belong to the cell as a whole: at its top, and any `var` outside of functions. */
function declarations(program: Node, top: Scope): { node: Declaration; parent: Node }[] {
  const own = new Set<unknown>(
    top.variables.flatMap(({ defs }) => defs.flatMap((def) => (def.type === "Variable" ? [def.parent] : []))),
  );
  const found: { node: Declaration; parent: Node }[] = [];
  walk(program, (node, parent) => {
    if (node.type !== "VariableDeclaration") return;
    const declaration = node as Declaration;
    // A pattern without names (`const {} = f()`) declares nothing, and stays as it is.
    if (own.has(node)) found.push({ node: declaration, parent: parent! });
  });
  return found;
}

/** `const a = 1, { b } = c;` becomes `a = 1, ({ b } = c);`: the names in it are renamed elsewhere. */
function withoutKeyword(node: Declaration, parent: Node, put: (start: number, end: number, text: string) => void) {
  const inHead = /^For/.test(parent.type) && (parent as { body?: Node }).body !== node;
  const inBlock = parent.type === "Program" || parent.type === "BlockStatement" || parent.type === "SwitchCase";
  // A semicolon, since the line before may end without one and this one may now begin with a bracket.
  put(node.start, node.declarations[0]!.start, inBlock ? ";" : "");
  if (inHead) return;
  for (const { id, init, end } of node.declarations) {
    if (init === null) {
      if (node.kind !== "var") put(end, end, " = undefined");
    } else if (id.type === "ObjectPattern") {
      put(id.start, id.start, "(");
      put(end, end, ")");
    }
  }
}

function walk(node: Node, visit: (node: Node, parent: Node | undefined) => void, parent?: Node): void {
  visit(node, parent);
  for (const child of Object.values(node)) {
    for (const item of Array.isArray(child) ? child : [child]) {
      if (typeof item?.type === "string" && typeof item.start === "number") walk(item, visit, node);
    }
  }
}

const nameOf = (statement: Node) => (statement as unknown as { id: Name }).id.name;

/** Line ends alone, so that all that follows keeps its line. */
const blank = (text: string, { start, end }: Node) => text.slice(start, end).replace(/[^\n]/g, "");

/** An insertion goes before a change that begins at the same place, and after one that ends there. */
function edited(text: string, edits: readonly Edit[]): string {
  return new EditedText(text, edits).text;
}
