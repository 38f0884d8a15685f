import { readFileSync } from "node:fs";
import { expect } from "chai";
import { MasterError, parseMaster } from "../../scripts/master/parse.js";

const sample = readFileSync(new URL("fixtures/07-sample.ts", import.meta.url), "utf8");
const parse = (text: string) => parseMaster(text, "course/lessons/07-sample/lesson.ts");

/** The lines of the complaint about a text, without the file's name. */
function faults(text: string): string[] {
  try {
    parse(text);
  } catch (error) {
    expect(error).to.be.instanceOf(MasterError);
    const lines = (error as Error).message.split("\n");
    for (const line of lines) expect(line).to.match(/^course\/lessons\/07-sample\/lesson\.ts:\d+: /);
    return lines.map((line) => line.replace("course/lessons/07-sample/lesson.ts:", ""));
  }
  return [];
}

const title = "// %% [markdown]\n// # 07 Title\n";
const exercise = (body: string) =>
  `${title}// %% [exercise] 07/a\n${body}\n// %% [check] 07/a\nawait check("07/a", { f });\n`;
const good = "function f() {\n  // #solution\n  return 1;\n  // #end\n}";

describe("the master format", () => {
  it("reads the sample: kinds, lines, text, stubs and solutions", () => {
    const master = parse(sample);
    expect(master.lesson).to.equal("07");
    expect(master.name).to.equal("07-sample");
    expect(master.cells.map((cell) => cell.kind)).to.deep.equal([
      "markdown",
      "code",
      "code",
      "markdown",
      "exercise",
      "check",
      "markdown",
    ]);
    const lines = sample.split("\n");
    for (const cell of master.cells) expect(lines[cell.line - 1]).to.match(/^\/\/ %%/);
    const [first, , , , written] = master.cells;
    expect(first).to.include({ text: '# 07 A sample lesson\n\nSome text with $x^2$ and "quotes".' });
    if (written.kind !== "exercise") throw new Error("not the exercise");
    expect(written.stub.match(/^ {2}throw new Error\("Exercise 07\/sum: not written yet\."\);$/gm)).to.have.length(2);
    expect(written.stub).to.include("let count = values.length").and.not.include("total").and.not.include("return");
    expect(written.solution).to.include("return total;").and.include("return sum(values) / count;");
    for (const text of [written.stub, written.solution]) expect(text).to.not.match(/#solution|#end|biome-ignore/);
  });

  it("does not mind Windows line ends or blanks at the end of lines", () => {
    expect(parse(sample.replaceAll("\n", " \r\n"))).to.deep.equal(parse(sample));
  });

  it("takes out the marks of claims, and keeps the lines of what stands below them", () => {
    const text = `${title}// DPO wins.\n// #claim 07/dpo-wins, 07/by-far\n// And so on.\n// %%\nlet x = 1;\n// #claim 07/one\n`;
    const { cells, claims } = parse(text);
    expect(cells.map((cell) => ("text" in cell ? cell.text : "source" in cell && cell.source))).to.deep.equal([
      "# 07 Title\nDPO wins.\nAnd so on.",
      "let x = 1;",
    ]);
    expect(claims).to.deep.equal([
      { id: "07/dpo-wins", line: 4 },
      { id: "07/by-far", line: 4 },
      { id: "07/one", line: 8 },
    ]);
    expect(faults(`${title}// #claim 07/a\nno comment\n`)[0]).to.match(/^4: a line of \[markdown\]/);
  });

  it("gives the learner the code between #given and #end, and the solution what stands above it", () => {
    const text = exercise(
      "function f() {\n  // #solution\n  return 1;\n  // #given\n  // // one too many\n  // return 2;\n  // #end\n}",
    );
    const cell = parse(text).cells[1];
    expect(cell).to.include({
      stub: "function f() {\n  // one too many\n  return 2;\n}",
      solution: "function f() {\n  return 1;\n}",
    });
  });

  const cases: [what: string, text: string, fault: RegExp][] = [
    [
      "given code that is no comment",
      exercise("function f() {\n  // #solution\n  return 1;\n  // #given\n  return 2;\n  // #end\n}"),
      /^8: between #given and #end every line is a comment/,
    ],
    [
      "given code twice",
      exercise("function f() {\n  // #solution\n  return 1;\n  // #given\n  // #given\n  // #end\n}"),
      /^8: a second #given/,
    ],
    [
      "given code without a solution",
      exercise("function f() {\n  // #given\n  // #end\n}"),
      /^5: #given without #solution/,
    ],
    ["a claim without an id", `${title}// #claim\n`, /^3: #claim needs an id such as "07\/what-holds", got ""/],
    ["a claim of another lesson", `${title}// #claim 08/a\n`, /^3: the claim 08\/a is not of this lesson, 07/],
    ["a claim twice", `${title}// #claim 07/a\n// #claim 07/a\n`, /^4: a second #claim 07\/a; the first is in line 3/],
    ["no cells", "// nothing\n", /^1: no cells/],
    ["code above the first cell", `const x = 1;\n${title}`, /^1: code before the first cell/],
    ["a first cell without title", "// %%\nconst x = 1;\n", /^1: the first cell must be \[markdown\]/],
    ["an unknown marker", `${title}// %% [markdwon]\n// x\n`, /^3: unknown marker "\/\/ %% \[markdwon\]"/],
    ["a named code cell", `${title}// %% hello\nconst x = 1;\n`, /^3: unknown marker/],
    ["a marker without its blank", `${title}//%%\nconst x = 1;\n`, /^3: a marker is written/],
    ["an indented marker", `${title}// %%\n  // %%\n`, /^4: a marker is written/],
    ["an empty cell", `${title}\n// %%\n\n// %%\nconst x = 1;\n`, /^4: an empty cell/],
    ["bare text in markdown", `${title}text\n`, /^3: a line of \[markdown\]/],
    ["a solution outside of an exercise", `${title}// %%\nconst x = 1;\n// #solution\n`, /^5: #solution outside/],
    ["an id of another form", exercise(good).replaceAll("07/a", "07/A b"), /^3: \[exercise\] needs an id/],
    ["an id of another lesson", exercise(good).replaceAll("07/a", "08/a"), /^3: the id 08\/a is not of this lesson/],
    ["an exercise without solution", exercise("const f = 1;"), /^3: exercise 07\/a has no \/\/ #solution/],
    ["an unclosed solution", exercise(good.replace("  // #end\n", "")), /^5: #solution is never closed/],
    ["an end without start", exercise(good.replace("  // #solution\n", "")), /^6: #end without #solution/],
    ["nested solutions", exercise(good.replace("return 1;", "// #solution\n  return 1;")), /^6: #solution inside/],
    ["an empty solution", exercise(good.replace("return 1;", "// to do")), /^5: an empty solution/],
    ["text behind a fence", exercise(good.replace("#solution", "#solution here")), /^5: nothing may follow/],
    [
      "a solution that is not in a function",
      exercise("// #solution\nconst f = 1;\n// #end"),
      /^4: #solution must stand inside/,
    ],
    [
      "a check without exercise",
      `${title}// %% [check] 07/a\nawait check("07/a", {});\n`,
      /^3: \[check\] 07\/a without/,
    ],
    ["an exercise without check", exercise(good).split("// %% [check]")[0], /^3: exercise 07\/a has no \[check\]/],
    ["a check of another id", exercise(good).replace('("07/a"', '("07/b"'), /^9: a \[check\] cell of 07\/a must call/],
    [
      "an exercise twice",
      exercise(good) + exercise(good).slice(title.length),
      /^11: a second \[exercise\] 07\/a.*line 3/,
    ],
  ];
  for (const [what, text, fault] of cases) {
    it(`complains about ${what}, with its line`, () => {
      expect(
        faults(text).some((line) => fault.test(line)),
        faults(text).join("\n") || "no complaint",
      ).to.equal(true);
    });
  }

  it("accepts what those cases break", () => {
    expect(faults(exercise(good))).to.deep.equal([]);
  });

  it("reports all faults at once, in order", () => {
    const lines = faults(`${title}// %% [x]\n// %%\n\n// %% [check] 07/a\nawait check("07/a", {});\n`);
    expect(lines.map((line) => Number(line.split(":")[0]))).to.deep.equal([3, 4, 6]);
  });

  it("demands a folder named NN-name", () => {
    const file = "course/lessons/Sample/lesson.ts";
    expect(() => parseMaster(sample, file)).to.throw(MasterError, `${file}:1: a lesson's folder is named NN-name`);
  });
});
