import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { driven, drivers } from "./driven.js";

driven("checks.py");

describe("the drivers of the kernel", () => {
  it("have a test file each", () => {
    const tests = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".test.ts"));
    const called = tests.flatMap((name) => {
      const [, driver] = /^driven\("(.+)"\);$/m.exec(readFileSync(join(import.meta.dirname, name), "utf8")) ?? [];
      return driver === undefined ? [] : [driver];
    });
    expect(called.sort()).to.deep.equal(drivers);
  });
});
