import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { CheckResult } from "../../course/src/grade/check.js";
import { Results } from "../../course/src/grade/grader/results.js";
import { reportText } from "../../course/src/grade/report.js";
import { optimalPolicy, qLearningCurve, tabularMdp } from "../../lib/src/mdp/index.js";
import { line, scatter } from "../../lib/src/notebook/index.js";
import { reinforce, topKRows } from "../../lib/src/policy/index.js";
import { key } from "../../lib/src/random/index.js";
import { saveCheckpoint, tf } from "../../lib/src/tensor/index.js";
import { iterate } from "../../lib/src/train/loop.js";
import { read, repositoryFiles } from "./source.js";

const ts: typeof import("@tslab/typescript-for-tslab") = createRequire(import.meta.url)("@tslab/typescript-for-tslab");

/** What takes as many arguments as it is given. */
const TAKES_ANY = /^(?:Math\.(?:max|min|hypot)|String\.from\w+|.*\.(?:push|unshift|splice|concat|of|apply))$/s;

/**
 * Places of a source that hand over a list as arguments, which overflows the stack when the list is as long as data
 * (120,000 and more). Allowed are the function's own rest parameter, and a slice of the list's beginning.
 */
function spreads(source: string): string[] {
  const file = ts.createSourceFile("source.ts", source, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: import("@tslab/typescript-for-tslab").Node, own: readonly string[]): void => {
    const names = ts.isFunctionLike(node)
      ? [...own, ...node.parameters.filter((p) => p.dotDotDotToken).map((p) => p.name.getText())]
      : own;
    if (ts.isCallExpression(node) && TAKES_ANY.test(node.expression.getText())) {
      for (const argument of node.arguments) {
        if (!ts.isSpreadElement(argument)) continue;
        const list = argument.expression.getText();
        if (names.includes(list) || /\.(?:slice|subarray)\(0, [\w.]+\)$/.test(list)) continue;
        found.push(`${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}: ${node.getText()}`);
      }
    }
    ts.forEachChild(node, (child) => visit(child, names));
  };
  visit(file, []);
  return found;
}

describe("lists as long as data", () => {
  const rows = 200_000;
  const numbers = Float64Array.from({ length: rows }, (_, i) => Math.sin(i));

  it("the library spreads none into arguments (write a loop, or reduce)", () => {
    // Checks of lessons spread lists of their own, of ten or so.
    const sources = repositoryFiles().filter((f) => /^(lib|course)\/src\/.*\.ts$/.test(f));
    expect(sources.flatMap((file) => spreads(read(file)).map((place) => `${file}:${place}`))).to.deep.equal([]);
  });

  it("knows a spread when it sees one", () => {
    for (const bad of [
      "rows.push(...xs)",
      "this.rows.push(...xs.map((x) => x))",
      "Math.max(0, ...xs)",
      "Float64Array.of(1, ...xs)",
      "String.fromCharCode(...bytes)",
      "function f(x: number, ys: number[]) { return Math.min(...ys); }",
      "rows.push(...xs.slice(1))",
    ]) {
      expect(spreads(bad), bad).to.have.length(1);
    }
    for (const good of [
      "rows = [...rows, ...xs]",
      "function f(...ys: number[]) { return () => Math.min(...ys); }",
      "String.fromCharCode(...bytes.subarray(0, 4))",
      "rows.push([...xs])",
      "f({ ...options })",
    ]) {
      expect(spreads(good), good).to.have.length(0);
    }
  });

  it("best-of-n of one prompt", () => {
    const order = topKRows(numbers, { group: rows, keep: rows });
    expect(order).to.have.length(rows);
    expect(numbers[order[0]]).to.be.at.least(numbers[order[1]]);
  });

  it("a decision process with so many actions: planning, Q-learning", () => {
    const mdp = tabularMdp({
      states: 1,
      actions: rows,
      transitions: new Float64Array(rows).fill(1),
      rewards: numbers,
      discount: 0.5,
    });
    const { choice } = optimalPolicy(mdp);
    expect(numbers[choice[0]]).to.be.closeTo(1, 1e-9);
    // Every action leads back to the only state, so nothing is ahead: an end.
    const far = tabularMdp({
      states: 2,
      actions: rows,
      transitions: Float64Array.from({ length: 4 * rows }, (_, i) => (i % 2 === 0 ? 1 : 0)),
      rewards: new Float64Array(2 * rows),
      discount: 0.5,
    });
    const options = { episodes: 1, horizon: 2, rate: 0.5, explore: 0.1 };
    expect(qLearningCurve(key(1), far, far, options).curve).to.have.length(1);
  });

  it("a vocabulary, at another temperature", () => {
    const total = Math.log(numbers.reduce((sum, x) => sum + Math.exp(x), 0));
    const cool = reinforce.temper(
      numbers.map((x) => x - total),
      rows,
      0.5,
    );
    expect(cool.reduce((sum, logp) => sum + Math.exp(logp), 0)).to.be.closeTo(1, 1e-6);
  });

  it("figures: a band, and a sloped line to compare with", () => {
    const x = Array.from({ length: rows }, (_, i) => i);
    const band = { low: numbers.map((v) => v - 1), high: numbers.map((v) => v + 1) };
    const axes = { x: { title: "x" }, y: { title: "y" }, reference: [{ slope: 1 }] };
    const words = { title: "long", ...axes };
    const drawn = line({ ...words, series: [{ name: "a", x, y: numbers, band }] });
    const [outline] = drawn.data.filter((trace) => "fill" in trace) as { x: unknown[]; y: number[] }[];
    expect(outline.x).to.have.length(2 * rows);
    // Along the upper edge, and back along the lower.
    expect([outline.y[1], outline.y[rows], outline.y[2 * rows - 1]]).to.deep.equal([
      band.high[1],
      band.low[rows - 1],
      band.low[0],
    ]);
    const points = scatter({ ...words, series: [{ name: "a", x, y: numbers }] });
    expect((points.data[0] as { x: number[] }).x.slice(0, 2)).to.deep.equal([0, rows - 1]);
  });

  it("a run of so many records goes on, and a class of so many grades is written", async () => {
    const folder = mkdtempSync(join(tmpdir(), "rlhf-lab-long-"));
    try {
      const lines = Array.from({ length: rows }, (_, i) => `{"step":${i + 1},"loss":1}\n`);
      const state = { params: { x: tf.scalar(1) } };
      saveCheckpoint(join(folder, "checkpoint.safetensors"), { step: rows, key: key(1), trees: state });
      writeFileSync(join(folder, "metrics.jsonl"), lines.join(""));
      const advance = () => {
        throw new Error("it has all its steps");
      };
      const run = await iterate({ key: key(1), state, steps: rows, folder, resume: true, label: false, advance });
      expect(run.history).to.have.length(rows);

      const grade = { learner: "ada", exercise: "01/x", points: 1, outOf: 1, message: "", seconds: 0 };
      const results = new Results(join(folder, "grades"));
      results.add(new Array(rows).fill(grade));
      results.finish(["ada"]);
      expect(readFileSync(join(folder, "grades", "grades.csv"), "utf8").split("\n").length).to.be.above(rows);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("a message of so many lines", () => {
    const part = { name: "a", points: 0, outOf: 1, passed: false, message: "x\n".repeat(rows), look: undefined };
    expect(reportText(new CheckResult("01/x", "x", [part])).split("\n").length).to.be.above(rows);
  });
});
