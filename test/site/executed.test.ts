// What is kept of a run, and when it is still true.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { executedKey, keepExecuted, readExecuted } from "../../scripts/lessons/executed.js";
import type { Run } from "../../scripts/lessons/summary.js";
import { keepPassed } from "../../scripts/lessons.js";
import { buildNotebook } from "../../scripts/master/build.js";
import { editionsOf, readMasters } from "../../scripts/master/course.js";

describe("executed lessons", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "rlhf-lab-executed-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const [master] = readMasters(["01"]);
  const notebook = () => {
    const empty = buildNotebook({ ...master, cells: master.cells.slice(0, 3) }, "solution", new Map());
    empty.cells[2].outputs = [{ output_type: "stream", name: "stdout", text: "seen\n" }];
    return empty;
  };

  it("are found again under their key, and under no other", () => {
    keepExecuted("01", "a key", notebook(), folder);
    expect(readExecuted("01", "a key", folder)?.cells).to.deep.equal(notebook().cells);
    expect(readExecuted("01", "another key", folder)).to.equal(undefined);
    expect(readExecuted("02", "a key", folder)).to.equal(undefined);
    expect(readdirSync(folder), "something was left behind").to.deep.equal(["01.ipynb"]);
  });

  it("that a full disk has cut short count as not run", () => {
    writeFileSync(join(folder, "01.ipynb"), '{"cells": [');
    expect(readExecuted("01", "a key", folder)).to.equal(undefined);
  });

  it("have a key that changes with the text, and with nothing else", async () => {
    const [, { text }] = await editionsOf(master);
    expect(executedKey(master, text)).to.equal(executedKey(master, text));
    expect(executedKey(master, text.replace("One call", "A call"))).to.not.equal(executedKey(master, text));
    const other = readMasters(["02"])[0];
    expect(executedKey(other, text), "the checks beside it").to.not.equal(executedKey(master, text));
  });

  it("are kept when they passed, not when a cell failed, and of solutions only", () => {
    const job = { master, edition: "solution" as const, text: "" };
    const run = (change: Partial<Run>): Run => ({
      ...job,
      execution: { seconds: new Map(), processor: new Map(), total: 1, notebook: notebook() },
      verdict: { figures: 0, checks: 0, passed: 0, problems: [] },
      ...change,
    });
    const keep = keepPassed([job], folder);
    keep(run({ verdict: { figures: 0, checks: 0, passed: 0, problems: [{ cell: 2, message: "no" }] } }), job);
    keep(run({ execution: { seconds: new Map(), processor: new Map(), total: 1, fatal: { message: "died" } } }), job);
    keep(run({ edition: "learner" }), job);
    expect(readdirSync(folder)).to.deep.equal([]);
    keep(run({}), job);
    expect(readExecuted("01", executedKey(master, ""), folder)).to.not.equal(undefined);
  });
});
