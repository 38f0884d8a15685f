// One demand is said in one way everywhere: core/checks.ts holds the common ones.
import { readFileSync } from "node:fs";
import { expect } from "chai";
import { repositoryFiles } from "./source.js";

/** A wording that was once used for the same demand -> the house's. */
const wordings: [other: RegExp, ours: string][] = [
  [/["`]an integer (of at least|from)/, "a whole number of at least n, a whole number from a to b (checkCount)"],
  [/["`]a whole number >= /, "a whole number of at least n (checkCount)"],
  [/["`]a (finite )?number above 0["`]/, "a positive number (checkPositive)"],
  [/["`]a finite (number|count) of at least 0["`]/, "a number of at least 0 (checkNonNegative)"],
  [/["`]a (share|probability|number) (in \[0, 1\]|between 0 and 1)["`]/, "a number from 0 to 1 (checkShare)"],
  [/["`]a (share|probability) from 0 to 1["`]/, "a number from 0 to 1 (checkShare)"],
];

function otherWordings(file: string, text: string): string[] {
  return text
    .split("\n")
    .flatMap((line, i) =>
      wordings.filter(([other]) => other.test(line)).map(([, ours]) => `${file}:${i + 1} says otherwise: ${ours}`),
    );
}

describe("the demands of lib", () => {
  it("are said in the house's words", () => {
    const files = repositoryFiles().filter((file) => /^lib\/src\/.*\.ts$/.test(file));
    expect(files.length).to.be.greaterThan(400);
    expect(files.flatMap((file) => otherWordings(file, readFileSync(file, "utf8")))).to.deep.equal([]);
  });

  it("would notice another wording", () => {
    expect(otherWordings("x.ts", 'complaint("n", "an integer of at least 1", n)')).to.have.length(1);
    expect(otherWordings("x.ts", 'complaint("p", "a probability in [0, 1]", p)')).to.have.length(1);
    expect(otherWordings("x.ts", 'complaint("n", "a whole number of at least 1", n)')).to.have.length(0);
  });
});
