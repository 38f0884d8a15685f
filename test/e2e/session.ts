import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { launchBrowser } from "./browser.js";
import { Jupyter, type NotebookCell, root } from "./jupyter.js";
import { Lab } from "./lab.js";

export const screenshots = join(root, "test", "e2e", "screenshots");

/** One JupyterLab and one browser for a file of tests; a fresh page for each test. */
export function useLab() {
  const session = {} as { jupyter: Jupyter; browser: Browser; lab: Lab };
  before(async function () {
    this.timeout(120_000);
    await mkdir(screenshots, { recursive: true });
    session.jupyter = await Jupyter.start();
    session.browser = await launchBrowser();
  });
  beforeEach(async () => {
    const page = await session.browser.newPage({ viewport: { width: 1400, height: 900 } });
    session.lab = new Lab(session.jupyter, page);
  });
  afterEach(async function () {
    const { page } = session.lab;
    const name = this.currentTest?.title.replace(/\W+/g, "-").slice(0, 60);
    if (this.currentTest?.state === "failed") await page.screenshot({ path: join(screenshots, `failed-${name}.png`) });
    await page.close();
    await session.jupyter.endKernels();
  });
  after(async function () {
    this.timeout(60_000);
    await session.browser?.close();
    await session.jupyter?.stop();
  });
  return session;
}

/** How many figures a cell's saved outputs hold. */
export const figuresIn = (cell: NotebookCell, mime: string): number =>
  (cell.outputs ?? []).filter(({ data }) => data && mime in data).length;
