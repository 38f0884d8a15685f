// A cell's TypeScript as the page runs it: names become the session's, lines stay.
import { expect } from "chai";
import fc from "fast-check";
import { convertCell } from "../../../scripts/site/live/worker/convert.js";

/** Runs cells one after the other, as the session does, without doors. */
async function run(...cells: string[]): Promise<{ variables: Record<string, unknown>; value: unknown }> {
  const variables: Record<string, unknown> = {};
  const known = new Set<string>();
  let last: { value?: unknown } = {};
  for (const cell of cells) {
    const { js, declares } = convertCell(cell, (name) => known.has(name));
    for (const { name } of declares) known.add(name);
    last = {};
    // biome-ignore lint/security/noGlobalEval: as the session does
    await globalThis.eval(js)(variables, async (door: string) => ({ door }), last);
  }
  return { variables, value: last.value };
}
const lastValue = async (...cells: string[]) => (await run(...cells)).value;

describe("live cells: what a cell becomes", () => {
  const cases: [what: string, cells: string[], value: unknown][] = [
    ["the last expression's value", ["const a: number = 1; a + 1"], 2],
    ["no value after a declaration", ["const a = 1"], undefined],
    ["an earlier cell's name", ["const a = 1", "a + 1"], 2],
    ["a name declared again", ["const a = 1", "const a = 5; a"], 5],
    ["a function sees a later cell's value", ["let a = 1; const f = () => a", "a = 7", "f()"], 7],
    ["a function used above where it stands", ["const x = f(2); function f(n: number) { return 3 * n; }", "x"], 6],
    [
      "a function that calls itself",
      ["function f(n: number): number { return n < 1 ? 1 : n * f(n - 1); }", "f(4)"],
      24,
    ],
    ["shadowed names are left alone", ["const a = 1; const f = (a: number) => { const b = a; return b; }", "f(9)"], 9],
    ["shorthand properties", ["const a = 1, b = 2", "({ a, b })"], { a: 1, b: 2 }],
    [
      "patterns",
      ["const { a, b: [c, ...d], e = 5, ...f } = { a: 1, b: [2, 3, 4], g: 6 } as any", "[a, c, d, e, f]"],
      [1, 2, [3, 4], 5, { g: 6 }],
    ],
    ["a pattern as an assignment", ["let a = 1, b = 2", "({ a, b } = { a: 3, b: 4 }); [a, b]"], [3, 4]],
    [
      "a line that begins with a bracket after one without a semicolon",
      ["const a = 1\nconst [b] = [a]\nconst { c } = { c: b }\nc"],
      1,
    ],
    ["var in a block belongs to the cell", ["for (var i = 0; i < 3; i++) { var j = i; }", "[i, j]"], [3, 2]],
    ["var in the head of for ... of", ["for (var { k } of [{ k: 1 }, { k: 2 }]);", "k"], 2],
    ["let in a block does not", ["let i = 9; for (let i = 0; i < 3; i++);", "i"], 9],
    [
      "let without a value is undefined again",
      ["let a: number | undefined = 1", "let a: number | undefined;\n[a]"],
      [undefined],
    ],
    [
      "classes",
      [
        "class A { constructor(readonly n: number) {} twice() { return new A(2 * this.n); } }\n(1)",
        "new A(4).twice().n",
      ],
      8,
    ],
    ["enums", ["enum E { A = 3, B }", "[E.B, E[3]]"], [4, "A"]],
    ["top-level await", ["const a = await Promise.resolve(3)", "a"], 3],
    ["for await", ["let sum = 0; for await (const x of [Promise.resolve(1), 2]) sum += x;", "sum"], 3],
    ["generators", ["function* g() { yield 1; yield 2; }", "[...g()]"], [1, 2]],
    ["export says nothing", ["export const a = 2;\nexport function f() { return a; }", "f()"], 2],
    [
      "satisfies, as const, generics",
      ["const f = <T,>(x: T) => x; const a = [1, 2] as const satisfies readonly number[]", "f<number>(a[1])"],
      2,
    ],
    ["import() of a door", ["const d = await import('rlhf-lab/policy')", "d.door"], "rlhf-lab/policy"],
    [
      "a name that the browser has too",
      ["const name = 'a', location = 'b', crypto = 'c'", "name + location + crypto"],
      "abc",
    ],
    ["names of Object.prototype", ["const valueOf = 1, toString = 2", "valueOf + toString"], 3],
    ["typeof of what is not there", ["typeof nothing"], "undefined"],
    ["a label and a property of a name's spelling", ["const a = 1; a: for (;;) break a; ({ a: 5 }).a"], 5],
  ];
  for (const [what, cells, value] of cases) {
    it(what, async () => expect(await lastValue(...cells)).to.deep.equal(value));
  }

  it("tells imports, declarations and uses", () => {
    const cell = convertCell(
      'import { a, type T, b as c } from "rlhf-lab";\nimport * as d from "rlhf-lab/core";\nconst x: T = a(y)',
    );
    expect(cell.imports.filter(({ local }) => local !== "T")).to.deep.equal([
      { door: "rlhf-lab", name: "a", local: "a" },
      { door: "rlhf-lab", name: "b", local: "c" },
      { door: "rlhf-lab/core", name: "*", local: "d" },
    ]);
    expect(cell.declares).to.deep.equal([{ name: "x", kind: "const" }]);
    expect(cell.uses).to.include("y");
    expect(cell.usesOfImports).to.deep.equal(["a"]);
  });

  it("keeps every line where it is", () => {
    const lines = [
      "import {",
      "  a,",
      '} from "rlhf-lab";',
      "interface I {",
      "  x: number;",
      "}",
      "const f = (",
      "  n: number,",
      ") => n;",
      "MARK",
    ];
    const { js } = convertCell(lines.join("\n"));
    expect(js.split("\n").findIndex((line) => line.includes("MARK"))).to.equal(9);
  });

  const faults: [source: string, words: RegExp][] = [
    ["const x = ;", /^line 1: /],
    ["const a = 1;\nfunction f() {\n  return 1;\n", /^line 4: /],
    ["const a = 1;\n\na = 2;", /^line 3: a is a constant/],
    ["const a = 1;\nconst a = 2;", /^line 2: .*already been declared/],
    ["return 5", /^line 1: .*return/],
    ["`never ended", /^line 1: /],
  ];
  for (const [source, words] of faults) {
    it(`says what is wrong with ${JSON.stringify(source)}`, () => {
      expect(() => convertCell(source))
        .to.throw()
        .with.property("message")
        .that.matches(words);
    });
  }

  it("whatever names there are, cells give what one program would", async () => {
    const name = fc.constantFrom("a", "b", "name", "self", "of", "async", "$", "_", "value", "get", "é");
    const property = fc.asyncProperty(
      fc.uniqueArray(name, { minLength: 1 }),
      fc.boolean(),
      async (names, semicolons) => {
        const lines = names.map(
          (each, i) => `const ${each} = ${i === 0 ? "1" : `[${names[i - 1]}].concat([${i}]).flat()`}`,
        );
        const text = lines.map((line) => line + (semicolons ? ";" : ""));
        const last = names.at(-1)!;
        const want = new Function(`"use strict"; ${lines.join(";")}; return ${last}`)();
        expect(await lastValue(...text, last)).to.deep.equal(want);
        expect(await lastValue([...text, last].join("\n"))).to.deep.equal(want);
      },
    );
    await fc.assert(property);
  });
});
