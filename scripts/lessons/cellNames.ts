import { type Node, parse } from "acorn";
import { analyze } from "eslint-scope";
import { transform } from "sucrase";

/** Which names a cell takes from the cells before it, and what it leaves for those after it. */
export interface CellNames {
  /** Names that it uses and does not declare itself: of other cells, or of the language. */
  readonly uses: ReadonlySet<string>;
  /** What it declares at its top level, imports included. */
  readonly declares: ReadonlySet<string>;
  /** Used names whose value it gives anew or changes in place: `a = 1`, `a.b[i]++`, `a.push(1)`. */
  readonly changes: ReadonlySet<string>;
  /** Those of them that are changed when a function is called that the cell declares. */
  readonly changesWhenCalled: ReadonlySet<string>;
}

/** Methods of arrays, maps and sets that change them. */
const changing = new Set("push pop shift unshift splice sort reverse fill copyWithin set add delete clear".split(" "));

/** The names of a cell that can be read as TypeScript. */
export function cellNames(source: string): CellNames {
  const { code } = transform(source, {
    transforms: ["typescript"],
    disableESTransforms: true,
    keepUnusedImports: true,
  });
  const program = parse(code, { ecmaVersion: "latest", sourceType: "module", ranges: true });
  const scopes = analyze(program as never, { ecmaVersion: 2024, sourceType: "module" });
  const top = scopes.scopes.find(({ type }) => type === "module")!;
  const uses = new Set(scopes.scopes[0]!.through.map(({ identifier }) => (identifier as { name: string }).name));
  const [changes, changesWhenCalled] = [new Set<string>(), new Set<string>()];
  walk(program, false, (target, inFunction) => {
    for (const name of rootsOf(target)) {
      if (!uses.has(name)) continue;
      changes.add(name);
      if (inFunction) changesWhenCalled.add(name);
    }
  });
  return { uses, declares: new Set(top.variables.map(({ name }) => name)), changes, changesWhenCalled };
}

/** A node of any kind, with what this file asks of some. */
type Any = Node & {
  [part in "left" | "argument" | "callee" | "object" | "property"]?: Any;
} & { name?: string; operator?: string };

/** Calls back with each expression whose value, or a part of it, is changed. */
function walk(node: Any, inFunction: boolean, found: (target: Any, inFunction: boolean) => void): void {
  const inside = inFunction || /Function/.test(node.type);
  if (node.type === "AssignmentExpression") found(node.left!, inside);
  if (node.type === "UpdateExpression" || node.operator === "delete") found(node.argument!, inside);
  const { callee } = node;
  if (callee?.type === "MemberExpression" && changing.has(callee.property!.name ?? "")) found(callee.object!, inside);
  for (const child of Object.values(node)) {
    for (const item of Array.isArray(child) ? child : [child]) {
      if (typeof item?.type === "string") walk(item, inside, found);
    }
  }
}

/** The name that `a.b[i]` begins with, and those in a pattern such as `[a, b[i]]`. */
function rootsOf(target: Any): string[] {
  if (target.type === "Identifier") return [target.name!];
  if (target.type === "MemberExpression") return rootsOf(target.object!);
  if (!/Pattern$|^Property$|^RestElement$/.test(target.type)) return [];
  const parts = Object.values(target).flat() as (Any | null | undefined)[];
  return parts.flatMap((part) => (typeof part?.type === "string" ? rootsOf(part) : []));
}
