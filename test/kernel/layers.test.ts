import { expect } from "chai";
import { Session } from "./session.js";

/** Cells that ask a program which knows the cells before them must see what cells with a program of their own see. */
describe("kernel: cells that share a program", () => {
  let session: Session;
  beforeEach(() => {
    session = new Session();
  });
  afterEach(() => session.converter.close());
  const value = (code: string) => session.value(code);
  const complaint = (code: string) => session.complaint(code);
  const shared = () => session.converter.sharing.did;

  /** A session whose next cell shares the program of its first. */
  async function begun(code = "const start = 1;") {
    await value(code);
    await value("1");
    expect(shared()).equal(true);
  }

  it("all but a few of a hundred do, and know the types of all before them", async () => {
    let own = 0;
    await value("const x0 = 0;");
    for (let i = 1; i <= 100; i++) {
      expect(await value(`const x${i} = x${i - 1} + 1;\nx${i} + x0`)).equal(i);
      if (!shared()) own += 1;
    }
    expect(own).above(1).below(5);
    expect(await complaint("const wrong: string = x0;")).include("'number' is not assignable");
    expect(await complaint("const wrong: string = x57;")).include("'number' is not assignable");
  });

  it("an error is said each time, and of no cell but its own", async () => {
    await begun();
    for (let i = 0; i < 3; i++) {
      expect(await complaint("const wrong: string = start;")).include("1:7 - Type 'number'");
      expect(await value("start")).equal(1);
    }
    for (let i = 0; i < 2; i++) {
      expect(await complaint("nonesuch")).include("Cannot find name 'nonesuch'");
      expect(await value("1")).equal(1);
    }
    expect(await complaint("1;\n2;\nnonesuch;")).match(/^3:1 - Cannot find name 'nonesuch'/);
    session.converter.complete("start.", 6);
    session.converter.inspect("const wrong: string = start;", 8);
    expect(await value("// @ts-expect-error\nconst odd: string = start;\nodd")).equal(1);
    expect(await complaint("// @ts-expect-error\nstart;")).include("Unused '@ts-expect-error'");
  });

  it("a name that is declared anew is what it became last", async () => {
    await begun("class A { a = 1; }\nconst b = 1;\ninterface C { c: number }");
    await value("const b = 'text';");
    expect(await value("b.length")).equal(4);
    await value("interface C { d: string }");
    expect(await complaint("let c: C = { c: 1, d: '' };")).include("'c' does not exist");
    await value("const A = 3;");
    expect(await value("A + 1")).equal(4);
    await value("const later = 1;");
    await value("const later = 'text';");
    expect(await value("later.length")).equal(4);
  });

  it("a cell that throws keeps what had a value", async () => {
    await begun();
    expect(await complaint("const got = 1;\nthrow new Error('no');\nconst lost = 2;")).equal("no");
    expect(await value("got + start")).equal(2);
    expect(await complaint("lost")).include("Cannot find name 'lost'");
  });

  it("what a cell adds to other files, the next one sees", async () => {
    await begun();
    await value("declare global { interface String { shout(): string } }");
    expect(await complaint("const has: 'shout' extends keyof String ? 1 : 2 = 2;")).include("'2' is not assignable");
    expect(await value("Object.getPrototypeOf('').shout = () => 'HEY';\n'a'.shout()")).equal("HEY");
    await value("namespace N { export const n: number = 5; }");
    expect(await value("N.n")).equal(5);
    expect(await complaint("const wrong: string = N.n;")).include("'number' is not assignable");
  });

  it("imports: of what has been read, and of what has not", async () => {
    await begun('import { join } from "node:path";');
    expect(await value('import { basename } from "node:path";\nbasename(join("a", "b"))')).equal("b");
    expect(shared()).equal(true);
    await value('import { mean } from "rlhf-lab/numerics";\nmean([1, 2])');
    expect(shared()).equal(false);
    expect(await complaint("const wrong: string = mean([1]);")).include("'number' is not assignable");
    expect(await complaint('import { nonesuch } from "node:path";')).include("no exported member 'nonesuch'");
    expect(await complaint('import { join } from "nonesuch";')).include("Cannot find module 'nonesuch'");
  });

  it("types that come from a module in words", async () => {
    await begun('import { Session as Inspector } from "node:inspector";\nconst inspector = new Inspector();');
    await value('const path = await import("node:path");');
    await value("const join = path.join;\nconst parsed = path.parse('/a/b.c');");
    expect(await value("parsed.ext + join('a', 'b')")).equal(".ca/b");
    expect(shared()).equal(true);
    expect(await complaint("const wrong: number = parsed.ext;")).include("'string' is not assignable");
  });
});
