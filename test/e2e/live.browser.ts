// The cells of the site's pages, run by a reader in a real Chromium, from a folder (file://): lessons 01, 07 and 12.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { AxeResults } from "axe-core";
import { expect } from "chai";
import type { Browser, Locator, Page } from "playwright-core";
import { readMasters } from "../../scripts/master/course.js";
import { buildSite } from "../../scripts/site/build.js";
import { hrefOf, type Lesson, readLesson } from "../../scripts/site/lesson.js";
import { launchBrowser } from "./browser.js";
import { screenshots } from "./session.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const LESSONS = ["01", "07", "12"];
const LONG = 120_000;

describe("live cells in a browser", function () {
  this.timeout(600_000);
  let folder: string;
  let site: string;
  let lessons: Lesson[];
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];

  before(async () => {
    await mkdir(screenshots, { recursive: true });
    folder = mkdtempSync(join(tmpdir(), "rlhf-lab-live-"));
    site = join(folder, "site");
    lessons = await Promise.all(readMasters(LESSONS).map((master) => readLesson(master)));
    // What a run would have left under the cells with tensors, if these lessons have not been run yet.
    for (const cell of lessons[1]!.cells) {
      if (cell.kind !== "markdown" && cell.outputs.length === 0)
        cell.outputs = [{ output_type: "stream", name: "stdout", text: "recorded" }];
    }
    await buildSite(site, lessons, { reference: false });
    browser = await launchBrowser();
  });
  after(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
    expect(complaints).to.deep.equal([]);
  });
  afterEach(() => page?.close());

  async function open(lesson: string, context = browser.newContext({ viewport: { width: 1200, height: 900 } })) {
    page = await (await context).newPage();
    page.setDefaultTimeout(LONG);
    page.on("pageerror", (error) => complaints.push(`${lesson}: ${error.message}`));
    page.on("request", (request) => {
      if (!/^(file|blob|data):/.test(request.url())) complaints.push(`${lesson} asks for ${request.url()}`);
    });
    await page.goto(pathToFileURL(join(site, hrefOf(lessons[LESSONS.indexOf(lesson)]!))).href);
    await page.waitForSelector(".live-notice");
    return page;
  }

  /** A cell by what its code contains, as long as it contains it; from then on by its number. */
  async function cell(text: string, kind = "code"): Promise<Locator> {
    const found = page.locator(`section.cell[data-kind=${kind}]`, { has: page.locator("pre code", { hasText: text }) });
    return page.locator(`section.cell[data-cell="${await found.first().getAttribute("data-cell")}"]`);
  }
  const status = (of: Locator) => of.locator(".live-bar [role=status]");
  const said = (of: Locator, words: RegExp) => status(of).filter({ hasText: words }).waitFor();
  const click = (of: Locator, name: string) => of.getByRole("button", { name, exact: true }).click();
  /** The names in the legend of a cell's figure, once it is drawn. */
  const legend = async (of: Locator) => {
    await of.locator(".legendtext").first().waitFor();
    return of.locator(".legendtext").allTextContents();
  };
  /** Writes a text over a cell's code, with the keyboard. */
  async function write(of: Locator, text: string): Promise<void> {
    const pre = of.locator("pre:has(> code)").first();
    if ((await of.locator("textarea").count()) > 0) await of.locator("textarea").focus();
    else if (await pre.isVisible()) {
      await pre.focus();
      await page.keyboard.press("Enter");
    } else await click(of, "Edit"); // its code is folded
    await page.keyboard.press("Control+a");
    await page.keyboard.insertText(text);
  }
  // innerText of folded code would be empty.
  const codeOf = async (of: Locator) =>
    (await of.locator("pre > code.language-typescript").first().textContent()) ?? "";

  it("01: a number is edited, Shift+Enter, and the figure changes; undone, it is the lesson's again", async () => {
    await open("01");
    const figure = await cell("A difference in ability decides");
    const code = await codeOf(figure);
    await write(figure, code.replace("[0.5, 1, 2]", "[0.25, 3]"));
    await page.keyboard.press("Shift+Enter");
    await said(figure, /^Ran here/);
    expect(await legend(figure)).to.deep.equal(["temperature 0.25", "temperature 3"]);
    await figure.screenshot({ path: join(screenshots, "live-edited.png") });
    await click(figure, "Undo changes");
    expect(await codeOf(figure)).to.equal(code);
    await click(figure, "Run");
    await said(figure, /^Ran here/);
    expect(await legend(figure)).to.deep.equal(["temperature 0.5", "temperature 1", "temperature 2"]);
  });

  it("01: what is typed stands where it is shown, as wide as before", async () => {
    await open("01");
    const figure = await cell("A difference in ability decides");
    const pre = figure.locator("pre:has(> code)").first();
    const before = await pre.boundingBox();
    await write(figure, await codeOf(figure));
    const looks = (node: Element) => {
      const { font, padding, borderWidth, letterSpacing, whiteSpace, tabSize } = getComputedStyle(node);
      const { x, y, width, height } = node.getBoundingClientRect();
      return { font, padding, borderWidth, letterSpacing, whiteSpace, tabSize, x, y, width, height };
    };
    const shown = await pre.evaluate(looks);
    expect(await figure.locator("textarea").evaluate(looks)).to.deep.equal(shown);
    expect([shown.width, shown.height]).to.deep.equal([before!.width, before!.height]);
  });

  it("01: what is written survives a reload", async () => {
    await open("01");
    const figure = await cell("A difference in ability decides");
    await write(figure, "1 + 1");
    await page.reload();
    await said(figure, /kept by this browser/);
    await click(figure, "Run");
    await figure.locator(".outputs pre.result", { hasText: /^2$/ }).waitFor();
  });

  it("01: an endless loop stops, and what runs next begins from the top", async () => {
    await open("01");
    const figure = await cell("A difference in ability decides");
    const code = await codeOf(figure);
    const loop = await cell("Without its second term");
    await click(figure, "Run");
    await said(figure, /^Ran here/);
    await write(loop, "let n = 0;\nwhile (true) console.log(n++);");
    await page.keyboard.press("Shift+Enter");
    await loop.locator(".outputs pre.stdout").waitFor(); // it prints, and the page lives
    await click(loop, "Stop");
    await said(loop, /Stopped.*variables are gone/);
    await write(loop, "temperatures");
    await page.keyboard.press("Control+Enter");
    await loop.locator(".outputs pre.result", { hasText: "[ 0.5, 1, 2 ]" }).waitFor();
    expect(await codeOf(figure)).to.equal(code);
  });

  it("01: a check says not yet, wrong, and right", async () => {
    await open("01");
    const exercise = await cell("function logLikelihood", "exercise");
    const check = await cell('check("01/log-likelihood"', "check");
    await click(check, "Run");
    await check.locator(".outputs", { hasText: "Not written yet" }).waitFor();
    const stub = await codeOf(exercise);
    const body = (sign: string) =>
      stub.replace(
        /throw new Error.*/,
        `return y.reduce((sum, label, k) => {\n    const d = theta[first[k]] - theta[second[k]];\n    return sum + ${sign}(label * logSigmoid(d) + (1 - label) * logSigmoid(-d));\n  }, 0);`,
      );
    await write(exercise, body("-"));
    await click(check, "Run");
    await check.locator(".outputs", { hasText: "✗" }).waitFor();
    await write(exercise, body(""));
    await click(check, "Run");
    await check.locator(".outputs", { hasText: "Well done!" }).waitFor();
    await check.screenshot({ path: join(screenshots, "live-check.png") });
  });

  it("01: an error shows its line, and says where what was asked for stopped", async () => {
    await open("01");
    const first = await cell("const league = baseball1987()");
    await write(first, "const league = 1;\nleague.wins[0];");
    const figure = await cell("A difference in ability decides");
    await click(figure, "Run");
    await said(figure, /^Not run: cell 4, above, ended with an error/);
    const error = await first.locator(".outputs pre.error").innerText();
    expect(error).to.match(/^TypeError: .*\n {2}cell 4, line 2/);
  });

  it("07: cells with tensors keep what the notebook showed and say why; those after them run", async () => {
    await open("07");
    const tensors = await cell("transformerNoise(");
    expect(await status(tensors).innerText()).to.match(/Needs tensors.*JupyterLab/);
    expect(await tensors.getByRole("button", { name: "Run" }).count()).to.equal(0);
    expect(await tensors.locator(".outputs > *").count()).to.be.at.least(1);
    const all = await page.locator("section.cell").count();
    const run = await page.getByRole("button", { name: "Run", exact: true }).count();
    expect(run).to.be.within(all - 4, all - 1);
    expect(await page.locator(".live-notice").innerText()).to.include(`${run} of the ${all} cells`);
    // A reader's own use of them is answered in the same way.
    const first = await cell('} from "rlhf-lab"');
    await first.locator("summary").first().click();
    const second = page.locator("section.cell[data-kind=code]").nth(1);
    const recorded = await second.locator(".outputs").innerText();
    await write(second, "transformerNoise()");
    await page.keyboard.press("Shift+Enter");
    await said(second, /transformerNoise of "rlhf-lab\/policy\/tensor" needs tensors/);
    expect((await second.locator(".outputs").innerText()).trim()).to.equal(recorded.trim());
    await click(second, "Undo changes");
    await click(second, "Run");
    await said(second, /^Ran here/);
  });

  it("12: a figure that rests on linear programs changes with its number", async () => {
    await open("12");
    const figure = await cell("Turn the weight of brevity up");
    await click(figure, "Run");
    await said(figure, /^Ran here/);
    const last = async () => {
      const text = await figure.locator('figure script[type="application/json"]').textContent({ timeout: 1000 });
      return JSON.parse(text!).data.at(-1).x.at(-1);
    };
    expect(await last()).to.equal(12);
    await write(figure, (await codeOf(figure)).replace("linspace(0, 12, 241)", "linspace(0, 5, 241)"));
    await page.keyboard.press("Shift+Enter");
    // It may be too quick to be seen running.
    for (let tries = 0; tries < 300 && (await last().catch(() => 12)) !== 5; tries++) await page.waitForTimeout(100);
    expect(await last()).to.equal(5);
    expect(await legend(figure)).to.include("some weight picks it");
  });

  it("nothing stands in the way of a reader with a screen reader or a keyboard", async () => {
    await open("01");
    await page.locator("pre:has(> code)").nth(1).focus();
    await page.keyboard.press("Enter");
    expect(await page.evaluate(() => document.activeElement?.getAttribute("aria-label"))).to.match(/^Code of cell 4$/);
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.tagName)).to.equal("BUTTON");
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await page.evaluate(axe);
      const { violations } = (await page.evaluate(() =>
        (window as unknown as { axe: { run(on: object): Promise<unknown> } }).axe.run({
          include: [[".live-notice"], [".live-bar"], [".live-editor"]],
        }),
      )) as AxeResults;
      expect(violations.map(({ id, nodes }) => `${colorScheme} ${id}: ${nodes[0]?.html}`)).to.deep.equal([]);
      await page.screenshot({ path: join(screenshots, `live-${colorScheme}.png`) });
    }
  });
});
