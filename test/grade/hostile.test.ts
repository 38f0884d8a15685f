import { existsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { sized } from "../sized.js";
import {
  type Case,
  eventually,
  FULL,
  gradedClass,
  lesson,
  none,
  Place,
  processesWith,
  write,
} from "./fixtures/class.js";
import { answers, handedOut, notebookText, solved, withCell } from "./fixtures/notebooks.js";

// Results, channels, compilers and judges under attack: only one's own points are lost, in a bounded time.

/** sigmoid's cell with some code before the right answer. */
const inSigmoid = (code: string) => ({
  sigmoid: `async function sigmoid(x: number): Promise<number> {\n  ${code}\n  return 1 / (1 + Math.exp(-x));\n}`,
});
const sigmoidIs = (body: string) =>
  solved({ sigmoid: `async function sigmoid(x: number): Promise<unknown> { ${body} }` });
const ownLoss = { "99/sigmoid": 0 };
const nested = (opening: string, closing: string) => `const n = ${opening.repeat(10_000)}1${closing.repeat(10_000)};`;
const writesToChannel = (bytes: string) => `const fs = await import("node:fs"); fs.writeSync(3, ${bytes});`;

gradedClass("results made to break a check", [
  {
    learner: "deep",
    cells: sigmoidIs("let d: unknown = 1; for (let i = 0; i < 1e5; i++) d = [d]; return d;"),
    but: ownLoss,
    says: "holds itself, or is nested 50 deep",
  },
  { learner: "cyclic", cells: sigmoidIs("const o: any = {}; o.o = o; return o;"), but: ownLoss, says: "holds itself" },
  {
    learner: "40 MB",
    cells: sigmoidIs("return new Float64Array(5e6);"),
    but: ownLoss,
    says: "a list of 5000000 entries, which is more than",
  },
  {
    learner: "200 MB",
    cells: sigmoidIs('return "x".repeat(2e8);'),
    but: ownLoss,
    says: "a text of 200000000 characters",
  },
  {
    learner: "sparse",
    cells: sigmoidIs("const a: number[] = []; a.length = 2e9; return a;"),
    but: ownLoss,
    says: "a list of 2000000000 entries",
  },
  { learner: "bigint", cells: sigmoidIs("return new BigInt64Array(1);"), but: ownLoss, says: "a bigint" },
  {
    learner: "__proto__",
    cells: sigmoidIs('return JSON.parse(\'{"__proto__": {"x": 1}}\');'),
    but: ownLoss,
    says: '"__proto__"',
  },
  {
    learner: "getter",
    cells: sigmoidIs("return { get a() { throw new Error('no'); } };"),
    but: ownLoss,
    says: "cannot be read",
  },
  {
    learner: "endless getter",
    cells: sigmoidIs("return { get a() { for (;;); } };"),
    but: ownLoss,
    says: "did not finish within 1 seconds",
  },
  {
    learner: "thenable",
    cells: sigmoidIs("return { then(ok: (x: number) => void) { ok(1 / (1 + Math.exp(-x))); } };"),
    says: "",
  },
  {
    learner: "generator",
    cells: sigmoidIs("return (function* () { for (;;) yield 1; })();"),
    but: ownLoss,
    says: "expected a number",
  },
  {
    learner: "lying length",
    cells: sigmoidIs("return Object.defineProperty(new Float64Array(2), 'length', { value: 1e9 });"),
    but: ownLoss,
    says: "a list of 1000000000 entries",
  },
  {
    learner: "resizable",
    cells: solved({
      mean: answers.mean.replace(
        "return xs",
        "const own = new (Float64Array as any)(new (ArrayBuffer as any)(64, { maxByteLength: 128 }), 0); own.set(xs);\n  return xs",
      ),
    }),
    says: "",
  },
  {
    learner: "second call",
    cells: withCell("let calls = 0;", inSigmoid("if (++calls > 1) throw new Error('again');")),
    but: { "99/sigmoid": 2 },
    says: "again",
  },
  {
    learner: "late timers",
    cells: solved(inSigmoid("setTimeout(() => { throw new Error('late'); }, 1); setInterval(() => {}, 1);")),
    says: "",
  },
  {
    learner: "settles twice",
    cells: solved(inSigmoid("await new Promise<void>((ok, no) => { ok(); no(1); ok(); });")),
    says: "",
  },
  {
    learner: "overwritten globals",
    cells: withCell(
      [
        "const g = globalThis as any;",
        "for (const name of ['Buffer', 'queueMicrotask', 'setImmediate']) g[name] = () => { throw 1; };",
        "g.Promise = class { static race() { return 7; } };",
      ].join("\n"),
    ),
    says: "",
  },
  {
    learner: "an overwritten clone",
    cells: withCell("(globalThis as any).structuredClone = () => { throw 1; };"),
    // It does refuse the empty list, with whatever error.
    but: { ...none(), "99/mean": 1 },
    says: "sigmoid threw 1, which is not an Error",
  },
]);

gradedClass("a channel that carries what nobody asked for", [
  {
    learner: "frames nobody asked for",
    cells: withCell(
      `for (let i = 0; i < 2e4; i++) require("node:fs").writeSync(3, Buffer.from([0, 0, 0, 2, 118, i & 255]));`,
    ),
    says: "",
  },
  { learner: "frames of length 0", cells: withCell(`require("node:fs").writeSync(3, Buffer.alloc(4e5));`), says: "" },
  {
    learner: "half a frame",
    cells: solved(inSigmoid(writesToChannel("Buffer.from([0, 1, 0, 0, 118])"))),
    but: ownLoss,
    says: "sigmoid ",
  },
  {
    learner: "15 MB of empty sets",
    cells: withCell(
      `const head = Buffer.alloc(4); head.writeUInt32BE(15e6); const sets = Buffer.alloc(15e6, Buffer.from([39, 44, 0])); for (const b of [head, sets]) for (let at = 0; at < b.length; ) try { at += require("node:fs").writeSync(3, b, at); } catch {}`,
    ),
    says: "",
  },
  {
    learner: "60 MB of a frame",
    cells: solved(inSigmoid(writesToChannel("Buffer.from([4, 0, 0, 0])"))),
    but: ownLoss,
    says: "sent a value of 64 MB",
  },
  {
    learner: "closed",
    cells: solved(inSigmoid('(await import("node:fs")).closeSync(3);')),
    but: ownLoss,
    says: "sigmoid ",
  },
]);

gradedClass("what never ends", [
  {
    learner: "a regular expression",
    cells: sigmoidIs('return /^(a+)+$/.test("a".repeat(50) + "b") ? 1 : 0;'),
    but: ownLoss,
    says: "did not finish within 1 seconds",
  },
  {
    learner: "microtasks",
    cells: sigmoidIs("for (;;) await null;"),
    but: ownLoss,
    says: "did not finish within 1 seconds",
  },
  {
    learner: "signal handlers",
    cells: sigmoidIs('process.on("SIGTERM", () => {}); process.on("SIGXCPU", () => {}); for (;;);'),
    but: ownLoss,
    says: "did not finish within 1 seconds",
  },
  {
    learner: "standard input",
    cells: solved(inSigmoid('try { (await import("node:fs")).readSync(0, Buffer.alloc(1)); } catch {}')),
    says: "",
  },
  {
    learner: "wasm",
    cells: sigmoidIs(
      "const { instance } = await WebAssembly.instantiate(new Uint8Array([0,97,115,109,1,0,0,0,1,4,1,96,0,0,3,2,1,0,7,5,1,1,102,0,0,10,9,1,7,0,3,64,12,0,11,11])); (instance.exports.f as () => void)();",
    ),
    but: ownLoss,
    says: "did not finish within 1 seconds",
  },
  {
    learner: "a promise",
    cells: sigmoidIs("await new Promise(() => {});"),
    but: ownLoss,
    says: "it waits for something that never happens",
  },
]);

gradedClass(
  "cells made to break the compiler",
  [
    { learner: "async(", cells: withCell(`function slow() {}\n${"async(".repeat(30)}`), says: "" },
    {
      learner: "async( in an answer",
      cells: solved({ mean: `function mean() {}\n${"async(".repeat(30)}` }),
      but: { "99/mean": 0 },
      says: "the compiler had not ended after 2 seconds",
    },
    ...Object.entries({
      parentheses: ["(", ")"],
      brackets: ["[", "]"],
      templates: ["`${", "}`"],
      ternaries: ["1?", ":1"],
      arrows: ["()=>", ""],
      types: ["<any>", ""],
    }).map(
      ([what, [opening, closing]]): Case => ({
        learner: `nested ${what}`,
        cells: withCell(nested(opening, closing)),
        says: "",
      }),
    ),
    { learner: "nested braces", cells: withCell("{".repeat(10_000) + "}".repeat(10_000)), says: "" },
    { learner: "a line of 10 MB", cells: withCell(`const long = "${"x".repeat(1e7)}";`), says: "" },
  ],
  { memory: 1024, compilerSeconds: 2 },
);

describe("a class of many cells", () => {
  const place = new Place();
  after(() => place.remove());

  it("400 cells that never end are not all waited for, and the exercises are graded", async () => {
    const cells = solved();
    cells.splice(4, 0, ...Array.from({ length: 400 }, (_, i) => ({ id: `loop${i}`, source: `for (;;) {} // ${i}` })));
    const folder = place.folder("loops");
    write(folder, { learner: "loops", cells, says: "" });
    const report = await place.grade(folder, { seconds: 0.5 });
    expect(report.grades.map((g) => g.points)).to.deep.equal(Object.values(FULL));
    // A cell that was ended counts in full, however busy the machine: so at most twenty of 400 had their time.
    const [, spared] = /(\d+) cells [^;]* each for this: cells before it/.exec(report.grades[0].message) ?? [];
    expect(Number(spared), report.grades[0].message).to.be.at.least(380);
  });

  it("soak: 1,100 (100,000) cells of a learner are no trouble: those of exercises are read first", async () => {
    const cells = [
      ...Array.from({ length: sized(1_100, 100_000) }, (_, i) => ({ id: `c${i}`, source: `const c${i} = ${i};` })),
      ...solved(),
    ];
    const folder = place.folder("cells");
    write(folder, { learner: "cells", cells, says: "" });
    const report = await place.grade(folder);
    expect(
      report.grades.map((g) => g.points),
      report.grades[0].message,
    ).to.deep.equal(Object.values(FULL));
  });
});

describe("a judge that dies or hangs", () => {
  const place = new Place();
  after(() => place.remove());
  const faulty = (source: string) => notebookText([{ id: "faulty", exercise: "98/faulty", source }]);
  const loop = "setTimeout(() => { for (;;); }, 0);";

  it("costs the answer that it was at, no other learner's, and takes its runner along", async () => {
    const folder = place.folder("faults");
    for (const [name, source] of Object.entries({
      a: `function faulty() { ${loop} return "exit"; }`,
      b: `function faulty() { ${loop} return "hang"; }`,
      c: 'function faulty() { return "slip"; }',
      d: "function faulty() { return 1; }",
    })) {
      writeFileSync(join(folder, `${name}.ipynb`), faulty(source));
    }
    const extraLessons = { "98": lesson("98") };
    const report = await place.grade(folder, { jobs: 1, checkSeconds: 1, extraLessons });
    expect(report.grades.map((g) => g.points)).to.deep.equal([0, 0, 0, 1]);
    for (const { message } of report.grades.slice(0, 2)) {
      expect(message).to.contain("the grader gave up on this answer: its check did not come to an end with it");
    }
    expect(report.grades[2].message).to.contain(
      'faulty returned "slip", which the check cannot work with (a slip in the check)',
    );
    await eventually(() => processesWith(join(tmpdir(), `rlhf-lab-grade-${process.pid}-`)).length === 0);
  });

  it("of several exercises, the others are graded", async () => {
    const folder = place.folder("others");
    const cells = [...solved(), { id: "both", exercise: "99/hang", source: "function hang() { return 1; }" }];
    write(folder, { learner: "others", cells, says: "" });
    const report = await place.grade(folder, { checkSeconds: 1, extraLessons: { "99": lesson("97") } });
    const points = Object.fromEntries(report.grades.map((g) => [g.exercise, g.points]));
    expect(points).to.deep.equal({ ...FULL, "99/hang": 0 });
  });
});

describe("results that cannot be written", () => {
  const place = new Place();
  after(() => place.remove());

  it("end the grading with a sentence, and leave no process", async () => {
    const folder = place.folder("class");
    for (const name of ["a", "b", "c"]) write(folder, { learner: name, cells: handedOut(), says: "" });
    const out = join(place.home, "file");
    writeFileSync(out, "");
    const error = await place.grade(folder, { out }).catch((e: Error) => e);
    expect(error).to.be.an("error").with.property("message").that.contains("the grades cannot be written there");
    expect(existsSync(out)).to.equal(true);
    await eventually(() => processesWith(join(tmpdir(), `rlhf-lab-grade-${process.pid}-`)).length === 0);
  });
});
