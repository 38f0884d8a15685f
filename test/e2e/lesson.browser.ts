// A lesson as a reader meets it: open, Run All, look, save, come back. Lesson 01; another with
// LESSON=06 npm run test:browser.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { figureMime } from "rlhf-lab";
import { type Notebook, root } from "./jupyter.js";
import type { Lab } from "./lab.js";
import { figuresIn, screenshots, useLab } from "./session.js";

const lesson = process.env.LESSON ?? "01";
/** Milliseconds for a run of the whole notebook. */
const patience = lesson === "05" ? 1_500_000 : 300_000; // a quiet machine needs 300_000 and 60_000
const notebookIn = (folder: string) =>
  join(
    folder,
    readdirSync(folder).find((name) => name.startsWith(`${lesson}-`) && name.endsWith(".ipynb")) ??
      `${lesson}-is-missing`,
  );
const learners = notebookIn(join(root, "notebooks"));
const solutions = notebookIn(join(root, "notebooks", "solutions"));

/** What went wrong in a notebook's cells, in words. */
const errorsOf = (notebook: Notebook) =>
  notebook.cells.flatMap((cell, i) =>
    (cell.outputs ?? [])
      .filter(({ output_type }) => output_type === "error")
      .map(({ ename, evalue }) => `cell ${i}: ${ename}: ${evalue}`),
  );

/** Looks at every figure that the saved notebook holds; returns how many there are. */
async function expectAllDrawn(lab: Lab, notebook: Notebook): Promise<number> {
  let total = 0;
  for (const [i, cell] of notebook.cells.entries()) {
    const count = figuresIn(cell, figureMime);
    if (count === 0) continue;
    const drawn = await lab.figures(i, count);
    expect(drawn, `figures of cell ${i}`).to.have.length(count);
    for (const figure of drawn) {
      expect(figure.marks, `marks of a figure in cell ${i}`).to.be.at.least(1);
      expect(figure.width, `width of a figure in cell ${i}`).to.be.at.least(400);
      expect(figure.text, `title of a figure in cell ${i}`).not.to.equal("");
    }
    total += count;
  }
  return total;
}

describe(`lesson ${lesson} in JupyterLab`, function () {
  this.timeout(patience + 120_000);
  const session = useLab();
  let figures = 0; // in the solution notebook

  it("Run All: no cell has an error, every figure is drawn", async () => {
    const { lab, jupyter } = session;
    await jupyter.put("solution.ipynb", solutions);
    await lab.open("solution.ipynb");
    await lab.runAll("solution.ipynb", patience);
    const notebook = await jupyter.read("solution.ipynb");
    expect(errorsOf(notebook)).to.deep.equal([]);
    figures = await expectAllDrawn(lab, notebook);
    expect(figures).to.be.at.least(4);
    expect(lab.complaints).to.deep.equal([]);
  });

  it("reopened, the saved notebook still shows every figure, in both themes", async () => {
    const { lab, jupyter } = session;
    const notebook = await jupyter.read("solution.ipynb");
    await lab.open("solution.ipynb");
    expect(await lab.trust()).to.match(/Notebook trusted/);
    const withFigures = notebook.cells.flatMap((cell, i) => (figuresIn(cell, figureMime) > 0 ? [i] : []));
    for (const theme of ["Light", "Dark"] as const) {
      await lab.theme(theme);
      expect(await expectAllDrawn(lab, notebook)).to.equal(figures);
      for (const [k, i] of withFigures.entries()) {
        const drawn = await (await lab.showCell(i)).$$(".rlhf-lab-figure");
        for (const [n, figure] of drawn.entries()) {
          const name = `lesson-${lesson}-figure-${k + 1}${n > 0 ? `-${n + 1}` : ""}-${theme.toLowerCase()}.png`;
          await figure.screenshot({ path: join(screenshots, name) });
        }
      }
      await lab.showCell(withFigures[0]);
      await lab.page.screenshot({ path: join(screenshots, `lesson-${lesson}-${theme.toLowerCase()}.png`) });
    }
    expect(lab.complaints).to.deep.equal([]);
  });

  it("an untrusted copy shows every figure", async () => {
    const { lab, jupyter } = session;
    const notebook = await jupyter.read("solution.ipynb");
    notebook.cells[0].source = `${[notebook.cells[0].source].flat().join("")}\n`; // another text, so another signature
    await jupyter.put("copy.ipynb", notebook);
    await lab.open("copy.ipynb");
    expect(await lab.trust()).to.match(/not trusted/);
    expect(await expectAllDrawn(lab, notebook)).to.equal(figures);
  });

  it("the learner's notebook runs to its end with every figure, the exercises still to be written", async () => {
    const { lab, jupyter } = session;
    await jupyter.put("learner.ipynb", learners);
    await lab.open("learner.ipynb");
    await lab.runAll("learner.ipynb", patience);
    const notebook = await jupyter.read("learner.ipynb");
    expect(errorsOf(notebook)).to.deep.equal([]);
    expect(await expectAllDrawn(lab, notebook)).to.equal(figures);
    const checks = notebook.cells.filter(
      ({ metadata }) => (metadata.rlhf_lab as { check?: string } | undefined)?.check,
    );
    expect(checks.length).to.be.at.least(4);
    // Code that was handed out with a mistake in it is refused; everything else is still to be written.
    const given = notebook.cells.flatMap(({ metadata }) => {
      const { exercise, given } = (metadata.rlhf_lab ?? {}) as { exercise?: string; given?: string };
      return given === undefined ? [] : [exercise];
    });
    for (const { metadata, outputs } of checks) {
      const { check } = metadata.rlhf_lab as { check: string };
      if (given.includes(check)) expect(JSON.stringify(outputs)).to.match(/: 0 of \d+ points/);
      else expect(JSON.stringify(outputs)).to.match(/not written yet/i);
    }
  });
});
