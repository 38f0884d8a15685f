// The whole site in a real Chromium: from a folder (file://) and from a web server, in both themes, with and without
// JavaScript. Lessons that npm run lessons has left are shown with their outputs; lesson 01 is run if it is not there.
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { AxeResults, RunOptions } from "axe-core";
import { expect } from "chai";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { keepPassed, runNotebooks } from "../../scripts/lessons.js";
import { editionsOf, readMasters } from "../../scripts/master/course.js";
import { buildSite } from "../../scripts/site/build.js";
import { hrefOf, type Lesson, readLesson } from "../../scripts/site/lesson.js";
import { launchBrowser } from "./browser.js";
import { screenshots } from "./session.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const types: Record<string, string> = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };

/** The folder behind a web server of this machine. */
function serve(folder: string): Promise<Server> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const path = join(folder, decodeURIComponent(pathname));
    if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return response.writeHead(404).end();
    response.writeHead(200, { "content-type": types[extname(path)] ?? "application/octet-stream" });
    return response.end(readFileSync(path));
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

describe("the site in a browser", function () {
  this.timeout(900_000);
  let folder: string;
  let site: string;
  let lessons: Lesson[];
  let pages: string[];
  let browser: Browser;
  let server: Server;
  /** Requests that left the folder or the server, and what pages complained of. */
  const outside: string[] = [];
  const errors: string[] = [];

  before(async () => {
    await mkdir(screenshots, { recursive: true });
    folder = mkdtempSync(join(tmpdir(), "rlhf-lab-site-"));
    site = join(folder, "site");
    const masters = readMasters();
    lessons = await Promise.all(masters.map((master) => readLesson(master)));
    if (!lessons[0].executed) {
      const [, { text }] = await editionsOf(masters[0]);
      const jobs = [{ master: masters[0], edition: "solution" as const, text }];
      await runNotebooks(jobs, { onRun: keepPassed(jobs) });
      lessons[0] = await readLesson(masters[0]);
    }
    expect(lessons[0].executed, "lesson 01 ran").to.equal(true);
    const built = await buildSite(site, lessons);
    expect(built.complaints).to.deep.equal([]);
    pages = built.pages;
    browser = await launchBrowser();
    server = await serve(site);
  });
  after(async () => {
    await browser?.close();
    server?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(() => {
    expect(outside.splice(0), "requests to elsewhere").to.deep.equal([]);
    expect(errors.splice(0), "errors on the page").to.deep.equal([]);
  });

  async function open(file: string, options: BrowserContextOptions & { http?: boolean } = {}): Promise<Page> {
    const { http = false, ...rest } = options;
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 }, ...rest });
    const origin = http ? `http://127.0.0.1:${(server.address() as AddressInfo).port}` : pathToFileURL(site).href;
    page.on("request", (request) => {
      if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(origin)) outside.push(request.url());
    });
    page.on("pageerror", (error) => errors.push(`${file}: ${error.message}`));
    await page.goto(`${origin}/${file}`);
    return page;
  }

  /** The first figures of a page, each after it was scrolled to and drawn. */
  async function drawn(page: Page, count: number) {
    const seen: { lines: number; text: string; width: number; label: string | null; words: string | null }[] = [];
    for (let i = 0; i < count; i++) {
      const figure = page.locator("figure.plot").nth(i);
      await figure.scrollIntoViewIfNeeded();
      const plot = figure.locator('[data-drawn][aria-busy="false"]');
      await plot.waitFor({ timeout: 60_000 });
      seen.push(
        await plot.evaluate((node) => ({
          lines: node.querySelectorAll(".scatterlayer path.js-line, .bars path, .contourlevel, .heatmaplayer image")
            .length,
          text: getComputedStyle(node.querySelector(".gtitle, .xtitle")!).fill,
          width: node.querySelector(".main-svg")!.getBoundingClientRect().width,
          label: node.getAttribute("aria-label"),
          words: node.closest("figure")!.dataset.words ?? null,
        })),
      );
    }
    return seen;
  }

  for (const theme of ["light", "dark"] as const) {
    it(`draws figures in the ${theme} theme, from a folder, each with its words`, async () => {
      const page = await open(hrefOf(lessons[0]), { colorScheme: theme });
      expect(await page.evaluate(() => "Plotly" in window), "plotly is loaded on sight").to.equal(false);
      for (const figure of await drawn(page, 3)) {
        expect(figure.lines).to.be.at.least(1);
        expect(figure.width).to.be.within(500, 960);
        expect(figure.label)
          .to.equal(figure.words)
          .and.match(/^Figure: /);
        const [red] = (figure.text.match(/\d+/g) ?? []).map(Number);
        if (theme === "light") expect(red, "dark letters on white").to.be.below(100);
        else expect(red, "light letters on black").to.be.above(150);
      }
      await page.screenshot({ path: join(screenshots, `site-${theme}.png`) });
      await page.close();
    });
  }

  it("changes the theme by a button, figures included, and remembers it", async () => {
    const context = await browser.newContext({ colorScheme: "light", viewport: { width: 1400, height: 900 } });
    const page = await context.newPage();
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/${hrefOf(lessons[0])}`;
    await page.goto(url);
    const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const [light] = await drawn(page, 1);
    const white = await paper();
    await page.getByRole("button", { name: "Dark" }).click();
    expect(await paper()).to.not.equal(white);
    await page.waitForFunction(
      (before) => getComputedStyle(document.querySelector(".gtitle, .xtitle")!).fill !== before,
      light.text,
    );
    await page.goto(url.replace(/[^/]*$/, "glossary.html"));
    expect(await paper()).to.not.equal(white);
    await page.getByRole("button", { name: "Light" }).click();
    expect(await paper()).to.equal(white);
    await context.close();
  });

  it("can be read without JavaScript: text, formulas, code, tables, and figures in words", async () => {
    const page = await open(hrefOf(lessons[0]), { javaScriptEnabled: false });
    const text = await page.locator("main").innerText();
    for (const words of ["What does a comparison tell us?", "Milwaukee", "const season = bradleyTerry.fit(games);"]) {
      expect(text).to.include(words);
    }
    expect(text).to.match(/Figure: A difference in ability decides.*\n.*x: ability difference/);
    expect(await page.locator(".katex").count()).to.be.at.least(50);
    expect(await page.locator("figure.plot noscript pre").first().isVisible()).to.equal(true);
    const hint = page.locator("details", { hasText: "Hint 1" }).first();
    await hint.locator("summary").click();
    expect(await hint.innerText()).to.include("theta[first[k]]");
    expect(await page.locator("button:visible").count(), "no button that does nothing").to.equal(0);
    await page.close();
  });

  it("finds words by the search, where there is a server, and says why it cannot, where there is none", async () => {
    const page = await open("search.html?q=transitivity", { http: true });
    const result = page.locator(".pagefind-ui__result-link", { hasText: "What does a comparison tell us?" }).first();
    await result.waitFor({ timeout: 60_000 });
    expect(await result.getAttribute("href")).to.include(hrefOf(lessons[0]));
    expect(await page.locator("#no-search").count()).to.equal(0);
    await page.close();
    const stick = await open("search.html");
    expect(await stick.locator("#no-search").innerText()).to.include("USB stick");
    expect(await stick.locator(".pagefind-ui").count()).to.equal(0);
    await stick.close();
  });

  it("leads from a name in a table to the library's page of it, and back", async () => {
    const page = await open(hrefOf(lessons[0]));
    await page.locator("a.api", { hasText: "bradleyTerry.goodnessOfFit" }).first().click();
    await page.waitForURL(/api\/functions/);
    expect(await page.locator("h1").innerText()).to.include("goodnessOfFit");
    await page.getByRole("link", { name: "Lessons" }).first().click();
    await page.waitForURL(/site\/index\.html$/);
    expect(await page.locator(".lessons li").count()).to.equal(lessons.length);
    await page.close();
  });

  it("does not slide sideways on a phone", async () => {
    for (const file of ["index.html", "symbols.html", "cheat-sheet-2.html", ...lessons.slice(0, 3).map(hrefOf)]) {
      const page = await open(file, { viewport: { width: 390, height: 844 } });
      const [wide, seen] = await page.evaluate(() => {
        const { scrollWidth, clientWidth } = document.documentElement;
        return [scrollWidth, clientWidth];
      });
      expect(wide, file).to.equal(seen);
      if (file === hrefOf(lessons[0])) {
        const [figure] = await drawn(page, 1);
        expect(figure.width, "a figure is not squeezed").to.equal(640);
      }
      await page.close();
    }
  });

  /**
   * What axe finds on a page. Formulas are taken out, and of the blocks of code all but three: they look alike, and a
   * lesson has ten thousand coloured words and signs.
   */
  async function faults(file: string, colorScheme: "light" | "dark", how: RunOptions): Promise<string[]> {
    const page = await open(file, { colorScheme });
    await page.evaluate(axe);
    const found = await page.evaluate(async (options) => {
      const { axe } = window as unknown as { axe: { run: (how: RunOptions) => Promise<AxeResults> } };
      for (const formula of document.querySelectorAll(".katex")) formula.replaceWith("x");
      for (const pre of [...document.querySelectorAll("pre")].slice(3)) pre.remove();
      const { violations } = await axe.run({ ...options, resultTypes: ["violations"] });
      return violations.map(({ id, nodes }) => `${id}, ${nodes.length} times: ${nodes[0].html.slice(0, 160)}`);
    }, how);
    await page.close();
    return found.map((fault) => `${file}, ${colorScheme}: ${fault}`);
  }

  /** A page of each kind; of the lessons the first, and those with the most figures and tables. */
  function onePageOfEachKind(): string[] {
    const files = lessons.map(hrefOf);
    const most = (tag: string) => {
      const count = (file: string) => readFileSync(join(site, file), "utf8").split(tag).length;
      return files.reduce((best, file) => (count(file) > count(best) ? file : best));
    };
    const others = pages.filter((file) => !files.includes(file) && !/^cheat-sheet-[2-9]/.test(file));
    return [...new Set([files[0], most('<figure class="plot"'), most("<table"), ...others])];
  }

  it("is accessible: headings, names, roles, on every page (axe)", async () => {
    const found: string[] = [];
    const how = { rules: { "color-contrast": { enabled: false } } };
    for (const file of pages) found.push(...(await faults(file, "light", how)));
    expect(found).to.deep.equal([]);
  });

  // To look at each letter's colours takes axe so long that all pages would be more than CI has time for.
  for (const theme of ["light", "dark"] as const) {
    it(`is accessible: contrast in the ${theme} theme, on a page of each kind (axe)`, async () => {
      const found: string[] = [];
      for (const file of onePageOfEachKind())
        found.push(...(await faults(file, theme, { runOnly: ["color-contrast"] })));
      expect(found).to.deep.equal([]);
    });
  }
});
