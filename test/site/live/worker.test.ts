// The worker of the site's pages, in a thread of Node: it says what the notebooks' kernel says, and bears bad cells.
import { format } from "node:util";
import { gzipSync } from "node:zlib";
import { expect } from "chai";
import { setNotebookHost } from "rlhf-lab/core";
import { mimeBundle } from "../../../course/src/kernel/cells/value.js";
import { OUTPUT_LIMIT } from "../../../course/src/kernel/outputLimit.js";
import { readMasters } from "../../../scripts/master/course.js";
import { type BuiltLive, live } from "../../../scripts/site/live/build.js";
import { readersCells } from "../../../scripts/site/live/lessons.js";
import { Session } from "../../kernel/session.js";
import { sized } from "../../sized.js";
import { type Published, WorkerInNode, wordsOf } from "./workerInNode.js";

/** 04 has a cell that needs danfojs, 07 cells with tensors, 12 linear programs, 01 the small tables. */
const lessons = sized(0, 1) === 1 ? readMasters().map(({ lesson }) => lesson) : ["01", "04", "07", "12"];
let built: BuiltLive;
before(async function () {
  this.timeout(900_000);
  built = await live(lessons);
});

const cellsOf = (lesson: string) => readersCells(readMasters([lesson])[0]!);

/** What the notebooks' own compiler and library print for these cells, cell by cell. */
async function inKernel(cells: readonly string[]): Promise<string[]> {
  const session = new Session();
  let published: Published[] = [];
  const print = (text: string) =>
    void published.push({ type: "stream", content: { name: "stdout", text: `${text}\n` } });
  const restore = setNotebookHost({
    display: (data, { displayId, update } = {}) =>
      void published.push({
        type: update ? "update_display_data" : "display_data",
        content: { data, transient: { display_id: displayId } },
      }),
    interrupt: new AbortController().signal,
    prompt: async () => "",
  });
  const { log } = console;
  const told: string[] = [];
  try {
    for (const cell of cells) {
      published = [];
      console.log = (...values: unknown[]) => print(format(...values));
      const { value, error } = await session.run(cell);
      console.log = log;
      if (error !== undefined) throw new Error(`${error.ename}: ${error.evalue}`);
      const data = value == null ? {} : await mimeBundle(value);
      if (Object.keys(data).length > 0) published.push({ type: "execute_result", content: { data } });
      told.push(wordsOf(published));
    }
  } finally {
    console.log = log;
    restore();
  }
  return told;
}

/** How long something took is no one's result. */
const timeless = (text: string) => text.replace(/\b[\d.,]+ ?(ms|s|min|h)\b|[\d.,]+\/s|\n+/g, " ").replace(/\s+/g, " ");

describe("live cells: the worker", function () {
  this.timeout(900_000);
  let worker: WorkerInNode;
  beforeEach(() => {
    worker = new WorkerInNode(built);
  });
  afterEach(() => worker.stop());

  // As many cells of each as show every kind of thing; a soak runs them all.
  for (const [lesson, count] of [
    ["01", 40],
    ["07", sized(12, 100)],
    ["12", sized(14, 100)],
  ] as const) {
    it(`lesson ${lesson} prints what it prints in the notebook`, async () => {
      const runs = built.manifest.lessons[lesson]!;
      const cells = cellsOf(lesson)
        .filter((_, i) => runs[i])
        .slice(0, count);
      const wanted = await inKernel(cells);
      expect(wanted.filter((text) => text !== "").length).to.be.above(5);
      for (const [i, cell] of cells.entries())
        expect(timeless(await worker.text(i, cell)), `cell ${i}:\n${cell}`).to.equal(timeless(wanted[i]!));
    });
  }

  for (const lesson of lessons.slice(0, sized(1, 100))) {
    it(`lesson ${lesson}: every cell that is said to run does`, async () => {
      for (const [i, cell] of cellsOf(lesson).entries()) {
        if (!built.manifest.lessons[lesson]![i]) continue;
        const { how, published } = await worker.run(i, cell);
        expect(how, `cell ${i}: ${wordsOf(published)}\n${cell}`).to.deep.equal({ type: "ran" });
      }
    });
  }

  it("most cells of each lesson are said to run, and those that use tensors are not", () => {
    const { lessons } = built.manifest;
    expect(lessons["01"]!.every((runs) => runs)).to.equal(true);
    expect(lessons["12"]!.every((runs) => runs)).to.equal(true);
    for (const lesson of ["04", "07"]) {
      const cells = cellsOf(lesson);
      const not = cells.filter((_, i) => !lessons[lesson]![i]);
      expect(not.length).to.be.within(1, cells.length / 4);
    }
    const tensors = cellsOf("07").filter((_, i) => !lessons["07"]![i]);
    expect(tensors.join("\n")).to.include("transformerNoise");
  });

  it("loads the doors that a cell imports, and no others", async () => {
    await worker.run(1, 'import { key } from "rlhf-lab"');
    expect(worker.wanted).to.deep.equal(["rlhf-lab"]);
    await worker.run(2, 'import { sigmoid } from "rlhf-lab"');
    expect(worker.wanted).to.deep.equal(["rlhf-lab"]);
  });

  it("a check says right, wrong, and not yet", async () => {
    const cells = cellsOf("01");
    const at = cells.findIndex((cell) => cell.includes('check("01/log-likelihood"'));
    const check = cells[at]!;
    for (const [i, cell] of cells.slice(0, at).entries()) await worker.run(i, cell);
    expect(await worker.text(50, check)).to.match(/0 of \d+ points[\s\S]*Not written yet/);
    const solution = readMasters(["01"])[0]!.cells.flatMap((cell) =>
      cell.kind === "exercise" && cell.exercise === "01/log-likelihood" ? [cell.solution] : [],
    )[0]!;
    await worker.run(51, solution);
    expect(await worker.text(52, check)).to.match(/Well done!/);
    await worker.run(53, solution.replace(/return /g, "return -"));
    expect(await worker.text(54, check)).to.match(/✗/);
    await worker.run(55, `${solution}\n)`);
    expect(await worker.text(56, check)).to.match(/is the older one[\s\S]*cell 55/);
  });

  it("an error names the cell and its line, and what was declared before stays", async () => {
    await worker.run(3, "const a = 1;\nfunction f(x: number) {\n  return x.nothing.at(0);\n}");
    const { how, published } = await worker.run(4, "let b = 2;\nf(b);\nb = 3;");
    expect(how).to.deep.equal({ type: "failed" });
    expect(wordsOf(published)).to.match(/^.{0,9}TypeError.*undefined[\s\S]*cell 3, line 3[\s\S]*at f \(cell 3:3:/);
    expect(wordsOf(published)).to.include("cell 4:2:");
    expect(wordsOf(published)).not.to.include("$.");
    expect(await worker.text(5, "[a, b]")).to.equal("[ 1, 2 ]");
  });

  const faults: [cell: string, words: RegExp][] = [
    ["const a = (;", /SyntaxError.*line 1/],
    ["1;\nnothing();", /ReferenceError.*nothing is not defined[\s\S]*line 2/],
    ["const y = x; const x = 1;", /ReferenceError.*x is used before it has a value/],
    ['import { sigmod } from "rlhf-lab";\nsigmod(1)', /"rlhf-lab" has no value sigmod\. Did you mean sigmoid/],
    ['import { key } from "rlhf-lab/randm"', /There is no "rlhf-lab\/randm"[\s\S]*Did you mean "rlhf-lab\/random"/],
    ['import fs from "node:fs"', /There is no "node:fs" on this page/],
    ["throw 5", /Thrown.*5/],
    ["throw null", /null/],
    ["throw Object.freeze(new Error('cold'))", /cold/],
    ["const f = () => f(); f()", /RangeError/],
    ["await Promise.reject(new Error('late'))", /late[\s\S]*line 1/],
    ["postMessage = undefined; self.eval = undefined; console.log = 5; throw new Error('still said')", /still said/],
  ];
  for (const [cell, words] of faults) {
    it(`answers ${JSON.stringify(cell)} in words`, async () => {
      const { how, published } = await worker.run(1, cell);
      expect(how).to.deep.equal({ type: "failed" });
      expect(wordsOf(published)).to.match(words);
    });
  }

  it("what needs tensors says so where it is used, and so does what is made of it", async () => {
    expect(
      (await worker.run(1, 'import { tf, adam } from "rlhf-lab/tensor"; import { key } from "rlhf-lab"')).how,
    ).to.deep.equal({
      type: "ran",
    });
    const { how, published } = await worker.run(2, "const t = tf.scalar(1); const other = 5;");
    expect(how.type).to.equal("tensors");
    expect((how as { words: string }).words).to.equal('tf of "rlhf-lab/tensor" needs tensors.');
    expect(published).to.deep.equal([]);
    expect((await worker.run(3, "t.print()")).how).to.deep.equal({
      type: "tensors",
      words: "t comes from cell 2, which needs tensors.",
    });
    expect(await worker.text(4, "key(1)")).to.match(/\[ 0, 1 \]|Uint32Array/);
    expect((await worker.run(5, 'await import("rlhf-lab/policy/tensor")')).how.type).to.equal("tensors");
    expect((await worker.run(6, 'import { frame } from "rlhf-lab-course/frame"; frame([])')).how.type).to.equal(
      "tensors",
    );
  });

  it("prints as Node does", async () => {
    const cell =
      'console.log("%s is %d", "x", 5, { a: [1, { b: new Map([[1, 2]]) }] }); console.error(new Set([1])); new Float64Array(3)';
    const want = `${format("%s is %d", "x", 5, { a: [1, { b: new Map([[1, 2]]) }] })}\n\nSet(1) { 1 }\n\nFloat64Array(3) [ 0, 0, 0 ]`;
    expect(await worker.text(1, cell)).to.equal(want);
    expect(await worker.text(2, "undefined")).to.equal("");
    expect(await worker.text(3, "null")).to.equal("");
  });

  it("no cell prints more than a page can hold, and the next one prints again", async () => {
    const text = await worker.text(1, 'for (let i = 0; i < 12; i++) console.log("x".repeat(1e6))');
    expect(text.length).to.be.below(1.1 * OUTPUT_LIMIT);
    expect(text).to.include("Output cut");
    expect(await worker.text(2, 'console.log("again")')).to.equal("again");
  });

  it("a figure is drawn again in its place", async () => {
    const spec = '{ title: "t", x: { title: "x" }, y: { title: "y" }, series: [{ name: "s", x: [1, 2], y: [1, N] }] }';
    const { published } = await worker.run(
      1,
      `import { line, show } from "rlhf-lab"; const h = show(line(${spec.replace("N", "2")})); h.update(line(${spec.replace("N", "7")}));`,
    );
    expect(published.map(({ type }) => type)).to.deep.equal(["display_data", "update_display_data"]);
    const [first, second] = published.map(({ content }) => content.transient?.display_id);
    expect(second).to.equal(first);
  });

  it("asks the reader", async () => {
    expect(await worker.text(1, 'await prompt("who?")')).to.equal("'an answer'");
    expect(worker.questions).to.deep.equal(["who?"]);
  });

  it("what a timer throws is shown", async () => {
    const cell = "setTimeout(() => { throw new Error('in a timer') }, 0); await new Promise((r) => setTimeout(r, 50));";
    expect(await worker.text(1, cell)).to.include("in a timer");
    const promise = "Promise.reject(new Error('forgotten')); await new Promise((r) => setTimeout(r, 50));";
    expect(await worker.text(2, promise)).to.include("forgotten");
  });
});

/** Size in kB (1000 bytes) as a server sends it. */
const gzipped = (names: Iterable<string>) =>
  [...names].reduce(
    (sum, name) => sum + gzipSync(built.files.get(name.endsWith(".js") ? name : `${name}.js`)!).length,
    0,
  ) / 1000;

/** A piece and all that it needs. */
function closure(names: readonly string[]): Set<string> {
  const all = new Set(names);
  for (const name of all) for (const other of built.manifest.chunks[name] ?? []) all.add(other);
  return all;
}

describe("live cells: how much a page loads", () => {
  it("its script, 70 kB; with the first cell that runs the worker, 200 kB", () => {
    expect(gzipped(["live.js"])).to.be.within(10, 70);
    expect(gzipped(["worker"])).to.be.within(10, 200);
  });

  it("what a lesson imports, at most 400 kB, and 2000 kB more with the first linear program", () => {
    for (const lesson of ["01", "07", "12"]) {
      const doors = [
        ...cellsOf(lesson)
          .join("\n")
          .matchAll(/from "(rlhf-lab[^"]*)"/g),
      ].flatMap(([, door]) => [built.manifest.doors[door!]!.chunk].filter((chunk) => chunk !== undefined));
      expect(gzipped(closure(doors)), lesson).to.be.within(10, 400);
    }
    const solver = [...built.files.keys()].filter((name) => name.startsWith("highs-"));
    expect(solver.length).to.equal(1);
    expect(gzipped(solver)).to.be.within(1000, 2000);
  });

  it("pieces ask for nothing that is not there", () => {
    for (const [name, needs] of Object.entries(built.manifest.chunks)) {
      for (const each of [name, ...needs]) expect(built.files.has(`${each}.js`), each).to.equal(true);
      const text = built.files.get(`${name}.js`)!;
      expect(/\bimport\(["'\\]/.test(text.replace(/https?:\S+/g, "")), `import() in ${name}`).to.equal(false);
      for (const [, other] of text.matchAll(/(?:require|\$load)\(\\"\.\/([\w.-]+)\.js\\"\)/g))
        expect(built.files.has(`${other}.js`), `${name} asks for ${other}`).to.equal(true);
    }
  });
});
