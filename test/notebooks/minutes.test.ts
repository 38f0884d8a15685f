// What a lesson says of its time: the sum of its exercises, and the README's map, which teachers plan by.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { lessonFiles } from "../../scripts/master/course.js";

const readme = readFileSync(join(import.meta.dirname, "../../README.md"), "utf8");

describe("the minutes of a lesson", () => {
  for (const { lesson, file } of lessonFiles("lesson.ts")) {
    const text = readFileSync(file, "utf8");
    const [, minutes, exercises] = /\*\*Time\*\* (\d+) minutes, (\d+) of them exercises/.exec(text) ?? [];

    it(`${lesson}: its exercises' minutes add up to what it says`, () => {
      expect(minutes, "**Time** N minutes, M of them exercises").not.to.equal(undefined);
      const each = [...text.matchAll(/Difficulty \d of 5, (\d+) minutes/g)].map(([, m]) => Number(m));
      expect(each.length).to.be.at.least(5);
      expect(each.reduce((a, b) => a + b)).to.equal(Number(exercises));
      expect(Number(exercises)).to.be.below(Number(minutes));
    });

    it(`${lesson}: the README's map says the same`, () => {
      const row = readme.split("\n").find((line) => line.startsWith(`| [${lesson}](notebooks/`));
      expect(row, `a row for lesson ${lesson}`).not.to.equal(undefined);
      const [, , , told] = (row as string).split("|").map((cell) => cell.trim());
      expect(told).to.equal(minutes);
    });
  }
});
