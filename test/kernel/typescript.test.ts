import { expect } from "chai";
import { NODE_20 } from "../../course/src/kernel/cells/ambient.js";
import { Session } from "./session.js";

/** Cells of one session; each test makes its own names. */
describe("kernel: the TypeScript of a cell", () => {
  const session = new Session();
  after(() => session.converter.close());
  const value = (code: string) => session.value(code);
  const complaint = (code: string) => session.complaint(code);

  it("a module object in a const, with its types", async () => {
    await value('const files = await import("node:fs");');
    expect(await value('files.existsSync("package.json")')).equal(true);
    expect(await complaint("const wrong: number = files.existsSync('x');")).include("'boolean' is not assignable");
  });

  it("a local interface is written out for later cells", async () => {
    await value(
      "function made() { interface Hidden { h: number; next?: Hidden } const h: Hidden = { h: 1 }; return h; }",
    );
    expect(await value("made().h + 1")).equal(2);
    expect(await complaint("made().other")).include("'other' does not exist");
    // A later cell's type of the same name is another one.
    expect(await value("interface Hidden { z: string }\nmade().h")).equal(1);
    await value("function aliased() { type Pair = { a: number; b: [Pair?] }; return null as unknown as Pair | 1; }");
    await value("const pair = aliased();\nconst b = typeof pair === 'object' ? pair?.b : undefined;");
  });

  it("class expressions with private members, also as a function's result", async () => {
    await value(
      "const Safe = class { private hidden = 1; #deep = 2; get both() { return this.hidden + this.#deep; } };",
    );
    expect(await value("new Safe().both")).equal(3);
    await value("function boxOf<T>(x: T) { return class Box { private v = x; get() { return this.v; } }; }");
    await value("const Box = boxOf('a');");
    expect(await value("new Box().get().length")).equal(1);
  });

  it("`export` before a declaration is no matter, and `export from` imports", async () => {
    expect(await value("export const rate = 3; rate")).equal(3);
    expect(await value("rate + 1")).equal(4);
    await value(
      "export default function named() { return 7; }\nexport interface Shape { a: number }\nexport { rate };",
    );
    expect(await value("const shape: Shape = { a: named() }; shape.a")).equal(7);
    await value("export default { a: 1 };");
    await value("export default class {}");
    await value('export { join } from "node:path";\nexport * as paths from "node:path";');
    expect(await value("join('a', 'b') + paths.sep")).equal("a/b/");
    // What is wrong with it is said of the line, and the column, that the learner wrote.
    const { error } = await session.run("export const bad: string = 3;");
    expect(error!.evalue).match(/^1:14 - Type 'number'/);
    expect(error!.traceback.join("\n")).include("export const bad: string = 3;");
  });

  it("import attributes, in both forms", async () => {
    expect(await value('import pack from "./package.json" with { type: "json" }\npack.name')).equal(
      "rlhf-lab-workspace",
    );
    const dynamic = 'const p = await import("./package.json", { with: { type: "json" } });\np.default.name';
    expect(await value(dynamic)).equal("rlhf-lab-workspace");
    expect(await complaint('import pack from "./package.json" with { type: "json" }\nnonesuch')).match(/^2:1 - /);
  });

  it("every method that Node 20 has is known, and really there", async () => {
    const names: Record<string, object> = {
      Array: [],
      String: Object(""),
      RegExp: /x/,
      ArrayBuffer: new ArrayBuffer(1),
    };
    names.SharedArrayBuffer = new SharedArrayBuffer(1);
    for (const [, kind, body] of NODE_20.matchAll(/interface (\w+)(?:<T>)? \{([^}]*)\}/g)) {
      if (/Constructor$|^Import/.test(kind!)) continue;
      const owner =
        names[kind!.replace("Readonly", "")] ?? new (globalThis as never as Record<string, new () => object>)[kind!]!();
      const members = [
        ...body!
          .replace(/\/\*.*?\*\/|\(.*/g, (text) => (text.startsWith("(") ? "(" : ""))
          .matchAll(/(?:readonly )?(\w+)[(:]/g),
      ];
      expect(members, kind).not.length(0);
      for (const [, member] of members) expect(member! in owner, `${kind}.${member}`).equal(true);
    }
    expect(await value("[3, 1, 2].toSorted().with(0, 9).toSpliced(1, 1).toReversed()")).deep.equal([3, 9]);
    expect(await value("new Float64Array([2, 1]).toSorted().at(0)")).equal(1);
    expect(await value("'\\ud800'.toWellFormed()")).equal("\ufffd");
    expect(await complaint("Object.groupBy([1], String)")).include("'groupBy' does not exist");
  });

  it("standard decorators, also one of an earlier cell, and accessors", async () => {
    await value(`function twice(method: () => number, _: ClassMethodDecoratorContext) {
  return function (this: unknown) { return 2 * method.call(this); };
}`);
    expect(await value("class Three { @twice three() { return 3; } }\nnew Three().three()")).equal(6);
    expect(await value("class Field { accessor x = 4; }\nnew Field().x")).equal(4);
  });

  it("`using` is refused in words", async () => {
    expect(await complaint("using x = { [Symbol.dispose]() {} };")).match(/^1:1 - `using` is newer .*`finally`/);
    expect(await complaint("const a = 1;\nawait using x = null;")).match(/^2:1 - `using` is newer/);
  });

  it("import.meta is that of a file in the project's root", async () => {
    expect(await value('new URL("./package.json", import.meta.url).pathname')).equal(`${process.cwd()}/package.json`);
    expect(await value("import.meta.dirname")).equal(process.cwd());
    const idiom =
      'import { fileURLToPath } from "node:url";\nconst __filename = fileURLToPath(import.meta.url); __filename';
    expect(await value(idiom)).equal(`${process.cwd()}/cell.ts`);
    expect(await value("__filename.length > 1")).equal(true);
  });

  it("namespaces, import aliases and augmentations live on", async () => {
    await value("namespace Geo { export const q = 1; export interface Point { x: number } }\nimport Alias = Geo;");
    await value("declare global { interface Array<T> { marked?: number } }");
    for (const between of ["1", "const other = 2;", "Geo.q"]) await value(between);
    expect(await value("const point: Geo.Point = { x: Geo.q }; point.x")).equal(1);
    await value("const marked: number | undefined = [1].marked;");
    await value("const Geo = { r: 5 };");
    expect(await value("Geo.r")).equal(5);
    expect(await complaint("Geo.q")).include("'q' does not exist");
  });

  it("`var` in a block, or in the head of a loop, belongs to the cell", async () => {
    await value("if (true) { var leaked = 3; }");
    expect(await value("leaked")).equal(3);
    await value("for (var i = 0, n = 2; i < n; i++);\nfor (var k of ['a', 'bc']) {}\nfor (var key in { u: 1 }) {}");
    expect(await value("[i, n, k, key]")).deep.equal([2, 2, "bc", "u"]);
    await value("for (var { p, q: [r = 4] } of [{ p: 1, q: [] as number[] }]);\ntry { var tried = 5; } finally {}");
    expect(await value("[p, r, tried]")).deep.equal([1, 4, 5]);
    await value("for await (var later of [Promise.resolve(9)]);");
    expect(await value("later")).equal(9);
    await value("(() => { var inner = 1; return inner; })(); function f() { if (true) { var deep = 2; } }");
    expect(await complaint("inner")).include("Cannot find name");
    expect(await complaint("deep")).include("Cannot find name");
  });

  it("an object literal ends a cell; a block stays a block", async () => {
    expect(await value("{ a: 1, b: 2 }")).deep.equal({ a: 1, b: 2 });
    expect(await value("{ a: 1 }")).deep.equal({ a: 1 });
    expect(
      await value("const x9 = 1;\n{\n  a: { b: [x9, { c: 2 }] },\n  'd e': 3,\n  ...{ z: 4 },\n} // said"),
    ).deep.equal({
      a: { b: [1, { c: 2 }] },
      "d e": 3,
      z: 4,
    });
    expect(await value("{ x9 }")).deep.equal({ x9: 1 });
    expect(await value("{ a: 1, b: 2 };")).deep.equal({ a: 1, b: 2 });
    for (const block of ["{ const own = 3; own; }", "{ Math.abs(1) }", "{ a: 1 };", "if (true) { a: 1 }", "{ x9; }"])
      expect(await value(block), block).equal(undefined);
    expect(await complaint("const y9 = 1;\n{ b: y9, c: y9.nothing }")).match(/^2:16 - Property 'nothing'/);
  });

  it("a nameless last function stays nameless", async () => {
    for (const code of ["() => 1", "(function () {})", "(class {})", "(() => 1)"])
      expect(((await value(code)) as { name: string }).name, code).equal("");
  });

  it("names that every cell needs cannot be taken", async () => {
    for (const name of ["undefined", "exports", "require", "__tslab__"])
      expect(await complaint(`let ${name} = 3`), name).match(/^1:5 - A cell cannot declare the name/);
    expect(await value("(() => { const require = 1; return require; })()")).equal(1);
    expect(await value("[undefined].length")).equal(1);
  });

  it("// @ts-nocheck counts at the top of a cell only", async () => {
    expect(await value("// @ts-nocheck\nconst one: string = 3; one")).equal(3);
    expect(await value("// words\n/* more */\n// @ts-nocheck\nconst one: string = 4; one")).equal(4);
    expect(await complaint("const one = 1; // @ts-nocheck\nconst two: string = 3;")).include("not assignable");
  });

  it("a line separator in a string", async () => {
    expect(await value('const parts = "a\u2028b\u2029"; parts')).equal("a\u2028b\u2029");
    expect(await complaint('"\u2028".nothing')).match(/^1:5 - /);
  });

  it("a literal of 20,000 keys is any to later cells", async () => {
    await value(`const huge = { ${Array.from({ length: 20_000 }, (_, i) => `k${i}: ${i}`).join(", ")} };`);
    expect(await value("huge.k5")).equal(5);
    expect(await value("const any: string = huge; typeof any")).equal("object");
  });
});
