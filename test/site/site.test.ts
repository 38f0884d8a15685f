// The site of two lessons: one that was run, one that was not.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { line } from "rlhf-lab/notebook";
import { figureMime } from "../../lib/src/notebook/show.js";
import { executedKey, keepExecuted } from "../../scripts/lessons/executed.js";
import { type Notebook, sourceOf } from "../../scripts/master/build.js";
import { editionsOf, lessonNumber, readMasters, root } from "../../scripts/master/course.js";
import { type Built, buildSite } from "../../scripts/site/build.js";
import { type Lesson, readLesson } from "../../scripts/site/lesson.js";
import { outputsHtml } from "../../scripts/site/outputs.js";

const nasty = line({
  title: "</script><b>not bold",
  x: { title: "x" },
  y: { title: "y" },
  series: [{ name: "a", x: [1, 2], y: [3, 4] }],
});

describe("the site", () => {
  let folder: string;
  let site: string;
  let lessons: Lesson[];
  let built: Built;
  const page = (name: string) => readFileSync(join(site, name), "utf8");

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "rlhf-lab-site-"));
    site = join(folder, "site");
    const masters = readMasters(["01", "02"]);
    const [, { text }] = await editionsOf(masters[0]);
    const notebook = JSON.parse(text) as Notebook;
    const codeCells = notebook.cells.filter(({ cell_type }) => cell_type === "code");
    codeCells[1].outputs = [
      { output_type: "stream", name: "stdout", text: "\u001b[31mred <b>\u001b[0m" },
      { output_type: "display_data", data: { "text/html": "<table><tr><td>7</td></tr></table>", "text/plain": "7" } },
    ];
    codeCells[2].outputs = [
      { output_type: "display_data", data: { [figureMime]: nasty, "text/plain": ["Figure: ", "words & more"] } },
      { output_type: "display_data", data: { [figureMime]: nasty } },
    ];
    const executed = join(folder, "executed");
    keepExecuted("01", executedKey(masters[0], text), notebook, executed);
    lessons = await Promise.all(masters.map((master) => readLesson(master, executed)));
    built = await buildSite(site, lessons, { reference: false, live: false });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("has a page for each lesson, and those around them", () => {
    const names = ["index", "glossary", "symbols", "cheat-sheets", "cheat-sheet-1", "references", "errata", "search"];
    const files = [...names, ...lessons.map(({ name }) => name)].map((name) => `${name}.html`);
    expect([...built.pages].sort()).to.deep.equal(files.sort());
    for (const file of files) expect(existsSync(join(site, file)), file).to.equal(true);
    expect(existsSync(join(site, "pagefind", "pagefind.js"))).to.equal(true);
    const index = page("index.html");
    for (const { title, minutes } of lessons) expect(index).to.include(title).and.include(`${minutes} minutes`);
    expect(readdirSync(folder).sort(), "something was left behind").to.deep.equal(["executed", "site"]);
  });

  it("shows every cell with its exact source, and the answers folded", () => {
    const html = page(`${lessons[0].name}.html`);
    expect(html).to.include('<html lang="en" data-lesson="01">');
    const cells = [...html.matchAll(/<section class="cell" data-cell="(\d+)" data-kind="(\w+)">(.*?)<\/section>/gs)];
    const code = lessons[0].cells.flatMap((cell, i) => (cell.kind === "markdown" ? [] : [{ cell, i }]));
    expect(cells.map(([, i]) => Number(i))).to.deep.equal(code.map(({ i }) => i));
    for (const [n, { cell }] of code.entries()) {
      const [, , kind, inner] = cells[n];
      expect(kind).to.equal(cell.kind);
      const [, shown] = /<code class="language-typescript">(.*?)<\/code>/s.exec(inner) ?? [];
      const plain = shown
        .replace(/<[^>]*>/g, "")
        .replaceAll("&lt;", "<")
        .replaceAll("&gt;", ">");
      expect(plain.replaceAll("&quot;", '"').replaceAll("&#x27;", "'").replaceAll("&amp;", "&")).to.equal(cell.source);
      const answered = /<details class="answer"><summary>An answer<\/summary>/.test(inner);
      expect(answered, cell.source).to.equal(cell.kind === "exercise");
    }
    expect(html.match(/<h1\b/g)).to.have.length(1);
    expect(html)
      .to.include('rel="next" href="02-when-can-we-trust-a-learned-reward.html"')
      .and.not.include('rel="prev"');
  });

  it("shows what cells said, and no more than they said", () => {
    const html = page(`${lessons[0].name}.html`);
    expect(html).to.include("red &lt;b&gt;</pre>").and.include("<table><tr><td>7</td></tr></table>");
    const figures = [...html.matchAll(/<figure class="plot"[^>]*>(.*?)<\/figure>/gs)].map(([, inner]) => inner);
    expect(figures).to.have.length(2);
    const [, json] = /^<script type="application\/json">(.*?)<\/script>/s.exec(figures[0]) ?? [];
    expect(JSON.parse(json).layout.title.text, "no text ends the script").to.equal(nasty.layout.title?.text);
    expect(figures[0]).to.include('<noscript><pre tabindex="0">Figure: words &amp; more</pre></noscript>');
  });

  it("says that a figure has no words, with its page", () => {
    expect(built.complaints).to.deep.equal([
      "01-what-does-a-comparison-tell-us.html: a figure has no words: show() writes them, as text/plain",
    ]);
  });

  it("says on the page of a lesson that was not run what to do, and shows the rest", () => {
    const html = page(`${lessons[1].name}.html`);
    expect(html).to.include("This lesson has not been run yet").and.include("npm run lessons -- 02");
    expect(page(`${lessons[0].name}.html`)).to.not.include("has not been run yet");
    expect(page("index.html").match(/not run yet/g)).to.have.length(1);
    expect(html.match(/data-kind="exercise"/g)?.length).to.be.at.least(5);
  });

  it("has a cheat sheet with equations, functions and the mistakes of every exercise", () => {
    const html = page("cheat-sheet-1.html");
    for (const word of ["bradleyTerry.logLikelihood", "Only the rows with y = 1 are counted.", "same direction"]) {
      expect(html).to.include(word);
    }
    const exercises = lessons.flatMap(({ cells }) => cells.filter(({ kind }) => kind === "exercise"));
    expect(
      html
        .match(/<ul class="mistakes">.*?<\/ul>/gs)
        ?.join("")
        .match(/<li>/g),
    ).to.have.length(exercises.length);
  });

  it("tells the errata with their numbers, the words of the glossary, and what to read", () => {
    expect(page("errata.html"))
      .to.include("one term likelihood")
      .and.match(/both rewards \+ 7: 0\.7311/);
    expect(page("glossary.html")).to.include('<dt id="policy">policy').and.include("actor, language model");
    expect(page("references.html")).to.include('href="https://arxiv.org/abs/1706.03741"').and.include("Biometrika");
    expect(page("references.html")).to.match(/several lessons lead to.*1706\.03741.*: lessons .*01.*, .*02/s);
    expect(page("symbols.html")).to.include('class="katex"');
  });

  it("offers the learner's notebook, without answers", () => {
    const notebook = JSON.parse(readFileSync(join(site, "notebooks", `${lessons[0].name}.ipynb`), "utf8")) as Notebook;
    expect(notebook.cells.some((cell) => sourceOf(cell).includes("not written yet"))).to.equal(true);
  });

  it("that stands is kept when a new one cannot be built, and a folder that is no site is left alone", async () => {
    const before = page("index.html");
    const broken = { ...lessons[0], cells: lessons[0].cells.slice(0, 2) };
    const fails = async (folder: string, lesson: Lesson) =>
      buildSite(folder, [lesson], { reference: false, live: false }).then(
        () => "built",
        (error: Error) => error.message,
      );
    expect(await fails(site, broken)).to.include('no table of three columns under "## On one page"');
    expect(page("index.html")).to.equal(before);
    expect(existsSync(`${site}.new`)).to.equal(false);
    const mine = join(folder, "mine");
    mkdirSync(mine);
    writeFileSync(join(mine, "thesis.txt"), "x");
    expect(await fails(mine, lessons[0])).to.include("is no site of ours");
    expect(readdirSync(mine)).to.deep.equal(["thesis.txt"]);
  });

  it("is refused for a lesson that is not there, with words", () => {
    expect(["7", "07", "07-why", "100", "x"].map(lessonNumber)).to.deep.equal(["07", "07", "07", "100", "x"]);
    const { status, stderr, stdout } = spawnSync(
      process.execPath,
      ["--import", "tsx", join(root, "scripts", "site.ts"), "100", "--out", join(folder, "none")],
      { encoding: "utf8", cwd: root },
    );
    expect(stderr).to.include("There is no lesson 100.");
    expect(stdout.trim()).to.equal("0 passed, 1 failed");
    expect(status).to.equal(1);
    expect(existsSync(join(folder, "none"))).to.equal(false);
  });
});

describe("the outputs of a cell", () => {
  it("that went wrong are shown with their error, and text that looks like HTML stays text", () => {
    const complaints: string[] = [];
    const html = outputsHtml(
      [
        { output_type: "error", ename: "TypeError", evalue: "x is <undefined>", traceback: [] },
        { output_type: "execute_result", data: { "text/plain": "<i>7</i>" } },
      ],
      (what) => complaints.push(what),
    );
    expect(html).to.include("TypeError: x is &lt;undefined&gt;").and.include("&lt;i&gt;7&lt;/i&gt;");
    expect(complaints).to.deep.equal([]);
  });
});
