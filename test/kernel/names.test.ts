import { tmpdir } from "node:os";
import { expect } from "chai";
import { CellConverter } from "../../course/src/kernel/cells/converter.js";
import { Scripts } from "../../course/src/kernel/cells/scripts.js";
import { writtenNames } from "../../course/src/kernel/cells/written.js";

describe("kernel: names of earlier cells, and of properties", () => {
  const converter = new CellConverter(tmpdir(), new Scripts(), (run) => run());
  after(() => converter.close());

  const convert = (name: string, source: string) => {
    converter.begin(name, name);
    const { output } = converter.convert("", source);
    converter.end();
    return output!.replace(/\s+/g, " ");
  };

  it("{ name } finds a name of an earlier cell, and leaves the cell's own names alone", () => {
    convert("1", "function mean(values: number[]) { return values.length; }\nlet level = 1;");
    expect(convert("2", "await Promise.resolve({ mean });")).to.include("{ mean: exports.mean }");
    expect(convert("3", "const own = 2;\nconst all = [{ own, mean }];")).to.match(
      /\{ (own|own: own), mean: exports\.mean \}/,
    );
    expect(convert("4", "({ level } = { level: 9 });")).to.include("{ level: exports.level } = { level: 9 }");
    expect(convert("4b", "({ level = 3 } = {} as { level?: number });")).to.include(
      "{ level: exports.level = 3 } = {}",
    );
    expect(convert("5", "{ const mean = 7; console.log({ mean }); }")).to.not.include("exports.mean");
  });

  it("a property's name is no variable, when taking apart a value of an earlier cell", () => {
    convert("6", "const worlds = [{ world: { size: 3 } }];");
    const taken = convert("7", "const { world: mine } = worlds[0];\nlet size = 0;\n({ size } = mine);");
    expect(taken).to.match(/\{ world: (exports\.)?mine \} = exports\.worlds\[0\]/);
    expect(convert("8", "let other = worlds[0].world;\n({ world: other } = worlds[0]);")).to.not.match(
      /exports\.world\b/,
    );
    expect(convert("9", "const { world: { size: deep = 4 } } = worlds[0];")).to.include(
      "{ world: { size: deep = 4 } }",
    );
    expect(convert("10", "class Other { world = worlds; size() { return this.world; } }")).to.not.match(
      /exports\.(world|size)\b/,
    );
  });
});

describe("kernel: the names that a cell writes, also one that does not compile", () => {
  it("functions, classes, variables and assignments at the beginning of a line", () => {
    const code = `
export async function first() {
  const inner = 1;
  inner = 2;
async function* second() { }
const größe: number = (1
let $third, fourth = 2;
class Fifth extends { }
sixth = seventh == 8;
eighth == 9;
ninth => 10;
constant; letter;
tenth.part = 1;`;
    expect(writtenNames(code)).to.deep.equal(["first", "second", "größe", "$third", "Fifth", "sixth"]);
  });

  it("takes no time for a cell of white space and words", () => {
    for (const part of ["function ", "export ", "async ", " ", "\n", "a ", "const\n", "const a\n"]) {
      const { user, system } = process.cpuUsage();
      writtenNames(part.repeat(500_000));
      const used = process.cpuUsage({ user, system });
      expect((used.user + used.system) / 1e6).to.be.below(3);
    }
  });
});
