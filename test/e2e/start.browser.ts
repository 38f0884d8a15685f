// npm start as a learner meets it: the welcome page, the lessons beside it, and what was solved on the page.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import type { Browser } from "playwright-core";
import { launchBrowser } from "./browser.js";
import { notebookOf, root } from "./jupyter.js";
import { screenshots } from "./session.js";

const right = `import { check } from "rlhf-lab-course";
function leaveOneOut(r: number[]) {
  if (r.length < 2) throw new Error("at least two");
  const sum = r.reduce((a, b) => a + b);
  return r.map((x) => x - (sum - x) / (r.length - 1));
}
await check("07/leave-one-out", { leaveOneOut });`;

describe("npm start", function () {
  this.timeout(300_000);
  let folder: string;
  let start: ChildProcess;
  let browser: Browser;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "rlhf-lab-start-"));
    browser = await launchBrowser();
  });
  after(async () => {
    await browser?.close();
    const ended = new Promise((done) => start.once("close", done));
    start.kill("SIGINT");
    await ended;
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  it("opens the welcome page, shows lessons and no masters, and the page knows what was solved", async () => {
    const mine = join(folder, "notebooks");
    const env = { ...process.env, RLHF_LAB_NOTEBOOKS: mine, RLHF_LAB_STATE: join(folder, "state") };
    start = spawn(process.execPath, ["scripts/start.mjs", "--no-browser"], { cwd: root, env });
    let said = "";
    const address = await new Promise<string>((found, failed) => {
      const take = (text: Buffer) => {
        said += text;
        const [, url] = /JupyterLab is at (\S+)/.exec(said) ?? [];
        if (url) found(url);
      };
      start.stdout!.on("data", take);
      start.stderr!.on("data", take);
      start.once("close", () => failed(new Error(`npm start ended:\n${said}`)));
    });
    expect(address).to.contain("/lab/tree/Welcome.md");

    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    page.setDefaultTimeout(60_000);
    await page.goto(address);
    const welcome = page.locator(".jp-MarkdownViewer");
    await welcome.getByRole("heading", { name: "Welcome to rlhf-lab" }).waitFor();
    const text = await welcome.innerText();
    expect(text).to.match(/You have solved 0 of \d+ exercises\. Begin with 01/);
    expect(await welcome.locator("tbody tr").count()).to.equal(23);
    await page.screenshot({ path: join(screenshots, "welcome.png") });

    const names = await page.locator(".jp-DirListing-itemText").allInnerTexts();
    expect(names.filter((name) => /^\d\d-.*\.ipynb$/.test(name))).to.have.length(23);
    expect(names.filter((name) => !/^\d\d-.*\.ipynb$/.test(name)).sort()).to.deep.equal([
      "Symbols.md",
      "Welcome.md",
      "solutions",
    ]);

    // A link leads to a lesson, in the same JupyterLab.
    await welcome.locator("tbody tr").nth(6).locator("a").click();
    await page.locator(".jp-Notebook h1", { hasText: "07 Why is the gradient so noisy?" }).waitFor();

    // Something is solved; the page, loaded again, knows it.
    await writeFile(join(mine, "own.ipynb"), JSON.stringify(notebookOf(right)));
    await page.goto(`${address.replace("Welcome.md", "own.ipynb")}&reset`);
    await page.waitForSelector(".jp-Notebook .jp-Cell");
    await page.waitForSelector('#jp-main-statusbar :text("| Idle")', { state: "attached" });
    await page.click(".jp-NotebookPanel:not(.lm-mod-hidden) [data-command='notebook:run-cell-and-select-next']");
    await page.getByText("Well done!").waitFor();
    const solved = async () => /solved \*\*1 of/.test(await readFile(join(mine, "Welcome.md"), "utf8"));
    for (let tries = 0; tries < 100 && !(await solved()); tries++) await new Promise((done) => setTimeout(done, 200));
    await page.goto(`${address}&reset`);
    await welcome.getByText(/You have solved 1 of \d+ exercises\. Go on with/).waitFor();
    expect(await welcome.locator("tbody tr").nth(6).innerText()).to.contain("1 of 8");
  });
});
