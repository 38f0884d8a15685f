// A comment is read beside the code, so it keeps to the width that the formatter gives to code.
import { expect } from "chai";
import { read, repositoryFiles } from "./source.js";

const width = 120;

/** The lines of a source that hold a comment and nothing else, and are too long; an address cannot be broken. */
function longComments(source: string): number[] {
  return source.split("\n").flatMap((line, i) => {
    const isComment = /^\s*(\/\/|\/\*|\*(\s|\/|$))/.test(line) && !/https?:\/\/\S{60,}/.test(line);
    return isComment && [...line].length > width ? [i + 1] : [];
  });
}

describe("comments", () => {
  it(`have lines of at most ${width} columns`, () => {
    // A lesson's prose is one paragraph a line.
    const files = repositoryFiles().filter(
      (file) =>
        /^(lib\/src|course\/(src|lessons)|test|scripts|bench)\/.*\.(ts|[mc]?js)$/.test(file) &&
        !/\/lesson\.ts$/.test(file),
    );
    expect(files.length).to.be.above(100);
    expect(files.flatMap((file) => longComments(read(file)).map((line) => `${file}:${line}`))).to.deep.equal([]);
  });

  it("would be found if they had not", () => {
    const words = "word ".repeat(24);
    expect(longComments(`/**\n * ${words}\n */\n  // ${words}\n/** ${words}*/`)).to.deep.equal([2, 4, 5]);
    expect(longComments(`// ${words.slice(0, 117)}\nconst text = "${words}${words}";`)).to.deep.equal([]);
    expect(longComments(`// https://example.org/${"path/".repeat(24)}`)).to.deep.equal([]);
  });
});
