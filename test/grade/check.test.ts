import { expect } from "chai";
import { CheckError, check } from "../../course/src/grade/check.js";
import { exercisesOf, registerLesson } from "../../course/src/grade/lessons.js";
import { reportHtml, reportText } from "../../course/src/grade/report.js";
import { diagnosis, runPart } from "../../course/src/grade/run.js";
import { mimeBundle } from "../../course/src/kernel/cells/value.js";
import { setNotebookHost } from "../../lib/src/core/index.js";

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

describe("check in a notebook", () => {
  let restore: (() => void)[] = [];
  let shown: Record<string, unknown>[] = [];
  let interrupt: AbortController;

  beforeEach(() => {
    shown = [];
    interrupt = new AbortController();
    restore = [
      registerLesson("99", () => import("./fixtures/lesson99.js")),
      setNotebookHost({
        display: (bundle) => void shown.push(bundle),
        interrupt: interrupt.signal,
        prompt: async () => "",
      }),
    ];
  });
  afterEach(() => {
    for (const undo of restore.reverse()) undo();
  });

  it("gives full points to a right answer and shows one report", async () => {
    const result = await check("99/sigmoid", { sigmoid });
    expect(result).to.include({ passed: true, points: 3, outOf: 3 });
    expect(shown).to.have.lengthOf(1);
    expect(shown[0]["text/plain"]).to.match(/3 of 3 points\. Well done/);
    expect(shown[0]["text/html"]).to.contain("✓");
  });

  it("names a known mistake, gives the points of the other parts, and says where to look", async () => {
    const result = await check("99/sigmoid", {
      sigmoid: (x: number) => (Math.abs(x) < 100 ? sigmoid(-x) : sigmoid(x)),
    });
    expect(result.points).to.equal(1);
    expect(result.parts[0].message).to.contain("is it exp(-x)");
    expect(shown[0]["text/plain"]).to.contain("Look at: equation (1)");
  });

  it("gives no points for a function that a later cell was to replace", async () => {
    const replaced = (value: unknown) => (value === sigmoid ? "cell 7" : undefined);
    restore.push(
      setNotebookHost({
        display: (bundle) => void shown.push(bundle),
        interrupt: interrupt.signal,
        prompt: async () => "",
        replacementThatFailed: replaced,
      }),
    );
    const result = await check("99/sigmoid", { sigmoid });
    expect(result.points).to.equal(0);
    expect(shown[0]["text/plain"]).to.match(/sigmoid is the older one.*cell 7, the last cell that writes sigmoid/s);
    expect((await check("99/sigmoid", { sigmoid: (x: number) => sigmoid(x) })).points).to.equal(3);
  });

  it("says kindly, once, that an exercise is not written yet, and does not throw", async () => {
    const stub = () => {
      throw new Error("Exercise 99/mean: not written yet.");
    };
    const result = await check("99/mean", { mean: stub });
    expect(result).to.include({ passed: false, points: 0 });
    expect(String(shown[0]["text/plain"]).match(/not written yet/gi)).to.have.lengthOf(1);
    expect(shown[0]["text/plain"]).to.contain("Fill in mean");
  });

  it("gives no point for refusing to a stub, nor to a function that throws a stub's words later", async () => {
    const result = await check("99/mean", {
      mean: (xs: number[]) => {
        if (xs.length === 0) throw new Error("Exercise 99/mean: not written yet.");
        return xs.reduce((a, b) => a + b) / xs.length;
      },
    });
    expect(result.points).to.equal(2);
  });

  it("quotes what the learner's function threw", async () => {
    const result = await check("99/sigmoid", {
      sigmoid: () => {
        throw new RangeError("x <b>too</b> large");
      },
    });
    expect(result.parts[0].message).to.equal("sigmoid threw RangeError: x <b>too</b> large");
    expect(reportHtml(result)).not.to.contain("<b>");
    expect(reportText(result)).to.contain("<b>");
  });

  for (const [what, value, words] of [
    ["undefined", undefined, "is a `return` missing"],
    ["NaN", Number.NaN, "NaN comes from"],
    ["a text", "0.5", 'the text "0.5"'],
    ["a list", [0.5], "got a list of 1"],
    ["a function", () => 1, "not plain data"],
    ["a promise inside", [Promise.resolve(1)], "Promise.all"],
  ] as const) {
    it(`explains a result that is ${what}`, async () => {
      const result = await check("99/sigmoid", { sigmoid: () => value });
      expect(result.points).to.equal(0);
      expect(result.parts[0].message).to.contain(words);
    });
  }

  for (const [what, softmax] of [
    ["typed arrays", (rows: number[][]) => rows.map(() => Float64Array.of(0.5, 0.5))],
    [
      "matrices",
      () => ({
        to2DArray: () => [
          [0.5, 0.5],
          [0.5, 0.5],
        ],
      }),
    ],
    ["tensors in a list", (rows: number[][]) => rows.map(() => ({ arraySync: () => [0.5, 0.5] }))],
  ] as const) {
    it(`takes ${what} for lists, as the grader does`, async () => {
      expect(await check("99/softmax", { softmax })).to.include({ points: 4 });
    });
  }

  it("says what the function returned when the check cannot go on, and blames nobody", async () => {
    const nothing = await check("99/softmax", { softmax: () => [null, null] });
    expect(nothing.parts[0].message).to.match(
      /^softmax returned \[null, null\], which the check cannot work with \(Cannot read properties of null/,
    );
    const missing = await check("99/softmax", { softmax: () => [undefined, undefined] });
    expect(missing.parts[0].message).not.to.contain("not your fault");
  });

  it("blames the check for what fails before there is an answer", async () => {
    const e = (await exercisesOf("99")).find(({ id }) => id === "99/mean");
    const part = { ...e!.parts[0], run: async () => Promise.reject(new TypeError("a slip")) };
    const error = await runPart(e!, part, async () => 1).catch((thrown: unknown) => thrown);
    expect(diagnosis(error)).to.contain("the check itself failed, which is not your fault");
  });

  it("explains a renamed and a missing function", async () => {
    const renamed = await check("99/sigmoid", { logistic: sigmoid });
    expect(renamed.problem).to.match(/no sigmoid.*Got logistic instead/);
    const missing = await check("99/sigmoid", { sigmoid: undefined });
    expect(missing.problem).to.match(/sigmoid is undefined, not a function/);
  });

  it("suggests the nearest id", async () => {
    const error = await check("99/sigmiod", { sigmoid }).catch((e: Error) => e);
    expect(error).to.be.an("error").with.property("message").that.contains('Did you mean "99/sigmoid"?');
  });

  it("stops an answer that never comes, and does not wait again for the next part", async () => {
    const result = await check("99/sigmoid", { sigmoid: () => new Promise(() => {}) }, { seconds: 0.05 });
    expect(result.parts.map((p) => p.message)).to.satisfy((m: string[]) => m.every((x) => /longer than 0.05/.test(x)));
  });

  it("ends with InterruptError when the learner interrupts", async () => {
    const running = check("99/sigmoid", { sigmoid: () => new Promise(() => {}) }).catch((e: Error) => e);
    setTimeout(() => interrupt.abort(), 10);
    expect(await running).to.have.property("name", "InterruptError");
  });

  it("keeps its own numbers out of the learner's reach", async () => {
    const result = await check("99/mean", {
      mean: (xs: number[]) => {
        if (xs.length === 0) throw new Error("no numbers");
        xs.fill(0);
        return 0;
      },
    });
    expect(result.points).to.equal(1);
  });

  it("says the points once: as the cell's last value the result shows nothing, but under nbgrader its number", async () => {
    expect(await mimeBundle(await check("99/sigmoid", { sigmoid }))).to.deep.equal({});
    process.env.NBGRADER_EXECUTION = "autograde";
    try {
      expect(await mimeBundle(await check("99/sigmoid", { sigmoid }))).to.deep.equal({ "text/plain": "3" });
    } finally {
      delete process.env.NBGRADER_EXECUTION;
    }
  });

  it("throws only under nbgrader, and only when there are no points; there it prints as a number", async () => {
    process.env.NBGRADER_EXECUTION = "autograde";
    try {
      expect(await check("99/sigmoid", { sigmoid: () => 0 }).catch((e: Error) => e)).to.be.instanceOf(CheckError);
      const partial = await check("99/mean", { mean: () => 0 / 0 }).catch((e: Error) => e);
      expect(partial).to.be.instanceOf(CheckError);
      const { inspect } = await import("node:util");
      expect(inspect(await check("99/sigmoid", { sigmoid }))).to.equal("3");
    } finally {
      delete process.env.NBGRADER_EXECUTION;
    }
  });
});
