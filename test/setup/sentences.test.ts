// What set-up says stands in one place, and the page for people is built from it.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { whatWentWrong } from "../../scripts/pages.mjs";
import { all } from "../../scripts/setup/sentences.mjs";

const root = join(import.meta.dirname, "..", "..");
const folder = join(root, "scripts", "setup");
const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".mjs") && name !== "sentences.mjs")
  .map((name) => ({ name, text: readFileSync(join(folder, name), "utf8") }));
files.push({ name: "../setup.mjs", text: readFileSync(join(root, "scripts", "setup.mjs"), "utf8") });

describe("the set-up's sentences", () => {
  it("are said from one place: no error and no reason is written where it happens", () => {
    const own = files.flatMap(({ name, text }) =>
      [...text.matchAll(/(new SetupError\(\s*|why: )["'`].*/g)].map(([found]) => `${name}: ${found}`),
    );
    expect(own).to.deep.equal([]);
  });

  for (const [name, { say, like, more, part }] of Object.entries(all)) {
    it(`${name} is said somewhere, whole, and explained`, () => {
      expect(files.some(({ text }) => new RegExp(`sentences\\.${name}\\b`).test(text))).to.equal(true);
      expect(say(...like))
        .to.be.a("string")
        .that.does.not.match(/undefined|NaN|\n/);
      expect(say.length, "an example for each argument").to.equal(like.length);
      for (const value of like) expect(say(...like)).to.contain(String(value));
      expect(more).to.match(/^[A-Z`].*\.$/);
      expect(part).to.match(/^[A-Z]/);
    });
  }

  it("make the page what it is (else: npm run pages)", () => {
    expect(readFileSync(join(root, "docs", "what-went-wrong.md"), "utf8")).to.equal(whatWentWrong());
  });
});
