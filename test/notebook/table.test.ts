import { spawnSync } from "node:child_process";
import { expect } from "chai";
import { type Cell, DomainError, ShapeError, table, tableBundle } from "rlhf-lab";
import { frame } from "rlhf-lab-course/frame";
import { openHost } from "./fakeHost.js";

const teams = [
  { team: "Milwaukee", ability: 1.5814, wins: 38, note: "first" },
  { team: "New York & <b>Sons</b>", ability: -0.25, wins: 7, note: null },
];

describe("table", () => {
  it("aligns numbers on the right and texts on the left, in text too", () => {
    const { "text/plain": text } = tableBundle(teams, { digits: 3, caption: "Teams" });
    expect(text.split("\n")).to.deep.equal([
      "Teams",
      "team                    ability  wins  note",
      "----------------------  -------  ----  -----",
      "Milwaukee                 1.581    38  first",
      "New York & <b>Sons</b>   −0.250     7  –",
    ]);
  });

  it("makes no header of a column without a name", () => {
    const html = tableBundle({ " ": ["a"], n: [1] })["text/html"];
    expect(html).to.match(/<thead><tr><td[^>]*><\/td><th scope="col"[^>]*>n<\/th><\/tr><\/thead>/);
  });

  it("escapes everything that came from the data", () => {
    const rows = [{ '<i>"x"</i>': "<script>alert(1)</script>&" }];
    const { "text/html": html } = tableBundle(rows, { caption: "<img>" });
    expect(html).to.include("&lt;script&gt;alert(1)&lt;/script&gt;&amp;");
    expect(html).to.include("&lt;i&gt;&quot;x&quot;&lt;/i&gt;").and.to.include("&lt;img&gt;");
    expect(html).not.to.match(/<(script|i|img)\b/);
  });

  it("marks what is missing, and keeps other values apart from it", () => {
    const cells: Cell[] = [null, undefined, Number.NaN, 0, Infinity, 1e-9, 2e20];
    const lines = tableBundle({ x: cells }, { digits: 2 })["text/plain"].split("\n").slice(2);
    expect(lines.map((line) => line.trim())).to.deep.equal(["–", "–", "–", "0.00", "∞", "1.00e-9", "2.00e+20"]);
    expect(tableBundle({ x: [true, false] })["text/plain"]).to.match(/yes\nno$/);
  });

  it("chooses, orders and renames columns; fills rows that lack one", () => {
    const bundle = tableBundle([{ a: 1 }, { b: 2 }], { columns: { b: "bee", a: "ay" } });
    expect(bundle["text/plain"].split("\n")).to.deep.equal(["bee  ay", "---  --", "  –   1", "  2   –"]);
    expect(() => tableBundle(teams, { columns: ["town"] })).to.throw(DomainError, /team, ability, wins, note.*"town"/);
  });

  it("picks digits that show three figures of a typical value, whole numbers without any", () => {
    const text = tableBundle({ p: [0.67901, 0.5], big: [1234.5678, 2000.25], n: [12, 3] })["text/plain"];
    expect(text.split("\n")[2]).to.equal("0.679  1234.6  12");
  });

  it("shows the ends of a long table and says so", () => {
    const text = tableBundle({ i: Array.from({ length: 1000 }, (_, i) => i) }, { limit: 4 })["text/plain"];
    expect(text.split("\n").map((line) => line.trim())).to.deep.equal([
      "i",
      "---",
      "0",
      "1",
      "…",
      "998",
      "999",
      "1000 rows, 4 shown",
    ]);
  });

  it("is displayed in a notebook", () => {
    const notebook = openHost();
    table(teams);
    notebook.close();
    expect(Object.keys(notebook.shown[0].bundle)).to.deep.equal(["text/html", "text/plain"]);
  });

  it("refuses what is no table", () => {
    expect(() => tableBundle([])).to.throw(ShapeError, /at least one row/);
    expect(() => tableBundle({ a: [1, 2], b: [1] })).to.throw(ShapeError, /column b/);
    expect(() => tableBundle([1] as never)).to.throw(ShapeError, /rows\[0\]/);
    expect(() => tableBundle(null as never)).to.throw(ShapeError);
    expect(() => tableBundle(teams, { digits: -1 })).to.throw(DomainError, /digits/);
    expect(() => tableBundle(teams, { limit: 0 })).to.throw(DomainError, /limit/);
  });

  it("shows a danfojs frame", () => {
    const data = frame({ team: ["A", "B", "C"], wins: Float64Array.of(3, 1, 2) });
    const best = data.query(data.column("wins").gt(1));
    const text = tableBundle(best)["text/plain"];
    expect(text.split("\n")).to.deep.equal(["team  wins", "----  ----", "A        3", "C        2"]);
    expect(data.values).to.deep.equal([
      ["A", 3],
      ["B", 1],
      ["C", 2],
    ]);
  });

  it("makes a frame without a word on stdout or stderr, TensorFlow's greetings included", () => {
    const script = 'import { frame } from "rlhf-lab-course/frame"; frame([{ a: 1, b: null }]);';
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      ["--import", "tsx", "--input-type=module", "-e", script],
      {
        encoding: "utf8",
      },
    );
    expect({ stdout, stderr, status }).to.deep.equal({ stdout: "", stderr: "", status: 0 });
  });
});
