// What every lesson owes its reader (see CONTRIBUTING), as far as a program can see it.
import { readFileSync } from "node:fs";
import { expect } from "chai";
import { lessonFiles } from "../../scripts/master/course.js";

describe("a lesson", () => {
  for (const { lesson, file } of lessonFiles("lesson.ts")) {
    const text = readFileSync(file, "utf8");

    it(`${lesson} has its parts: said and seen, one page, three questions, a bug to find, a guess before a run`, () => {
      for (const heading of ["What this lesson does not show", "Said, and seen", "On one page"]) {
        expect(text.split(`\n// ## ${heading}`), heading).to.have.length(2);
      }
      const page = text.slice(text.indexOf("\n// ## On one page"));
      expect(page.match(/<details><summary>/g)?.length, "questions").to.be.at.least(3);
      expect(text).to.match(/\*\*Predict, then run/i);
      expect(text, "a bug to find").to.match(/^ {2}\/\/ #given$/m);
    });

    it(`${lesson} ends with the books that people read, and with what was solved`, () => {
      const end = text.slice(text.search(/^\/\/ ## (Where to read|Read) on$/m));
      const books = end.split("\n").filter((line) => line.startsWith("// - In the books: "));
      expect(books).to.have.length(1);
      expect(books[0]).to.match(/\b(chapters?|sections?) \d|Spinning Up/);
      expect(end).to.match(new RegExp(`await solved\\("${lesson}"\\);\\s*$`));
    });

    it(`${lesson} says of each exercise what is asked: a numbered heading before each of its cells`, () => {
      const met = text.matchAll(/^\/\/ (?:### Exercise (\d+)|%% \[exercise\] (\S+))/gm);
      const order = Array.from(met, ([, number, id]) => number ?? id);
      order.forEach((what, i) => {
        const isNumber = String(i / 2 + 1) === what;
        expect(i % 2 === 0 ? isNumber : what.startsWith(`${lesson}/`), `${what}, after ${order[i - 1]}`).to.equal(true);
      });
    });

    it(`${lesson} answers every "Break it" that asks`, () => {
      for (const { index } of text.matchAll(/\*\*Break it[.:]?\*\*/g)) {
        // Before the next heading: an answer may come after the cell that breaks it.
        const [own] = text.slice(index).split("\n// ##");
        expect(own, own.slice(0, 80)).to.include("<details>");
      }
    });
  }
});
