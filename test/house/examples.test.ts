// An example in a docstring is code that runs, and the comment behind it is what it gives.
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect } from "chai";
import { doors, read, repositoryFiles, root, withoutComments } from "./source.js";

const ts: typeof import("@tslab/typescript-for-tslab") = createRequire(import.meta.url)("@tslab/typescript-for-tslab");
type Expression = import("@tslab/typescript-for-tslab").Expression;

interface Example {
  name: string;
  code: string;
}

/** The examples in the docstrings of what a source exports. @throws for one anywhere else, which nobody would run */
function examplesOf(source: string): Example[] {
  const found: Example[] = [];
  for (const statement of ts.createSourceFile("source.ts", source, ts.ScriptTarget.Latest, true).statements) {
    if (!/^export\b/.test(statement.getText())) continue;
    const [, name = "?"] = /\b(?:function|class|const|interface|type)\*?\s+(\w+)/.exec(statement.getText()) ?? [];
    for (const tag of ts.getJSDocTags(statement)) {
      if (tag.tagName.text === "example") found.push({ name, code: ts.getTextOfJSDocComment(tag.comment) ?? "" });
    }
  }
  const written = source.match(/@example\b/g)?.length ?? 0;
  if (found.length !== written) throw new Error(`${written} examples, ${found.length} of them at an export`);
  return found;
}

/** What is left open by three dots (not a spread), or loops over data that is not there, is for reading only. */
const isSketch = (code: string) => /\.\.\.(?![\w"'`[({$])|\bfor await\b/.test(withoutComments(code));

let scope: Promise<Record<string, unknown>> | undefined;
/** Every name behind a door; data frames, which load another library, apart. */
function names(): Promise<Record<string, unknown>> {
  const sources = doors();
  scope ??= Promise.all(
    sources.map(({ source }) => import(pathToFileURL(join(root, source)).href) as Promise<Record<string, unknown>>),
  ).then((modules) => Object.assign({}, ...modules) as Record<string, unknown>);
  return scope;
}

/** What is wrong with an example, if anything: it does not run, has no value where it ends, or another one. */
async function faults(code: string): Promise<string[]> {
  const { statements } = ts.createSourceFile("example.ts", code, ts.ScriptTarget.Latest, true);
  const wrong: string[] = [];
  const told: string[] = [];
  const program = statements.map((statement, i) => {
    const [range] = ts.getTrailingCommentRanges(code, statement.end) ?? [];
    if (range === undefined) {
      if (i === statements.length - 1) wrong.push(`${statement.getText()}: no value in a comment behind it`);
      return statement.getText();
    }
    told[i] = code.slice(range.pos + 2, range.end).trim();
    if (ts.isExpressionStatement(statement)) return `await see(${i}, async () => (${statement.expression.getText()}));`;
    wrong.push(`${statement.getText()}: only an expression has a value`);
    return statement.getText();
  });
  if (statements.length === 0) return ["empty"];
  if (!isSound(code)) return ["no TypeScript"];
  if (wrong.length > 0) return wrong;
  const see = async (i: number, run: () => Promise<unknown>) => {
    const fault = await difference(run, told[i]);
    if (fault !== undefined) wrong.push(`${statements[i].getText()}: ${fault}`);
  };
  const known = { ...(await names()), see };
  // In a block, so that an example may use a name of the library for something of its own.
  const { outputText } = ts.transpileModule(`{\n${program.join("\n")}\n}`, { compilerOptions });
  try {
    await new AsyncFunction(...Object.keys(known), outputText)(...Object.values(known));
  } catch (error) {
    wrong.push(String(error));
  }
  return wrong;
}

const compilerOptions = { target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext };
/** Whether it can be parsed: the parser mends a missing bracket in silence, but notes it (TypeScript hides where). */
const isSound = (code: string) => {
  const source = ts.createSourceFile("code.ts", code, ts.ScriptTarget.Latest);
  return (source as typeof source & { parseDiagnostics: unknown[] }).parseDiagnostics.length === 0;
};

const AsyncFunction = (async () => {}).constructor as new (...words: string[]) => (...args: unknown[]) => Promise<void>;

/** How what an expression gives differs from what its comment tells; undefined if it does not. */
async function difference(run: () => Promise<unknown>, told: string): Promise<string | undefined> {
  const [, kind] = /^throws (\w+)$/.exec(told) ?? [];
  let value: unknown;
  try {
    value = await run();
  } catch (error) {
    return kind !== undefined && (error as Error).name === kind ? undefined : `${error}, told is ${told}`;
  }
  const literal = `(${told});`;
  const [statement] = ts.createSourceFile("value.ts", literal, ts.ScriptTarget.Latest, true).statements;
  const same =
    isSound(literal) && statement !== undefined && ts.isExpressionStatement(statement)
      ? matches(value, statement.expression)
      : false;
  return same ? undefined : `gives ${JSON.stringify(plain(value))}, told is ${told}`;
}

/** Typed arrays as lists, for people to read. */
const plain = (value: unknown): unknown =>
  ArrayBuffer.isView(value) ? Array.from(value as Float64Array, Number) : value;

/** Whether a value is what a literal says: numbers to the digits shown, lists and records member by member. */
function matches(value: unknown, literal: Expression): boolean {
  if (ts.isParenthesizedExpression(literal)) return matches(value, literal.expression);
  const text = literal.getText();
  if (/^-?(?:[\d.]|Infinity)/.test(text)) return typeof value === "number" && isRounded(value, text);
  if (ts.isArrayLiteralExpression(literal)) {
    const list = plain(value);
    const { elements } = literal;
    return Array.isArray(list) && list.length === elements.length && elements.every((own, i) => matches(list[i], own));
  }
  if (ts.isObjectLiteralExpression(literal)) {
    if (typeof value !== "object" || value === null) return false;
    const record = value as Record<string, unknown>;
    const members = literal.properties.filter(ts.isPropertyAssignment);
    return (
      members.length === literal.properties.length &&
      members.length === Object.keys(record).length &&
      members.every(({ name, initializer }) => matches(record[name.getText()], initializer))
    );
  }
  if (ts.isStringLiteralLike(literal)) return value === literal.text;
  const words = new Map<string, unknown>([
    ["true", true],
    ["false", false],
    ["null", null],
    ["undefined", undefined],
    ["NaN", Number.NaN],
  ]);
  return words.has(text) && Object.is(words.get(text), value);
}

/** Whether a number is one with these digits: within half a unit of the last place, and a whole number to rounding. */
function isRounded(value: number, digits: string): boolean {
  const shown = Number(digits);
  if (!Number.isFinite(shown)) return value === shown;
  const [, places = "", exponent = "0"] = /^-?\d*\.?(\d*)(?:e(.*))?$/i.exec(digits) ?? [];
  const half = places === "" ? 0 : 0.5 * 10 ** (Number(exponent) - places.length);
  return Math.abs(value - shown) <= half + 1e-9 * Math.abs(shown) + 1e-12;
}

describe("examples in docstrings", () => {
  const examples = repositoryFiles()
    .filter((file) => /^lib\/src\/.*\.ts$/.test(file))
    .flatMap((file) => {
      const source = read(file);
      return source.includes("@example") ? examplesOf(source).map((example) => ({ file, ...example })) : [];
    });

  it("are many, at every door that a reader begins with, and few are sketches", () => {
    const run = examples.filter(({ code }) => !isSketch(code));
    expect(run.length).to.be.greaterThan(60);
    expect(examples.length - run.length).to.be.lessThan(10);
    const topics = [
      "constitution",
      "data",
      "games",
      "mdp",
      "numerics",
      "policy",
      "preferences",
      "random",
      "rewards",
      "safety",
      "tokenizers",
    ];
    for (const topic of [...topics, "trees", "worlds"]) {
      expect(run.filter(({ file }) => file.startsWith(`lib/src/${topic}/`)).length, topic).to.be.greaterThan(1);
    }
  });

  it("are short", () => {
    const long = examples.filter(({ code }) => code.split("\n").length > 4);
    expect(long.map(({ file, name }) => `${file}: ${name}`)).to.deep.equal([]);
  });

  for (const { file, name, code } of examples.filter((example) => !isSketch(example.code))) {
    it(`${file}: ${name} gives what is told`, async () => {
      expect(await faults(code)).to.deep.equal([]);
    });
  }

  it("that are wrong are found", async () => {
    for (const bad of [
      "mean([1, 2, 6])", // no value
      "mean([1, 2, 6]);\nmean([1, 2]) // ", // an empty one
      "const m = mean([1, 2, 6]); // 3", // no expression
      "const m = mean([1, 2, 6]);", // nor here
      "mean([1, 2, 6]) // three",
      "mean([1, 2, 6]) // 4",
      "mean([1, 2, 6.4]) // 3", // a whole number is a whole number
      "softplus(0) // 0.6932",
      "softplus(0) // 0.69314719",
      "-softplus(0) // 0.6931",
      "Math.exp(-20) // 2.07e-9",
      "softmax([0, 0]) // [0.5]",
      "softmax([0, 0]) // [0.5, 0.4]",
      "mean([1, 2]) // 1.5 // or so",
      "mean([1, 2]) // [1.5]",
      "[1.5] // 1.5",
      "({ a: 1, b: 2 }) // { a: 1 }",
      "({ a: 1 }) // { a: 2 }",
      "({ a: 1 }) // { b: 1 }",
      'wordsOf("A whale") // ["a", "sea"]',
      "1 > 0 // false",
      "1 / 0 // -Infinity",
      "undefined // null",
      "mean([]) // 0",
      "mean([]) // throws ShapeError",
      "mean([1]) // throws DomainError",
      "mean([1]) // 2\nmean([1]) // 1", // each line counts
      "nobody(1) // 1",
      "mean([1] // 1",
      "mean([1); // 1",
      "softmax([0, 0]) // [0.5, 0.5",
      "await (async () => 2)() // 3",
      "",
    ]) {
      expect(await faults(bad), bad).to.not.deep.equal([]);
    }
  });

  it("that are right are not", async () => {
    for (const good of [
      "mean([1, 2, 6]) // 3",
      "mean([1, 2]);\nmean([1, 2, 6]) // 3",
      "softplus(0) // 0.693",
      "-softplus(0) // -0.6931",
      "Math.exp(-20) // 2.06e-9",
      "softmax([0, 0]) // [0.5, 0.50]",
      "Float64Array.of(1, 2) // [1, 2]",
      "({ a: [1], b: { c: -1.5 } }) // { a: [1], b: { c: -1.5 } }",
      'wordsOf("A whale") // ["a", "whale"]',
      "\"a\" // 'a'",
      "1 > 0 // true",
      "[0 / 0, 1 / 0, undefined, null] // [NaN, Infinity, undefined, null]",
      "mean([]) // throws DomainError",
      "await (async () => 2)() // 2",
      "const mean = (x: number): number => x;\nmean(1) // 1", // a name of its own
    ]) {
      expect(await faults(good), good).to.deep.equal([]);
    }
  });

  it("are sketches only with three dots or a for await", () => {
    for (const sketch of ["line({ ... })", "table([1, ...])", "for await (const x of y) use(x)"]) {
      expect(isSketch(sketch), sketch).to.equal(true);
    }
    for (const code of ["mean([...xs]) // 3", "f(...xs)", 'new Set([..."abc"]).size // 3', "mean([1]) // 1, ..."]) {
      expect(isSketch(code), code).to.equal(false);
    }
  });

  it("stand at what is exported", () => {
    expect(examplesOf("/**\n * One.\n * @example f() // 1\n */\nexport function f() {}")).to.deep.equal([
      { name: "f", code: "f() // 1" },
    ]);
    expect(examplesOf("/**\n * @example\n * a();\n * b() // 1\n * @throws E\n */\nexport const b = 1;")).to.deep.equal([
      { name: "b", code: "a();\nb() // 1" },
    ]);
    expect(() => examplesOf("/** @example f() // 1 */\nfunction f() {}")).to.throw("0 of them");
    expect(() => examplesOf("export class A {\n  /** @example f() // 1 */\n  f() {}\n}")).to.throw("0 of them");
  });
});
