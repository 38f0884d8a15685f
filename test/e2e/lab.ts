// JupyterLab as a learner uses it: menus, scrolling, looking.
import type { ElementHandle, Page } from "playwright-core";
import type { Jupyter } from "./jupyter.js";

const PATIENCE = 60_000; // ms; a busy machine opens a page slowly

/** A figure on the page, measured. */
export interface Drawn {
  cell: number;
  /** Lines, bars, points, images that take up room inside the axes. */
  marks: number;
  width: number;
  height: number;
  /** How often plotly has drawn it. */
  times: number;
  text: string;
  textColor: string;
}

export class Lab {
  /** What the page complained about. */
  readonly complaints: string[] = [];

  constructor(
    readonly jupyter: Jupyter,
    readonly page: Page,
  ) {
    page.setDefaultTimeout(PATIENCE);
    page.on("pageerror", (error) => this.complaints.push(String(error)));
    // Whatever leaves this machine is a figure that would not work offline.
    page.on("request", (request) => {
      const { hostname, protocol } = new URL(request.url());
      if (/^(http|ws)s?:$/.test(protocol) && hostname !== "127.0.0.1")
        this.complaints.push(`asked for ${request.url()}`);
    });
  }

  /** Opens a notebook and waits for its kernel. */
  async open(name: string): Promise<void> {
    const { url, token } = this.jupyter;
    await this.page.goto(`${url}lab/tree/${encodeURIComponent(name)}?token=${token}&reset`);
    await this.page.waitForSelector(".jp-Notebook .jp-Cell");
    await this.kernelIdle();
  }

  async menu(...labels: string[]): Promise<void> {
    const [bar, ...items] = labels;
    await this.page.click(`.lm-MenuBar-itemLabel:text-is("${bar}")`);
    for (const item of items) await this.page.click(`.lm-Menu-itemLabel:text-is("${item}")`);
  }

  async kernelIdle(timeout = PATIENCE): Promise<void> {
    await this.page.waitForSelector('#jp-main-statusbar :text("| Idle")', { state: "attached", timeout });
  }

  /**
   * Waits until the kernel has been idle for a second on end: between two cells of a run it is so for a moment only.
   */
  async kernelSettled(timeout = PATIENCE): Promise<void> {
    const until = performance.now() + timeout;
    for (let calm = 0; calm < 5; ) {
      await this.kernelIdle(Math.max(1, until - performance.now()));
      await new Promise((done) => setTimeout(done, 200));
      calm = (await this.page.$('#jp-main-statusbar :text("| Idle")')) ? calm + 1 : 0;
    }
  }

  /** Runs the selected cell, without waiting, and selects the next. */
  async runSelected(): Promise<void> {
    await this.page.click(
      ".jp-NotebookPanel:not(.lm-mod-hidden) .jp-NotebookPanel-toolbar [data-command='notebook:run-cell-and-select-next']",
    );
  }

  /**
   * Run > Run All Cells, until the last cell has run. The wait is for the saved notebook: prompts out of
   * view are not in the page.
   */
  async runAll(name: string, timeout = 180_000): Promise<void> {
    await this.menu("Run", "Run All Cells");
    const until = performance.now() + timeout;
    for (;;) {
      await new Promise((done) => setTimeout(done, 1000));
      // Saving while cells run may never end: each output makes the notebook unsaved again.
      await this.kernelSettled(timeout);
      await this.save(name);
      const code = (await this.jupyter.read(name)).cells.filter(({ cell_type }) => cell_type === "code");
      if (code.every(({ execution_count }) => typeof execution_count === "number")) return;
      const failed = code.find(({ outputs }) => outputs?.some(({ output_type }) => output_type === "error"));
      if (failed) return; // the cells after it will not run
      if (performance.now() > until) throw new Error(`${name} did not finish within ${timeout / 1000} s`);
    }
  }

  async save(name: string): Promise<void> {
    const before = JSON.stringify(await this.jupyter.read(name));
    await this.menu("File", "Save Notebook");
    await this.page.waitForSelector(".lm-DockPanel-tabBar .lm-mod-current:not(.jp-mod-dirty)");
    // The mark goes when the server has answered; a save without changes answers at once.
    for (let tries = 0; tries < 20 && JSON.stringify(await this.jupyter.read(name)) === before; tries++) {
      await new Promise((done) => setTimeout(done, 25));
    }
  }

  /** Scrolls a cell into view, as JupyterLab takes cells out of the page that are not. */
  async showCell(index: number): Promise<ElementHandle<HTMLElement>> {
    const cell = `.jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell[data-windowed-list-index="${index}"]`;
    for (let tries = 0; tries < 60; tries++) {
      const found = await this.page.$(cell);
      if (found) {
        await found.scrollIntoViewIfNeeded();
        const again = await this.page.$(cell);
        if (again && (await again.isVisible())) return again as ElementHandle<HTMLElement>;
      }
      // Not in the page yet: towards it, a screen at a time.
      await this.page.evaluate((target) => {
        const panel = document.querySelector(".jp-NotebookPanel:not(.lm-mod-hidden)")!;
        const there = [...panel.querySelectorAll<HTMLElement>("[data-windowed-list-index]")];
        const indices = there.map((node) => Number(node.dataset.windowedListIndex));
        const outer = panel.querySelector(".jp-WindowedPanel-outer")!;
        outer.scrollBy(0, Math.max(...indices) < target ? 600 : -600);
      }, index);
      await new Promise((done) => setTimeout(done, 100));
    }
    throw new Error(`cell ${index} did not come into view`);
  }

  /** The figures of one cell, once all of them are drawn. */
  async figures(index: number, count: number): Promise<Drawn[]> {
    const until = performance.now() + PATIENCE;
    for (;;) {
      // Again each time: JupyterLab moves the page, and takes cells out of it, as heights become known.
      const cell = await this.showCell(index);
      const drawn = await cell.evaluate((node, cellIndex) => {
        const marks = [
          ".scatterlayer .js-line",
          ".scatterlayer .js-fill",
          ".scatterlayer .point",
          ".scatterlayer text",
          ".barlayer .point path",
          ".heatmaplayer image",
          ".contourlayer path",
          ".gl-container canvas",
        ].join();
        return [...node.querySelectorAll<HTMLElement>('.rlhf-lab-figure > [data-drawn][aria-busy="false"]')].map(
          (plot) => ({
            cell: cellIndex,
            marks: [...plot.querySelectorAll(marks)].filter((mark) => {
              const { width, height } = mark.getBoundingClientRect();
              return width + height > 2;
            }).length,
            width: plot.querySelector(".plotly .main-svg")?.getBoundingClientRect().width ?? 0,
            height: plot.querySelector(".plotly .main-svg")?.getBoundingClientRect().height ?? 0,
            times: Number(plot.dataset.drawn),
            text: plot.querySelector(".infolayer")?.textContent ?? "",
            textColor: getComputedStyle(plot.querySelector(".infolayer text") ?? plot).fill,
          }),
        );
      }, index);
      // A change of theme draws again, and a cell that has just come into view has no size yet.
      const whole = drawn.length >= count && drawn.every(({ marks }) => marks > 0);
      if (whole || performance.now() > until) return drawn;
      await new Promise((done) => setTimeout(done, 50));
    }
  }

  async theme(name: "Light" | "Dark"): Promise<void> {
    await this.menu("Settings", "Theme", `JupyterLab ${name}`);
    await this.page.waitForSelector(`body[data-jp-theme-name="JupyterLab ${name}"]`, { state: "attached" });
    await new Promise((done) => setTimeout(done, 500)); // until figures have followed
  }

  /** JupyterLab's own word for whether the notebook's outputs may do what they like. */
  async trust(): Promise<string> {
    const shield = await this.page.waitForSelector('.jp-StatusItem-trust[title^="Notebook"]', { state: "attached" });
    return (await shield.getAttribute("title")) ?? "";
  }
}
