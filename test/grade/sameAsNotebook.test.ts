import { type Case, gradedClass } from "./fixtures/class.js";
import { answers, notebookText, solved, withCell } from "./fixtures/notebooks.js";

// What passes in the notebook passes in the grader: answers in odd places, and all that a cell may say above an answer.

const checkMean = 'await check("99/mean", { mean });';
const without = (...ids: string[]) => solved().filter((cell) => !ids.includes(cell.id));
const above = (code: string) => solved({ mean: `${code}\n${answers.mean}` });
const asType = (id: string, type: "markdown" | "raw") =>
  solved().map((cell) => (cell.id === id ? { ...cell, type } : cell));

/** As large as the kernel lets the outputs of three cells become. */
const large = (): string => {
  const output = { output_type: "stream", name: "stdout", text: "x".repeat(8 * 2 ** 20) };
  return notebookText(solved().map((cell) => (/^check/.test(cell.id) ? { ...cell, outputs: [output] } : cell)));
};

const cases: Case[] = [
  {
    learner: "Markdown",
    cells: asType("mean", "markdown"),
    says: "cell 7 has become a Markdown cell; it was read as code",
  },
  { learner: "raw", cells: asType("mean", "raw"), says: "cell 7 has become a raw cell" },
  {
    learner: "Markdown without a mark",
    cells: solved().map((cell) =>
      cell.id === "mean" ? { id: "mean", type: "markdown" as const, source: cell.source } : cell,
    ),
    says: "cell 7 has become a Markdown cell",
  },
  {
    learner: "words about an answer",
    cells: [...solved(), { id: "note", type: "markdown", source: "I wrote mean with reduce; function mean is short." }],
    says: "",
  },
  {
    learner: "answer in the check's cell",
    cells: solved({ mean: "// see below", "check-mean": `${answers.mean}\n${checkMean}` }),
    says: "mean is defined in the cell of a check, cell 8",
  },
  {
    learner: "check merged into the answer's cell",
    cells: without("check-mean").map((cell) =>
      cell.id === "mean"
        ? { ...cell, source: `import { check } from "rlhf-lab-course";\n${cell.source}\n${checkMean}` }
        : cell,
    ),
    says: "",
  },
  {
    learner: "check from another door of the library",
    cells: without("check-mean").map((cell) =>
      cell.id === "mean"
        ? { ...cell, source: `import { check } from "rlhf-lab-course/all";\n${cell.source}\n${checkMean}` }
        : cell,
    ),
    says: "",
  },
  {
    learner: "answer merged into the check's cell",
    cells: without("mean").map((cell) =>
      cell.id === "check-mean" ? { ...cell, source: `${answers.mean}\n${checkMean}` } : cell,
    ),
    says: "the exercise's mark is gone; found mean in cell 7",
  },
  { learner: "outputs of 24 MB", text: large(), says: "" },
  {
    learner: "figures",
    cells: above(
      [
        'import { display, newDisplay } from "tslab";',
        'import { bar, show } from "rlhf-lab";',
        'display.html("<b>hi</b>"); newDisplay().text("x");',
        'await show(bar({ title: "Two bars", categories: ["a", "b"], series: [{ name: "s", values: [1, 2] }], x: { title: "x" }, y: { title: "y" } }));',
        'if ((await prompt("Your name?")) !== "") throw new Error("who answered?");',
      ].join("\n"),
    ),
    says: "",
  },
  {
    learner: "imports",
    cells: above(
      [
        'import pack from "./package.json" with { type: "json" };',
        "import * as whole from './package.json' with { type: 'json' };",
        'import fs = require("node:fs");',
        'const again = require("./package.json");',
        "const here: string = import.meta.url;",
        'if (pack.name !== "rlhf-lab-workspace" || whole.name !== pack.name || again.name !== pack.name) throw 1;',
        'if (!here.startsWith("file:") || typeof fs.readFileSync !== "function") throw 2;',
      ].join("\n"),
    ),
    says: "",
  },
  {
    learner: "declarations of all kinds",
    cells: withCell(
      [
        "namespace Geo { export const one = 1; }",
        "enum Sign { Minus = -1 }",
        "export class Exp { static of(x: number) { return Math.exp(x); } }",
        "if (true) { var zero = 0; }",
        "for (var two = 0; two < 2; two++);",
        "export const [half, { third }] = [0.5, { third: 1 / 3 }];",
        "interface Shape { a: number }",
        "declare const nowhere: number;",
      ].join("\n"),
      {
        sigmoid:
          "const sigmoid = (x: number) => (zero + Geo.one) / (Geo.one + Exp.of(Sign.Minus * x)) + two - 2 + half - 0.5 + third - 1 / 3;",
      },
    ),
    says: "",
  },
  {
    learner: "typed arrays",
    cells: solved({
      softmax: answers.softmax
        .replace(
          "return e.map((x) => x / sum);",
          "return new Float64Array(new SharedArrayBuffer(8 * e.length)).map((_, i) => e[i] / sum);",
        )
        .replace("number[][]> {", "Float64Array[]> {"),
    }),
    says: "",
  },
  { learner: "prints a lot", cells: above('for (let i = 0; i < 20000; i++) console.log("line", i);'), says: "" },
  {
    learner: "a cell of its own that hangs",
    cells: withCell("await new Promise(() => {});\nconst mine = 1;"),
    says: "",
  },
  {
    learner: "a cell that another exercise uses",
    cells: withCell('const scale: number = Number(1);\nthrow new Error("a slip");', {
      mean: answers.mean.replace("/ xs.length", "/ (xs.length * 3)"),
      softmax: answers.softmax.replace("x / sum", "(x / sum) * ratio * scale"),
    }),
    but: { "99/mean": 1, "99/softmax": 0 },
    says: /^\s*is the mean: [^;]*\s+softmax threw ReferenceError: ratio is not defined; cell 5 failed: it threw an error: a slip\s*$/,
  },
  {
    learner: "nbformat 3",
    text: JSON.stringify({ nbformat: 3, worksheets: [{ cells: [] }] }),
    but: { "99/sigmoid": 0, "99/mean": 0, "99/softmax": 0 },
    says: "a notebook of an old form (nbformat 3): open it in JupyterLab, save it",
  },
];

gradedClass("what passes in the notebook passes in the grader", cases, { lesson: "99" });
