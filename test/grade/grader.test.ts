import { execFileSync, spawn, spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect } from "chai";
import { type GradeReport, projectRoot } from "../../course/src/grade/grader/grade.js";
import { built } from "../built.js";
import { type Case, eventually, lesson, none, Place, processesWith, verify, write } from "./fixtures/class.js";
import { answers, handedOut, notebookText, solved, withCell } from "./fixtures/notebooks.js";

// Hostile and unlucky submissions, as real notebook files in one class, graded by the real grader.

const loop = "for (;;) {}";
/** How to run a TypeScript file in a process of its own. */
const tsx = ["--import", pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href];
const lessonFile = lesson("99");

/** sigmoid's cell with some code before the right answer. */
const inSigmoid = (code: string) => ({
  sigmoid: `async function sigmoid(x: number): Promise<number> {\n  ${code}\n  return 1 / (1 + Math.exp(-x));\n}`,
});

function cases(folder: string, port: number): Case[] {
  const without = (...ids: string[]) => solved().filter((cell) => !ids.includes(cell.id));
  const unmarked = solved().map(({ id, type, source }, i) => ({ id: `${id}${i}`, type, source }));
  const attempt = (code: string) => inSigmoid(`try { ${code}; return -1; } catch {}`);
  const refused = (code: string) => ({ cells: solved(inSigmoid(code)), but: { "99/sigmoid": 0 } });
  return [
    // Good and half-good work.
    { learner: "good", cells: solved(), says: "" },
    {
      learner: "stub",
      cells: handedOut(),
      but: { "99/sigmoid": 0, "99/mean": 0, "99/softmax": 0 },
      says: "not written yet",
    },
    {
      learner: "mistaken",
      cells: solved({ mean: answers.mean.replace(" / xs.length", "") }),
      but: { "99/mean": 1 },
      says: "is the mean: This is the sum: divide by the number of entries",
    },
    {
      learner: "type error",
      cells: solved({ sigmoid: "function sigmoid(x: string): number { return 1 / (1 + Math.exp(-x)); }" }),
      says: "",
    },
    {
      learner: "syntax error",
      cells: solved({ mean: "function mean(xs: number[]): number {\n  return (1;\n}" }),
      but: { "99/mean": 0 },
      says: "the cell has a syntax error, line 2:",
    },
    {
      learner: "helpers",
      cells: withCell(
        "const one: number = await Promise.resolve(1);\nclass Exp { static of(x: number) { return Math.exp(x); } }",
        {
          sigmoid: "const sigmoid = (x: number): number => one / (one + Exp.of(-x));",
        },
      ),
      says: "",
    },
    {
      learner: "uses a demo's function",
      cells: solved({ sigmoid: "function sigmoid(x: number) { return 1 / (1 + exp(-x)); }" }),
      says: "",
    },

    // Loops, exits, floods.
    {
      learner: "loop in a function",
      cells: solved(inSigmoid(loop)),
      but: { "99/sigmoid": 0 },
      says: "sigmoid did not finish within",
    },
    {
      learner: "await forever",
      cells: solved(inSigmoid("await new Promise(() => {});")),
      but: { "99/sigmoid": 0 },
      says: "sigmoid did not finish: it waits for something that never happens",
    },
    { learner: "loop in a cell", cells: withCell(loop), says: "cell 5 was skipped: it did not finish within" },
    {
      learner: "loop in an exercise's cell",
      cells: solved({ mean: `${answers.mean}\n${loop}` }),
      but: { "99/mean": 0 },
      says: /cell \d was skipped: it did not finish/,
    },
    {
      learner: "exit",
      cells: solved(inSigmoid("process.exit(0);")),
      but: { "99/sigmoid": 0 },
      says: "ended its process (exit code 0)",
    },
    { learner: "exit in a cell", cells: withCell("process.exit(0)"), says: "cell 5 was skipped: it ended its process" },
    { learner: "abort", cells: solved(inSigmoid("process.abort();")), but: { "99/sigmoid": 0 }, says: "sigmoid " },
    // Signal 0 only asks whether a signal could be sent. Never test with a real one: if a wall is missing, it arrives.
    {
      learner: "signals",
      cells: solved(
        inSigmoid(
          `const p = process as unknown as Record<"kill" | "_kill", (pid: number, signal: number) => unknown>;
          try { if (p.kill(${process.pid}, 0)) return -1; } catch {}
          try { if (p._kill(${process.pid}, 0) === 0) return -1; } catch {}`,
        ),
      ),
      says: "",
    },
    {
      learner: "recursion",
      cells: solved({ sigmoid: "function sigmoid(x: number): number { return sigmoid(x); }" }),
      but: { "99/sigmoid": 0 },
      says: "Maximum call stack",
    },
    {
      learner: "rejections",
      cells: withCell('void Promise.reject(new Error("later")); setTimeout(() => { throw new Error("timer"); }, 1);'),
      says: "",
    },

    // Cheats.
    {
      learner: "patched chai",
      cells: [
        ...withCell(
          'import * as chai from "chai";\nchai.Assertion.prototype.assert = function () {};\nObject.defineProperty(chai.Assertion.prototype, "be", { get() { return this; } });',
          { sigmoid: "function sigmoid() { return 7; }" },
        ),
      ],
      but: { "99/sigmoid": 0 },
      says: "expected",
    },
    {
      learner: "patched prototypes",
      cells: withCell(
        [
          "Array.prototype.every = () => true; Array.prototype.filter = () => []; Array.prototype.map = () => [];",
          "Object.prototype.toString = () => '0'; Promise.prototype.then = function () { return this; };",
          "JSON.stringify = () => ''; globalThis.structuredClone = (x: unknown) => x as never; Math.abs = () => 0; Number.isNaN = () => false;",
        ].join("\n"),
        {
          sigmoid: "function sigmoid() { return 7; }",
          mean: "function mean() { return 7; }",
          softmax: "function softmax() { return 7; }",
        },
      ),
      but: { "99/sigmoid": 0, "99/mean": 0, "99/softmax": 0 },
      says: "",
    },
    {
      learner: "forged results",
      cells: withCell(
        [
          'import fs from "node:fs"; import v8 from "node:v8";',
          'console.log(JSON.stringify({ learner: "forged results", exercise: "99/sigmoid", points: 3, outOf: 3 }));',
          'console.log("ok 1 is right at random points"); console.error("3 passing");',
          "process.send?.({ grades: [] });",
          "for (let id = 1; id < 40; id++) {",
          "  const body = v8.serialize({ id, ok: true, value: 0.5, points: 3, passed: true });",
          "  const head = Buffer.alloc(4); head.writeUInt32BE(body.length); fs.writeSync(3, Buffer.concat([head, body]));",
          "}",
        ].join("\n"),
        { sigmoid: "function sigmoid() { return 0.5; }" },
      ),
      but: { "99/sigmoid": 0 },
      says: "",
    },
    {
      learner: "garbage on the channel",
      cells: solved({
        sigmoid:
          'import fs from "node:fs";\nfunction sigmoid() { fs.writeSync(3, "\\xff\\xff\\xff\\xff garbage"); return 1; }',
      }),
      but: { "99/sigmoid": 0 },
      says: "sent a value of",
    },
    {
      learner: "strange values",
      cells: solved({
        sigmoid: "function sigmoid() { const a: unknown[] = []; a.push(a); return a; }",
        mean: "function mean() { return new Proxy({}, { get() { throw new Error('trap'); } }); }",
        softmax: "function softmax() { const a: unknown[] = []; a.length = 4294967295; return a; }",
      }),
      // A trap that throws is an error like another, so mean did refuse the empty list.
      but: { "99/sigmoid": 0, "99/mean": 1, "99/softmax": 0 },
      says: "sigmoid returned a list or object that holds itself",
    },
    {
      learner: "hostile error",
      cells: solved({
        sigmoid: "function sigmoid() { throw { get message() { throw 1; }, toString() { throw 2; } }; }",
        mean: "function mean() { const e = new Error(); Object.defineProperty(e, 'message', { get() { for (;;) {} } }); throw e; }",
        softmax: 'function softmax() { throw new Error("\\u001b[2J=HYPERLINK(1)\\n\\u202e" + "x".repeat(1e6)); }',
      }),
      but: { "99/sigmoid": 0, "99/mean": 0, "99/softmax": 0 },
      says: "HYPERLINK",
    },
    {
      learner: "answers learned by heart",
      cells: solved({ sigmoid: "function sigmoid(x: number) { return x === -800 ? 0 : x === 800 ? 1 : 0.7; }" }),
      but: { "99/sigmoid": 1 },
      says: "is right at random points",
    },

    // Reaching out.
    {
      learner: "reads a neighbour",
      ...refused(`(await import("node:fs")).readFileSync(${JSON.stringify(join(folder, "good.ipynb"))});`),
      says: "no access to other files",
    },
    {
      learner: "reads the checks",
      ...refused(`(await import("node:fs")).readFileSync(${JSON.stringify(lessonFile)});`),
      says: "no access to other files",
    },
    {
      learner: "reads the checks by a link",
      ...refused(
        `(await import("node:fs")).readFileSync(${JSON.stringify(join(projectRoot, "node_modules", "rlhf-lab", "src", "grade", "exercise.ts"))});`,
      ),
      says: "no access to other files",
    },
    {
      learner: "imports the checks",
      ...refused(`await import(${JSON.stringify(lessonFile)});`),
      says: "sigmoid threw",
    },
    {
      learner: "reads the system",
      ...refused('(await import("node:fs")).readFileSync("/etc/passwd");'),
      says: "no access to other files",
    },
    {
      learner: "writes outside",
      ...refused(`(await import("node:fs")).writeFileSync(${JSON.stringify(join(folder, "written"))}, "x");`),
      says: "no access to other files",
    },
    {
      learner: "writes into the lab",
      ...refused('(await import("node:fs")).writeFileSync("written", "x");'),
      says: "no access to other files",
    },
    {
      learner: "starts a program",
      ...refused(`(await import("node:child_process")).execSync("touch ${join(folder, "written")}");`),
      says: "no access to other files",
    },
    {
      learner: "starts a thread",
      ...refused('new (await import("node:worker_threads")).Worker("1", { eval: true });'),
      says: "no access to other files",
    },
    { learner: "fetches", ...refused(`await fetch("http://127.0.0.1:${port}/");`), says: "sigmoid threw" },
    {
      learner: "connects",
      cells: solved(
        inSigmoid(
          `const net = await import("node:net"); await new Promise((ok, no) => net.connect(${port}, "127.0.0.1", () => ok(1)).on("error", no));`,
        ),
      ),
      but: { "99/sigmoid": 0 },
      says: "sigmoid threw",
    },
    { learner: "secrets", cells: solved(attempt("if (!process.env.RLHF_TEST_SECRET) throw 1")), says: "" },
    {
      learner: "temporary file",
      cells: solved(
        inSigmoid(
          'const fs = await import("node:fs"); const f = process.env.TMPDIR + "/mine"; fs.writeFileSync(f, "1"); if (fs.readFileSync(f, "utf8") !== "1") return -1;',
        ),
      ),
      says: "",
    },

    // Cells deleted, doubled, renamed, stripped of their marks.
    {
      learner: "deleted",
      cells: without("mean", "check-mean"),
      but: { "99/mean": 0 },
      says: "no cell defines mean: was the exercise's cell deleted?",
    },
    { learner: "imports deleted", cells: without("imports"), says: "" },
    { learner: "marks lost", cells: unmarked, says: "the exercise's mark is gone; found sigmoid in cell 5" },
    {
      learner: "renamed",
      cells: solved({ mean: answers.mean.replaceAll("mean", "means") }),
      but: { "99/mean": 0 },
      says: "it defines means: was it renamed?",
    },
    {
      learner: "doubled",
      cells: [
        ...solved({ mean: "function mean() { return 7; }" }),
        { id: "mean2", exercise: "99/mean", source: answers.mean },
      ],
      says: "mean is defined in 2 cells; the last one, cell 11, counts",
    },
    {
      learner: "stub pasted after the answer",
      cells: [...solved(), { ...handedOut().find((c) => c.id === "mean")!, id: "again" }],
      says: "the exercise's cell is there 2 times; cell 7 counts",
    },
    {
      learner: "moved",
      cells: [...solved({ mean: "// see below" }), { id: "elsewhere", source: answers.mean }],
      says: "defined outside of the exercise's cell, in cell 11",
    },
    {
      learner: "own check",
      cells: solved({ "check-mean": "const check = () => 'all right';\nawait check();" }),
      says: "",
    },

    // Files that are no notebooks.
    { learner: "broken JSON", text: notebookText(solved()).slice(0, 900), but: none(), says: "not valid JSON" },
    { learner: "empty", text: "", but: none(), says: "the file is empty" },
    { learner: "a list", text: "[1, 2]", but: none(), says: "no list of cells" },
    {
      learner: "null cells",
      text: '{"cells": [null, 1, {"cell_type": 3, "source": {}, "metadata": []}]}',
      but: none(),
      says: "no cell defines",
    },
    { learner: "binary", text: "\u0000\u0001\ufffd{", but: none(), says: "not valid JSON" },
    {
      learner: "deep JSON",
      text: `{"cells":${"[".repeat(1e5)}${"]".repeat(1e5)}}`,
      but: none(),
      says: "no cell defines",
    },
    {
      learner: "deep code",
      cells: solved({ mean: `const mean = ${"(".repeat(20000)}1${")".repeat(20000)};` }),
      but: { "99/mean": 0 },
      says: "",
    },
    { learner: "naïve 学生 🦊 =1+1", cells: solved(), says: "" },
    { learner: "=cmd|calc", cells: solved(), says: "" },
    { learner: `long ${"n".repeat(180)}`, cells: solved(), says: "" },
  ];
}

/** Those that need memory, or time for a lot of output: with a limit on time that they do not meet. */
const costly: Case[] = [
  {
    learner: "memory",
    cells: solved(inSigmoid("const all = []; for (;;) all.push(new Array(1e6).fill(x));")),
    but: { "99/sigmoid": 0 },
    says: "sigmoid ran out of its 512 MB of memory",
  },
  {
    learner: "memory of buffers",
    cells: solved(inSigmoid("const all = []; for (let i = 0; i < 1000; i++) all.push(Buffer.alloc(2 ** 24, 1));")),
    but: { "99/sigmoid": 0 },
    says: /sigmoid (threw RangeError: Array buffer allocation failed|ran out)/,
  },
  {
    learner: "1 GB of output",
    cells: withCell('const line = "x".repeat(2 ** 20);\nfor (let i = 0; i < 1024; i++) process.stdout.write(line);'),
    says: "the notebook printed 1024 MB, which were thrown away",
  },
  {
    learner: "TensorFlow and datasets",
    cells: withCell(
      'import * as tf from "@tensorflow/tfjs-node";\nimport { baseball1987 } from "rlhf-lab/data";\nconst teams = baseball1987().names.length;',
      {
        sigmoid:
          "function sigmoid(x: number) { return tf.tidy(() => tf.add(tf.ones([2, 2]).sum(), 0).div(4 * (1 + Math.exp(-x)))); }",
        mean: answers.mean.replace("return", "if (teams !== 7) return -1;\n  return"),
      },
    ),
    but: { "99/sigmoid": 1 },
    says: "is right at random points: sigmoid: expected",
  },
  { learner: "good", cells: solved(), says: "" },
];

/** What Node does itself, past its permission model. */
const past: Case[] = [
  [
    "asks a name server",
    `const dns = await import("node:dns"); const r = new dns.promises.Resolver(); r.setServers(["127.0.0.1:1"]); await r.resolve4("example.test");`,
  ],
  [
    "asks a name server by the old way",
    `new (await import("node:dns")).Resolver().resolve4("example.test", () => {});`,
  ],
  ["writes a report", `process.report.writeReport(process.env.TMPDIR + "/../written");`],
  ["traces", `(await import("node:trace_events")).createTracing({ categories: ["v8"] }).enable();`],
  ["writes a heap", `(await import("node:v8")).writeHeapSnapshot("written");`],
  ["sets flags", `(await import("node:v8")).setFlagsFromString("--prof");`],
  ["loads an environment", `process.loadEnvFile("/etc/environment");`],
].map(([learner, code]) => ({
  learner,
  cells: solved(inSigmoid(code)),
  but: { "99/sigmoid": 0 },
  says: /the grader has no (network|such files)|writeReport is not a function/,
}));

/** A few, where the operating system does not help: what Node alone protects. */
const without: string[] = [
  "good",
  "loop in a function",
  "exit in a cell",
  "signals",
  "writes outside",
  "reads a neighbour",
  "reads the checks by a link",
  "starts a program",
  "fetches",
  "connects",
  "temporary file",
  ...past.map(({ learner }) => learner),
];

describe("npm run grade", () => {
  const place = new Place();
  const { home } = place;
  const folder = join(home, "class");
  let server: Server;
  let connections = 0;
  let port = 0;
  const temporary = () => readdirSync(tmpdir()).filter((name) => name.startsWith(`rlhf-lab-grade-${process.pid}-`));
  const run = place.grade.bind(place);

  before(async () => {
    built();
    process.env.RLHF_TEST_SECRET = "1";
    server = createServer((socket) => {
      connections++;
      socket.end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    port = (server.address() as { port: number }).port;
    mkdirSync(folder);
  });

  after(() => {
    delete process.env.RLHF_TEST_SECRET;
    server.close();
    place.remove();
  });

  describe("a class of good, unlucky and hostile learners", () => {
    let report: GradeReport;
    let seen: string[];
    before(async () => {
      for (const one of cases(folder, port)) write(folder, one);
      writeFileSync(join(folder, "huge.ipynb"), "");
      truncateSync(join(folder, "huge.ipynb"), 100 * 2 ** 20);
      symlinkSync(join(folder, "good.ipynb"), join(folder, "link.ipynb"));
      execFileSync("mkfifo", [join(folder, "pipe.ipynb")]);
      mkdirSync(join(folder, "nobody"));
      writeFileSync(join(folder, "notes.txt"), "not a notebook");
      // nbgrader's layout, and two versions of one notebook.
      mkdirSync(join(folder, "ada", "lesson", ".ipynb_checkpoints"), { recursive: true });
      writeFileSync(join(folder, "ada", "lesson", "99-test.ipynb"), notebookText(solved()));
      writeFileSync(join(folder, "ada", "lesson", "copy.ipynb"), notebookText(handedOut()));
      linkSync(join(folder, "stub.ipynb"), join(folder, "ada", "lesson", ".ipynb_checkpoints", "x.ipynb"));
      seen = readdirSync(folder, { recursive: true }) as string[];
      const places: number[] = [];
      report = await run(folder, { onProgress: (done) => void places.push(done) });
      expect(places.at(-1)).to.equal(report.learners.length);
    });

    for (const one of cases("", 0)) {
      it(one.learner.length > 60 ? "a very long name" : one.learner, () => {
        verify(cases(folder, port).find((c) => c.learner === one.learner)!, report);
      });
    }

    const zero = (learner: string, words: string) => {
      const own = report.grades.filter((g) => g.learner === learner);
      expect(own.map((g) => g.points)).to.deep.equal([0, 0, 0]);
      for (const g of own) expect(g.message).to.contain(words);
    };
    it("100 MB", () => zero("huge", "100 MB, more than 64 MB"));
    it("a symbolic link", () => zero("link", "symbolic link"));
    it("a pipe", () => zero("pipe", "not a regular file"));
    it("an empty folder", () => zero("nobody", "holds no notebook"));
    it("a folder in nbgrader's layout, with a copy", () => {
      verify(
        { learner: "ada", says: "there are 2 notebooks of this lesson; graded 99-test.ipynb, not copy.ipynb" },
        report,
      );
    });

    it("mentions what it ignored", () => expect(report.ignored).to.deep.equal(["notes.txt"]));
    it("wrote nothing outside, let nobody on the network, left no temporary files", () => {
      expect(readdirSync(folder, { recursive: true })).to.have.members(seen);
      expect(connections).to.equal(0);
      expect(temporary()).to.be.empty;
      expect(readdirSync(join(home, "out"))).to.have.members(["grades.csv", "grades.json"]);
    });
    it("writes a table that spreadsheets read as text", () => {
      const csv = readFileSync(report.csv, "utf8");
      expect(csv.split("\r\n")[0]).to.equal("learner,exercise,points,out of,message,seconds");
      expect(csv).to.contain('"\'=cmd|calc","99/sigmoid",3,3,"",');
      expect(csv).to.contain("naïve 学生 🦊 =1+1");
      // biome-ignore lint/suspicious/noControlCharactersInRegex: there must be none
      expect(csv).not.to.match(/[\u0000-\u0009\u001b\u202e]/);
      const json = JSON.parse(readFileSync(report.json, "utf8"));
      expect(json).to.deep.equal(report.grades);
      expect(Object.keys(json[0])).to.deep.equal(["learner", "exercise", "points", "outOf", "message", "seconds"]);
      expect(csv.trim().split("\r\n").length).to.equal(json.length + 1);
    });
  });

  describe("costly submissions", () => {
    let report: GradeReport;
    before(async () => {
      const place = join(home, "costly");
      mkdirSync(place);
      for (const one of costly) write(place, one);
      report = await run(place, { seconds: 20 });
    });
    for (const one of costly) it(one.learner, () => verify(one, report));
  });

  describe("without the operating system's help", () => {
    let report: GradeReport;
    const place = join(home, "weak");
    const chosen = () => [...cases(place, port), ...past].filter((one) => without.includes(one.learner));
    before(async () => {
      mkdirSync(place);
      for (const one of chosen()) write(place, one);
      report = await run(place, { weak: true });
    });
    for (const learner of without) it(learner, () => verify(chosen().find((c) => c.learner === learner)!, report));
    it("says so in the report, and still wrote nothing outside", () => {
      expect(report.protections.weak).to.have.lengthOf(1);
      const asRoot = report.protections.weak[0].includes("as the grader runs as root, so does learners' code");
      expect(asRoot).to.equal(process.getuid?.() === 0);
      expect(readdirSync(place)).to.have.lengthOf(without.length);
      expect(connections).to.equal(0);
      expect(temporary()).to.be.empty;
    });
  });

  it("writes the grades so far when it is stopped", async () => {
    const place = join(home, "stopped");
    mkdirSync(place);
    for (let i = 0; i < 8; i++)
      writeFileSync(join(place, `${i}.ipynb`), notebookText(i < 2 ? solved() : solved(inSigmoid(loop))));
    const stop = new AbortController();
    const out = join(home, "out-stopped");
    const partial: string[] = [];
    const onProgress = (done: number) => {
      if (done === 0) return;
      partial.push(readFileSync(join(out, "grades.partial.jsonl"), "utf8"));
      stop.abort();
    };
    const report = await run(place, { out, jobs: 1, signal: stop.signal, onProgress });
    expect(partial[0].trim().split("\n")).to.have.lengthOf(3);
    expect(JSON.parse(readFileSync(report.json, "utf8"))).to.have.lengthOf(3);
    expect(report.missing).to.have.lengthOf(7);
    expect(readdirSync(out)).to.have.members(["grades.csv", "grades.json"]);
  });

  // Each folder in one run: the sandbox is prepared and the judges are started once.
  describe("the lessons of the course", () => {
    for (const edition of [".", "solutions"]) {
      it(edition === "." ? "as handed out have no points" : "solved have all", async () => {
        const from = join(projectRoot, "notebooks", edition);
        const names = readdirSync(from).filter((file) => file.endsWith(".ipynb"));
        const handed = join(home, `course-${edition === "." ? "stubs" : edition}`);
        mkdirSync(handed);
        for (const name of names) copyFileSync(join(from, name), join(handed, name));
        const report = await run(handed, { seconds: 20, notebooks: undefined, extraLessons: {} });
        expect(new Set(report.grades.map((g) => g.learner)).size).to.equal(names.length);
        const given = new Set<string>(); // code with a mistake in it, for the learner to find
        // In the notebook's order, not in that of the declarations.
        for (const name of names) {
          const { cells } = JSON.parse(readFileSync(join(from, name), "utf8"));
          for (const { metadata } of cells) if (metadata.rlhf_lab?.given) given.add(metadata.rlhf_lab.exercise);
          const marks = cells.flatMap((cell: { metadata: { rlhf_lab?: { exercise?: string } } }) =>
            cell.metadata.rlhf_lab?.exercise === undefined ? [] : [cell.metadata.rlhf_lab.exercise],
          );
          const own = report.grades.filter((g) => g.learner === name.replace(".ipynb", ""));
          expect(own.map((g) => g.exercise)).to.deep.equal(marks);
        }
        expect(given.size > 0).to.equal(edition === ".");
        for (const g of report.grades) {
          if (given.has(g.exercise)) {
            expect(g.points, g.exercise).to.be.below(g.outOf);
            expect(g.message, g.exercise).to.not.match(/^$|not written yet/);
            continue;
          }
          expect(g.message, g.exercise).to.equal(edition === "." ? "not written yet" : "");
          expect(g.points, g.exercise).to.equal(edition === "." ? 0 : g.outOf);
        }
      });
    }
  });

  it("gives no two learners the same row", async () => {
    const names = ["ada.ipynb", "ada (2).ipynb", "ADA.ipynb", "a\u200bda.ipynb", "a\u200eda.ipynb", "ａda.ipynb"];
    const many = place.folder("names");
    for (const name of names) writeFileSync(join(many, name), "");
    mkdirSync(join(many, "ada"));
    const { learners } = await run(many);
    const looks = learners.map((name) =>
      name
        .normalize("NFKC")
        .replace(/\p{Cf}/gu, "")
        .toLowerCase(),
    );
    expect(new Set(looks).size).to.equal(names.length + 1);
    expect(learners).to.include("ada (2)");
  });

  it("has rows for the lesson that was asked for when a notebook is of another", async () => {
    const other = place.folder("other");
    writeFileSync(join(other, "mine.ipynb"), notebookText(solved()));
    const report = await run(join(other, "mine.ipynb"), { lesson: "01" });
    const of = (number: string) => report.grades.filter((g) => g.exercise.startsWith(number));
    expect(of("99").map((g) => g.points)).to.deep.equal([3, 3, 4]);
    expect(of("01")).to.have.length.greaterThan(3);
    for (const g of of("01")) expect(g).to.include({ points: 0, message: "nothing of lesson 01; there is lesson 99" });
  });

  it("as a command: refuses wrong usage with 2, grades with 0 however bad the grades", () => {
    const command = (...args: string[]) =>
      spawnSync(process.execPath, [...tsx, join(projectRoot, "scripts", "grade.ts"), ...args], {
        encoding: "utf8",
        cwd: home,
      });
    for (const args of [["--seconds", "soon", folder], [join(home, "nowhere")]])
      expect(command(...args).status, args.join(" ")).to.equal(2);
    writeFileSync(join(home, "empty.ipynb"), "");
    const graded = command(join(home, "empty.ipynb"), "--out", "command");
    expect(graded.status).to.equal(0);
    expect(graded.stdout).to.contain("the file is empty").and.to.contain("Protected by");
    expect(readdirSync(join(home, "command"))).to.have.members(["grades.csv", "grades.json"]);
  });

  it("as npm runs it: paths are those of the folder where npm was called", () => {
    const deep = place.folder("deep");
    writeFileSync(join(deep, "empty.ipynb"), "");
    const graded = spawnSync(
      process.execPath,
      [...tsx, join(projectRoot, "scripts", "grade.ts"), "empty.ipynb", "--out", "here"],
      { encoding: "utf8", cwd: projectRoot, env: { ...process.env, INIT_CWD: deep } },
    );
    expect(graded.stdout).to.contain("the file is empty");
    expect(readdirSync(join(deep, "here"))).to.have.members(["grades.csv", "grades.json"]);
  });

  it("as a command: when it is killed, no runner stays, and the next run tidies up", async () => {
    const killed = place.folder("killed");
    for (let i = 0; i < 4; i++) {
      writeFileSync(
        join(killed, `01 ${i}.ipynb`),
        notebookText([{ id: "mine", source: "function logLikelihood() { for (;;) {} }" }]),
      );
    }
    const child = spawn(
      process.execPath,
      [...tsx, join(projectRoot, "scripts", "grade.ts"), killed, "--out", "killed-out", "--seconds", "1000"],
      { cwd: home, stdio: "ignore" },
    );
    const mine = `rlhf-lab-grade-${child.pid}-`;
    const left = () => readdirSync(tmpdir()).filter((name) => name.startsWith(mine));
    if (existsSync("/proc/self"))
      await eventually(() => processesWith("runner.js").some((p) => processesWith(mine).includes(p)));
    else await eventually(() => left().length > 0);
    child.kill("SIGKILL");
    await eventually(() => processesWith(mine).length === 0);
    expect(left()).to.have.lengthOf(1);
    const next = join(place.folder("next"), "empty.ipynb");
    writeFileSync(next, "");
    await run(next);
    await eventually(() => left().length === 0); // by this run, or by another that tidies at this moment
  });

  it("as a command: Ctrl-C writes what there is and ends with 130", async () => {
    const place = join(home, "interrupted");
    mkdirSync(place);
    writeFileSync(join(place, "01 a.ipynb"), "");
    const cells = [{ id: "mine", source: "await new Promise(() => {});" }];
    for (let i = 0; i < 20; i++) writeFileSync(join(place, `b${i}.ipynb`), notebookText(cells));
    const child = spawn(
      process.execPath,
      [...tsx, join(projectRoot, "scripts", "grade.ts"), place, "--out", "interrupted-out", "--jobs", "1"],
      {
        cwd: home,
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    const partial = join(home, "interrupted-out", "grades.partial.jsonl");
    while (child.exitCode === null && !(existsSync(partial) && readFileSync(partial, "utf8").includes("empty"))) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(child.exitCode, "ended too early").to.equal(null);
    child.kill("SIGINT");
    const code = await new Promise((resolve) => child.on("exit", resolve));
    expect(code).to.equal(130);
    const grades = JSON.parse(readFileSync(join(home, "interrupted-out", "grades.json"), "utf8"));
    expect(grades[0]).to.include({ learner: "01 a", points: 0, message: "01 a.ipynb: the file is empty" });
    expect(grades.length).to.be.lessThan(21 * 5);
  });
});
