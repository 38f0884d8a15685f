import { tmpdir } from "node:os";
import { expect } from "chai";
import { CellConverter } from "../../lib/src/kernel/cells/converter.js";
import { Scripts } from "../../lib/src/kernel/cells/scripts.js";

describe("kernel: shorthand properties", () => {
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
    expect(convert("5", "{ const mean = 7; console.log({ mean }); }")).to.not.include("exports.mean");
  });
}).timeout(60_000);
