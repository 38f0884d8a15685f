import { expect } from "chai";
import { Session } from "./session.js";

const { repeat } = String.prototype;
const times = (text: string, n: number) => repeat.call(text, n);

describe("kernel: a compiler that fails", () => {
  /** The next question to the compiler is cut off, as an interrupt cuts it off: nothing after it runs. */
  let cutOff = false;
  const session = new Session(process.cwd(), (run) => {
    const answer = run();
    if (cutOff) {
      cutOff = false;
      throw new Error("cut off");
    }
    return answer;
  });
  after(() => session.converter.close());

  const DEEP = {
    "a chain of 1,500 calls": `Promise.resolve(1)${times(".then((v) => v + 1)", 1500)}`,
    "1,500 nested brackets": `const nested = ${times("[", 1500)}1${times("]", 1500)};`,
    "20,000 nested brackets": times("[", 20_000) + times("]", 20_000),
    "1,000 nested parentheses": `${times("(", 1000)}1${times(")", 1000)}`,
    "JSON nested 800 deep": `const json = ${times('{"a":', 800)}1${times("}", 800)};`,
    "5,000 nested ternaries": `${times("1 ? 2 : ", 5000)}3`,
    "10,000 nested blocks": times("{", 10_000) + times("}", 10_000),
    "3,000 nested templates": `${times("`${", 3000)}1${times("}`", 3000)}`,
    "2,000 nested types": `let t: ${times("Array<", 2000)}1${times(">", 2000)};`,
  };
  for (const [name, code] of Object.entries(DEEP)) {
    it(`${name}: a sentence at most, and the session lives on`, async () => {
      await session.value("const kept = 'kept';");
      const { error } = await session.run(code);
      if (error !== undefined) {
        expect(error.ename).equal("TypeScriptError");
        expect(error.traceback.join("\n")).not.include("typescript.js");
        expect(error.traceback.join("\n").length).below(10_000);
      }
      expect(await session.value("kept")).equal("kept");
      expect(await session.complaint("nonesuch")).include("Cannot find name 'nonesuch'");
    });
  }

  it("says how deep, and where", async () => {
    const { error } = await session.run(`1;\nconst nested = ${times("[", 1500)}1${times("]", 1500)};`);
    expect(error!.evalue).include("nested too deeply for the compiler (1500 brackets are open in line 2)");
    expect(await session.complaint(DEEP["a chain of 1,500 calls"])).include("too long a chain");
  });

  it("a sum of 1,500 lines runs, as a value and under a name, with earlier names and awaits in it", async () => {
    const lines = (line: string) => Array.from({ length: 1500 }, () => line).join(" +\n");
    expect(await session.value(lines('"aaaa"'))).length(6000);
    expect(await session.value(`const long = ${lines('"aaaa"')};\nlong.length`)).equal(6000);
    await session.value("const part = 'bb';");
    expect(await session.value(`const mixed = ${lines("(await part)")};\nmixed`)).length(3000);
  });

  it("a cell of 5 MB on one line, right and wrong", async () => {
    expect(await session.value(`const five = "${times("x", 5e6)}"; five.length`)).equal(5e6);
    const { error } = await session.run(`nonesuch; /*${times("x", 5e6)}*/`);
    expect(error!.traceback.join("\n").length).below(2000);
    const many = await session.run(times("nonesuch; ", 3000));
    expect(many.error!.evalue).include("... and 2980 more");
  });

  it("questions that fail do no harm either", async () => {
    expect(() => session.converter.complete(DEEP["20,000 nested brackets"], 100)).throw();
    expect(() => session.converter.inspect(DEEP["20,000 nested brackets"], 100)).throw();
    await session.value("const table = { first: 1 };");
    expect(session.converter.complete("table.", 6).candidates).include("first");
  });

  it("a compiler that was cut off is replaced", async () => {
    cutOff = true;
    expect(await session.complaint("const lost = 1;")).include("cut off");
    expect(await session.value("kept")).equal("kept");
  });
});
