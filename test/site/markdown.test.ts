// The site's Markdown: maths, links, headings, names that lead to the reference.
import { expect } from "chai";
import { highlighted } from "../../scripts/site/code.js";
import { Markdown, newPage } from "../../scripts/site/markdown.js";
import { section, tableRows } from "../../scripts/site/tables.js";

const api = new Map([
  ["sigmoid", "api/functions/numerics.sigmoid.html"],
  ["bradleyTerry", "api/modules/preferences.bradleyTerry.html"],
  ["bradleyTerry.fit", "api/functions/preferences.bradleyTerry.fit.html"],
]);
const lessons = new Map(["01", "02", "05"].map((n) => [n, `${n}-x.html`]));
const md = new Markdown({ api, lessons });

/** The text that a reader sees. */
const textOf = (html: string) =>
  html.replace(/<[^>]*>/g, "").replace(/&(lt|gt|amp|quot|#39|#x27);/g, (_, name) => {
    return { lt: "<", gt: ">", amp: "&", quot: '"', "#39": "'", "#x27": "'" }[name as string] ?? "";
  });

describe("the site's Markdown", () => {
  it("sets formulas at build time, in paragraphs, tables and folded hints", () => {
    for (const text of [
      "Here $x^2$ is.",
      "$$x^2 \\tag{1}$$",
      "| a |\n| --- |\n| $x^2$ |",
      "<details>$x^2$</details>",
    ]) {
      const html = md.render(text);
      expect(html, text).to.include('class="katex"').and.include("<math");
      expect(html, text).to.not.include("katex-error");
    }
    expect(md.render("$\\nonsense{x}$")).to.include("katex-error");
  });

  it("leads from a name in a table to the reference, and from nowhere else", () => {
    const table = (code: string) => md.render(`| In code |\n| --- |\n| \`${code}\` |`);
    expect(table("sigmoid")).to.include(
      '<a class="api" href="api/functions/numerics.sigmoid.html"><code>sigmoid</code>',
    );
    expect(table("bradleyTerry.fit(games)")).to.include('href="api/functions/preferences.bradleyTerry.fit.html"');
    for (const code of ["sigmoids", "theta[i]", "x.sigmoid", "bradleyTerry.unknown", "1 - sigmoid", "toString"]) {
      expect(table(code), code).to.not.include("<a");
    }
    expect(md.render("Call `sigmoid`.")).to.not.include("<a");
  });

  it("leads from the number of a lesson to its page, but not to itself or to a lesson that is not there", () => {
    const html = md.render("Lessons 02, 05 and 07 follow lesson 01; there are 05 others.", newPage("01"));
    expect([...html.matchAll(/href="([^"]*)"/g)].map(([, href]) => href)).to.deep.equal(["02-x.html", "05-x.html"]);
    expect(md.render("See arXiv:1706.03741.")).to.include('href="https://arxiv.org/abs/1706.03741"');
    expect(md.render("[lesson 02](a.html)").match(/<a /g)).to.have.length(1);
  });

  it("gives every heading a name of its own and a page one title", () => {
    const page = newPage();
    const html = md.render("# 01 A\n\n## Run it\n\n## Run it\n\n## $\\beta$\n\n# Part two\n", page);
    expect(page.headings.map(({ id }) => id)).to.deep.equal(["01-a", "run-it", "run-it-2", "beta", "part-two"]);
    expect(page.headings.map(({ level }) => level)).to.deep.equal([1, 2, 2, 2, 2]);
    expect(html.match(/<h1/g)).to.have.length(1);
    expect(html).to.include('<h2 id="part-two">Part two</h2>');
  });

  it("makes no head of a table's empty corner", () => {
    const html = md.render("| | b |\n| --- | --- |\n| 1 | 2 |");
    expect(html).to.match(/<tr>\s*<td><\/td>\s*<th>b<\/th>\s*<\/tr>/);
  });

  it("colours code without changing a character of it", () => {
    const source = "const a: number[] = [1 < 2 ? 3 : 4]; // \"5\" & '6'\nconst b = `<b>\\u{3c}</b>`;\n";
    expect(textOf(highlighted(source))).to.equal(source);
    expect(highlighted(source)).to.include('class="hljs-keyword"');
    expect(textOf(highlighted("a < b", "sh"))).to.equal("a < b");
  });
});

describe("tables in Markdown", () => {
  it("are found by their heads", () => {
    const text = "| a | b |\n| --- | --- |\n| 1 | `x \\| y` |\n\ntext\n\n| | b |\n| --- | --: |\n| 3 | |\n| 4 | 5 |\n";
    expect(tableRows(text, ["a", "b"])).to.deep.equal([["1", "`x \\| y`"]]);
    expect(tableRows(text, ["", "b"])).to.deep.equal([
      ["3", ""],
      ["4", "5"],
    ]);
    expect(tableRows(text, ["b", "a"])).to.deep.equal([]);
  });

  it("are cut out by section", () => {
    const text = "## A\n\none\n\n### A.1\n\ntwo\n\n## B\n\nthree";
    expect(section(text, "A")).to.equal("one\n\n### A.1\n\ntwo");
    expect(section(text, "B")).to.equal("three");
    expect(section(text, "C")).to.equal("");
  });
});
