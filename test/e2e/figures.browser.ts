// The renderer in a real JupyterLab: every kind of figure, both themes, live updates, untrusted notebooks.
import { join } from "node:path";
import { expect } from "chai";
import { describeFigure, type Figure, figureMime } from "rlhf-lab";
import { gallery } from "./gallery.js";
import { type Notebook, notebookOf } from "./jupyter.js";
import { screenshots, useLab } from "./session.js";

/** A notebook as another person would send it: outputs that this machine has not made. */
function foreign(figures: object[]): Notebook {
  const notebook = notebookOf(...figures.map((_, i) => `// figure ${i}`));
  for (const [i, cell] of notebook.cells.entries()) {
    const { data } = figures[i] as { data: unknown };
    const text = Array.isArray(data) ? describeFigure(figures[i] as never) : "no figure";
    cell.outputs = [
      { output_type: "display_data", data: { [figureMime]: figures[i], "text/plain": text }, metadata: {} } as never,
    ];
    cell.execution_count = 1;
  }
  return notebook;
}

const rgb = (color: string) => (color.match(/\d+/g) ?? []).slice(0, 3).map(Number);

describe("figures in JupyterLab", function () {
  this.timeout(180_000);
  const session = useLab();

  it("draws every kind of figure, offline, in an untrusted notebook, in both themes", async () => {
    const { lab, jupyter } = session;
    const names = Object.keys(gallery);
    await jupyter.put("gallery.ipynb", foreign(Object.values(gallery)));
    await lab.open("gallery.ipynb");
    expect(await lab.trust()).to.match(/not trusted/);
    for (const theme of ["Light", "Dark"] as const) {
      await lab.theme(theme);
      for (const [i, name] of names.entries()) {
        const [drawn, ...more] = await lab.figures(i, 1);
        expect(more, name).to.have.length(0);
        expect(drawn?.marks, `marks of ${name}`).to.be.at.least(1);
        expect(drawn.width, name).to.be.within(600, 960);
        expect(drawn.height, name).to.be.at.least(300);
        expect(drawn.text, name).to.include((gallery[name].layout.title as { text: string }).text);
        const [red] = rgb(drawn.textColor);
        if (theme === "Light") expect(red, `${name}: text on white`).to.be.below(100);
        else expect(red, `${name}: text on black`).to.be.above(150);
      }
      await lab.page.screenshot({ path: join(screenshots, `gallery-${theme.toLowerCase()}.png`) });
    }
    expect(lab.complaints).to.deep.equal([]);
  });

  it("says so when a figure cannot be drawn, and the next one is drawn", async () => {
    const { lab, jupyter } = session;
    await jupyter.put("broken.ipynb", foreign([{ data: 7, layout: null }, gallery.line]));
    await lab.open("broken.ipynb");
    expect((await lab.figures(1, 1))[0].marks).to.be.at.least(4);
    const cell = await lab.showCell(0);
    expect(await cell.innerText()).to.include("could not be drawn");
  });

  it("fits the width of the page, and follows it", async () => {
    const { lab, jupyter } = session;
    await jupyter.put("wide.ipynb", foreign([gallery.line]));
    await lab.open("wide.ipynb");
    const [wide] = await lab.figures(0, 1);
    await lab.page.setViewportSize({ width: 1000, height: 800 });
    let narrow = wide;
    for (let tries = 0; tries < 50 && narrow.width === wide.width; tries++) {
      await new Promise((done) => setTimeout(done, 100));
      [narrow] = await lab.figures(0, 1);
    }
    expect(narrow.width).to.be.below(wide.width);
    const fits = await (await lab.showCell(0)).evaluate((node) => {
      const output = node.querySelector(".rlhf-lab-figure")!;
      return output.scrollWidth <= output.clientWidth;
    });
    expect(fits).to.equal(true);
  });

  it("updates a figure in place while the cell runs, and keeps the last state", async () => {
    const { lab, jupyter } = session;
    const first = `
import { line, progress, show } from "rlhf-lab";
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i);
const curve = (n: number) => line({
  title: "step " + n, x: { title: "step" }, y: { title: "loss" },
  series: [{ name: "loss", x: upTo(n), y: upTo(n).map((i) => 1 / (1 + i)) }],
});
show(curve(3));`;
    const loop = `
const live = show(curve(1));
for (const step of progress(40, { label: "training" })) {
  live.update(curve(step + 1));
  await new Promise((done) => setTimeout(done, 150));
}`;
    await jupyter.put("live.ipynb", notebookOf(first, loop));
    await lab.open("live.ipynb");
    await lab.runSelected(); // plotly is loaded when the loop begins
    await lab.figures(0, 1);
    await lab.runSelected();
    const [early] = await lab.figures(1, 1);
    expect(early.text).not.to.include("step 40"); // seen before the cell's end
    await lab.page.evaluate(() => {
      const [, live] = document.querySelectorAll(".rlhf-lab-figure > [data-drawn]");
      live.setAttribute("data-mine", "yes");
    });
    await lab.page.waitForSelector('.rlhf-lab-figure:has-text("step 40")');
    const [late, ...more] = await lab.figures(1, 1);
    expect(more).to.have.length(0);
    expect(late.times).to.be.greaterThan(early.times + 2);
    expect(await lab.page.locator('[data-mine="yes"]').count()).to.equal(1); // the same node, redrawn
    await lab.kernelIdle();
    expect(await (await lab.showCell(1)).innerText()).to.match(/training: 40\/40 \(100 %\)/);
    await lab.save("live.ipynb");
    const outputs = (await jupyter.read("live.ipynb")).cells[1].outputs ?? [];
    expect(outputs).to.have.length(2); // the figure and the bar, however often they were drawn
    const saved = outputs[0].data?.[figureMime] as Figure;
    expect(saved.layout.title).to.deep.equal({ text: "step 40" });
    expect(saved.data[0]).to.have.property("x").with.length(40);
    expect(lab.complaints).to.deep.equal([]);
  });
});
