import { expect } from "chai";
import fc from "fast-check";
import { type Notebook, type NotebookCell, sourceOf } from "../../scripts/master/build.js";
import { merge } from "../../scripts/start/merge.js";

const code = (id: string, source: string, more: Partial<NotebookCell> = {}): NotebookCell => ({
  cell_type: "code",
  id,
  metadata: {},
  source,
  outputs: [],
  execution_count: null,
  ...more,
});
const stub = (exercise: string, doc = "as asked") =>
  `/** ${doc} */\nfunction f() {\n  throw new Error("Exercise ${exercise}: not written yet.");\n}`;
const exercise = (name: string, source = stub(name)) =>
  code(name.replace("/", "-"), source, { metadata: { rlhf_lab: { exercise: name }, nbgrader: { solution: true } } });
const check = (name: string, source = `check ${name}`) =>
  code(`${name.replace("/", "-")}-check`, source, { metadata: { rlhf_lab: { check: name } } });
const notebook = (...cells: NotebookCell[]): Notebook => ({ cells, metadata: {}, nbformat: 4, nbformat_minor: 5 });
const sources = ({ cells }: Notebook) => cells.map(sourceOf);

const lesson = () => notebook(code("a-1", "A"), code("a-2", "B"), exercise("01/x"), check("01/x"), code("b-1", "C"));

describe("start/merge", () => {
  it("without work of the learner's the new version is taken as it is", () => {
    const fresh = notebook(
      code("a-1", "A2"),
      exercise("01/x", stub("01/x", "anew")),
      check("01/x", "other"),
      code("c", "D"),
    );
    expect(merge(lesson(), lesson(), fresh).notebook).to.deep.equal(fresh);
  });

  it("answers, changed, added and deleted cells and the outputs of unchanged code are the learner's", () => {
    const mine = lesson();
    mine.cells[0] = code("a-1", "A", { outputs: [{ text: "seen" }], execution_count: 3 });
    mine.cells[2] = exercise("01/x", "my answer");
    mine.cells[4] = code("b-1", "C, but mine");
    mine.cells.splice(1, 1, code("own", "my note"));
    const fresh = lesson();
    fresh.cells.push(code("b-2", "new at the end"));
    const { notebook: merged, answers, changed, beside } = merge(lesson(), mine, fresh);
    expect(sources(merged)).to.deep.equal(["A", "my note", "my answer", "check 01/x", "C, but mine", "new at the end"]);
    expect(merged.cells[0]).to.deep.include({ outputs: [{ text: "seen" }], execution_count: 3 });
    expect({ answers, changed, beside }).to.deep.equal({ answers: ["01/x"], changed: [], beside: 0 });
    expect(merged.cells[2].metadata).to.deep.equal(fresh.cells[2].metadata);
  });

  it("where both have changed something, an answer stays and is named, another cell stands beside", () => {
    const mine = notebook(code("a-1", "A, mine"), exercise("01/x", "my answer"), check("01/x"));
    const given = notebook(code("a-1", "A"), exercise("01/x"), check("01/x"));
    const fresh = notebook(code("a-1", "A, theirs"), exercise("01/x", stub("01/x", "anew")), check("01/x", "anew"));
    const merged = merge(given, mine, fresh);
    expect(sources(merged.notebook)).to.deep.equal(["A, theirs", "A, mine", "my answer", "anew"]);
    expect(merged.changed).to.deep.equal(["01/x"]);
    expect(merged.beside).to.equal(1);
  });

  it("follows a cell whose id has shifted because another came in above it", () => {
    const mine = lesson();
    mine.cells[1] = code("a-2", "B, mine");
    const fresh = notebook(code("a-1", "A"), code("a-2", "inserted"), code("a-3", "B"), ...lesson().cells.slice(2));
    const merged = merge(lesson(), mine, fresh);
    expect(sources(merged.notebook).slice(0, 3)).to.deep.equal(["A", "inserted", "B, mine"]);
    expect(merged.beside).to.equal(0);
  });

  it("keeps the answer to an exercise that is no more, a copied exercise, and an added cell whose id is now ours", () => {
    const copy = { ...exercise("01/x", "second try"), id: "pasted" };
    const mine = notebook(
      ...lesson().cells.slice(0, 2),
      exercise("01/x", "first try"),
      copy,
      check("01/x"),
      code("b-2", "my own"),
    );
    const fresh = notebook(code("a-1", "A"), code("b-2", "ours, new"));
    const merged = sources(merge(lesson(), mine, fresh).notebook);
    expect(merged).to.include.members(["first try", "second try", "my own", "ours, new"]);
    const twice = notebook(...lesson().cells, { ...exercise("01/x"), id: "pasted" });
    expect(sources(merge(lesson(), twice, lesson()).notebook)).to.deep.equal(sources(twice));
  });

  it("without knowing what was given, answers and added cells are the learner's", () => {
    const mine = notebook(
      code("a-1", "old text"),
      exercise("01/x", "my answer"),
      exercise("01/y"),
      code("own", "mine"),
    );
    const fresh = notebook(code("a-1", "new text"), exercise("01/x"), exercise("01/y", stub("01/y", "anew")));
    expect(sources(merge(undefined, mine, fresh).notebook)).to.deep.equal([
      "new text",
      "my answer",
      stub("01/y", "anew"),
      "mine",
    ]);
  });

  it("for any edits on both sides: nothing of the learner's is lost, ids are unique, merging again changes nothing", () => {
    const names = ["a", "b", "c", "d"];
    /** What happens to each cell: stays, changes, goes; and how many come in behind it. */
    const edits = fc.record({
      fate: fc.array(fc.constantFrom("stay", "stay", "change", "go"), { minLength: 6, maxLength: 6 }),
      added: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 6, maxLength: 6 }),
    });
    const given = notebook(...names.map((name) => code(name, name)), exercise("01/x"), exercise("01/y"));
    const edited = (who: string, { fate, added }: { fate: string[]; added: number[] }): Notebook =>
      notebook(
        ...given.cells.flatMap((cell, i) => [
          ...(fate[i] === "go" ? [] : fate[i] === "stay" ? [cell] : [{ ...cell, source: `${sourceOf(cell)}, ${who}` }]),
          // Ids of added cells may be the same on both sides.
          ...Array.from({ length: added[i]! }, (_, k) => code(`new-${i}-${k}`, `${who} ${i} ${k}`)),
        ]),
      );
    fc.assert(
      fc.property(edits, edits, (yours, theirs) => {
        const [mine, fresh] = [edited("mine", yours), edited("fresh", theirs)];
        const { notebook: merged } = merge(given, mine, fresh);
        const all = sources(merged);
        const own = sources(mine).filter((source) => source.includes("mine"));
        expect(all.filter((source) => source.includes("mine")).sort()).to.deep.equal(own.sort());
        for (const { source, id } of fresh.cells.filter(({ id }) => id.startsWith("new-")))
          expect(all, id).to.include(source);
        expect(new Set(merged.cells.map(({ id }) => id)).size).to.equal(merged.cells.length);
        expect(sources(merge(fresh, merged, fresh).notebook)).to.deep.equal(all);
        // Cut short before it was noted what was given.
        expect(sources(merge(given, merged, fresh).notebook)).to.deep.equal(all);
      }),
    );
  });
});
