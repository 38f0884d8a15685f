// What a page leads to and what it loads is looked at before the site is shown.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { linkFaults } from "../../scripts/site/links.js";

describe("the links of the site", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "rlhf-lab-links-"));
    mkdirSync(join(folder, "api"));
    writeFileSync(join(folder, "other.html"), '<h2 id="here">x</h2>');
    writeFileSync(join(folder, "api", "index.html"), "");
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const faults = (html: string) => {
    writeFileSync(join(folder, "page.html"), html);
    return linkFaults(folder, ["page.html"]);
  };

  it("that hold are not mentioned, nor links out, nor what figures and code say", () => {
    const good = [
      '<a href="other.html">x</a> <a href="other.html#here">x</a> <a href="api/index.html?q=1">x</a>',
      '<h2 id="mine">x</h2><a href="#mine">x</a> <a href="https://arxiv.org/abs/1706.03741">x</a>',
      '<img src="data:image/png;base64,AA">',
      '<script type="application/json">{"x": " src=\\"https://a.b/c.js\\" href=\\"gone.html\\""}</script>',
      "<pre>$HOME and $PATH</pre><p>5 $ </p>",
    ];
    expect(faults(good.join("\n"))).to.deep.equal([]);
  });

  it("that lead nowhere are named with their page", () => {
    expect(faults('<a href="gone.html">x</a>')).to.deep.equal(["page.html leads to gone.html, which is not there"]);
    expect(faults('<a href="other.html#there">x</a>')[0]).to.include("other.html has no place of that name");
    expect(faults('<a href="#there">x</a>')[0]).to.include("page.html has no place of that name");
    expect(faults('<script src="live/live.js"></script>')[0]).to.include("live/live.js, which is not there");
  });

  it("that load from elsewhere are refused", () => {
    for (const html of [
      '<script src="https://cdn.example/x.js"></script>',
      '<img src="//cdn.example/x.png">',
      '<link rel="stylesheet" href="https://cdn.example/x.css">',
    ]) {
      expect(faults(html), html).to.have.length(1);
      expect(faults(html)[0]).to.include("loads nothing from elsewhere");
    }
  });

  it("and formulas that were not set are named", () => {
    expect(faults('<span class="katex-error" title="\\nonsense">x</span>')[0]).to.include("\\nonsense");
    expect(faults("<p>softmax$(x)$, with</p>")[0]).to.include("$(x)$ is no formula here");
  });
});
