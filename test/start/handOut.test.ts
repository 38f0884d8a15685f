import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { type Notebook, notebookText } from "../../scripts/master/build.js";
import { handOut } from "../../scripts/start/handOut.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rlhf-lab-handout-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const from = (...names: string[]) => join(folder, "built", ...names);
const to = (...names: string[]) => join(folder, "mine", ...names);
const lesson = (text: string, answer = 'throw new Error("Exercise 01/x: not written yet.");') => {
  const cell = { metadata: {}, outputs: [], execution_count: null };
  const notebook: Notebook = {
    cells: [
      { cell_type: "code", id: "text", source: text, ...cell },
      { cell_type: "code", id: "01-x", source: answer, ...cell, metadata: { rlhf_lab: { exercise: "01/x" } } },
    ],
    metadata: {},
    nbformat: 4,
    nbformat_minor: 5,
  };
  return notebookText(notebook);
};
/** A course of one lesson, and its solved one. */
const build = (text: string, name = "01-one.ipynb") => {
  rmSync(from(), { recursive: true, force: true });
  mkdirSync(from("solutions"), { recursive: true });
  writeFileSync(from(name), lesson(text));
  writeFileSync(from("solutions", name), lesson(text, "solved"));
  writeFileSync(from("README.md"), "not for learners");
};
const read = (path: string) => readFileSync(path, "utf8");

describe("start/handOut", () => {
  it("copies the lessons and the solved ones, and nothing else that is seen", () => {
    build("A");
    expect(handOut(from(), to())).to.deep.equal([]);
    expect(read(to("01-one.ipynb"))).to.equal(read(from("01-one.ipynb")));
    expect(read(to("solutions", "01-one.ipynb"))).to.equal(read(from("solutions", "01-one.ipynb")));
    expect(readdirSync(to()).filter((name) => !name.startsWith("."))).to.deep.equal(["01-one.ipynb", "solutions"]);
  });

  it("leaves alone what has no new version, and gives anew what was deleted", () => {
    build("A");
    handOut(from(), to());
    writeFileSync(to("01-one.ipynb"), lesson("A", "my answer"));
    expect(handOut(from(), to())).to.deep.equal([]);
    expect(read(to("01-one.ipynb"))).to.contain("my answer");
    rmSync(to("01-one.ipynb"));
    handOut(from(), to());
    expect(read(to("01-one.ipynb"))).to.equal(read(from("01-one.ipynb")));
  });

  it("a new version takes the work in, says so, and keeps the notebook as it was; untouched ones change in silence", () => {
    build("A");
    handOut(from(), to());
    const mine = lesson("A", "my answer");
    writeFileSync(to("01-one.ipynb"), mine);
    build("B");
    const said = handOut(from(), to());
    expect(read(to("01-one.ipynb"))).to.equal(lesson("B", "my answer"));
    expect(read(to("solutions", "01-one.ipynb"))).to.equal(lesson("B", "solved"));
    expect(said).to.have.length(1);
    expect(said[0]).to.match(/^01-one\.ipynb has a new version; your work is in it \(1 answer\)\. As it was: earlier/);
    const [earlier] = readdirSync(to("earlier"));
    expect(said[0]).to.contain(earlier);
    expect(read(to("earlier", earlier!))).to.equal(mine);
    expect(handOut(from(), to()), "a second time").to.deep.equal([]);
    expect(existsSync(to("solutions", "earlier"))).to.equal(false);
  });

  it("two starts at once: the notebook as it was outlives the second one's merge", () => {
    build("A");
    handOut(from(), to());
    const mine = lesson("A", "my answer");
    writeFileSync(to("01-one.ipynb"), mine);
    build("B");
    const { toISOString } = Date.prototype;
    Date.prototype.toISOString = () => "2026-01-01T00:00:00.000Z"; // in the same second
    try {
      const given = read(to(".given", "01-one.ipynb"));
      handOut(from(), to());
      writeFileSync(to(".given", "01-one.ipynb"), given); // the second has read it before the first came to its end
      writeFileSync(to("01-one.ipynb"), read(to("01-one.ipynb")).replace('"B"', '"C"'));
      handOut(from(), to());
    } finally {
      Date.prototype.toISOString = toISOString;
    }
    const [earlier, ...more] = readdirSync(to("earlier"));
    expect(more).to.deep.equal([]);
    expect(read(to("earlier", earlier!))).to.equal(mine);
  });

  it("follows a lesson's new name", () => {
    build("A");
    handOut(from(), to());
    writeFileSync(to("01-one.ipynb"), lesson("A", "my answer"));
    build("A", "01-uno.ipynb");
    handOut(from(), to());
    expect(existsSync(to("01-one.ipynb"))).to.equal(false);
    expect(read(to("01-uno.ipynb"))).to.contain("my answer");
  });

  it("takes over work that was begun in the built notebooks, before learners had a folder", () => {
    build("A");
    writeFileSync(from("01-one.ipynb"), lesson("A", "my answer"));
    handOut(from(), to());
    writeFileSync(to("01-one.ipynb"), lesson("A", "my better answer"));
    expect(handOut(from(), to()), "not yet git's own").to.deep.equal([]);
    build("B"); // git checkout notebooks, git pull
    handOut(from(), to());
    expect(read(to("01-one.ipynb"))).to.equal(lesson("B", "my better answer"));
  });

  it("takes it over too where nothing was done since", () => {
    build("A");
    writeFileSync(from("01-one.ipynb"), lesson("A", "my answer"));
    handOut(from(), to());
    build("B");
    handOut(from(), to());
    expect(read(to("01-one.ipynb"))).to.equal(lesson("B", "my answer"));
  });

  it("takes over what was copied here by hand, as the README says to who began before that", () => {
    build("A");
    mkdirSync(to("solutions"), { recursive: true });
    for (const name of ["01-one.ipynb", join("solutions", "01-one.ipynb")])
      writeFileSync(to(name), read(from(name)).replace("Exercise 01/x: not written yet.", "my answer"));
    build("B");
    handOut(from(), to());
    expect(read(to("01-one.ipynb"))).to.equal(lesson("B", 'throw new Error("my answer");'));
    expect(read(to("solutions", "01-one.ipynb"))).to.contain('"B"');
  });

  for (const [what, text] of Object.entries({
    "half a file": lesson("A").slice(0, 300),
    "no notebook": "[]",
    "cells without names": lesson("A").replaceAll(/"id": "[^"]*",/g, ""),
  })) {
    it(`${what}: left alone, and said`, () => {
      build("A");
      handOut(from(), to());
      writeFileSync(to("01-one.ipynb"), text);
      build("B");
      for (const time of ["first", "second"]) {
        const said = handOut(from(), to());
        expect(said, time).to.have.length(1);
        expect(said[0]).to.match(/01-one\.ipynb is not a notebook that can be read, and was left alone/);
      }
      expect(read(to("01-one.ipynb"))).to.equal(text);
    });
  }
});
