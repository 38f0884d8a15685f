import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { findPython } from "../../scripts/setup/python.mjs";
import { SetupError } from "../../scripts/setup/setupError.mjs";
import { temporaryFolder } from "./folder.js";

describe("finding Python", () => {
  const folder = temporaryFolder();
  /** A program of that name that answers our question as a Python of that version would. */
  const install = (name: string, answer: string) =>
    writeFileSync(join(folder.path, name), `#!/bin/sh\necho ${answer}\n`, { mode: 0o755 });
  const complaint = () => {
    try {
      findPython({ PATH: folder.path });
    } catch (error) {
      expect(error).to.be.instanceOf(SetupError);
      return (error as Error).message;
    }
    throw new Error("found one");
  };

  it("finds the one of this machine", () => {
    expect(findPython()).to.match(/^python/);
  });

  it("says how to install it when there is none", () => {
    expect(complaint()).to.contain("there is none on the PATH").and.to.contain("apt install python3");
  });

  it("names the version that is too old, and takes a newer one of another name", () => {
    install("python3", "3 9 1");
    expect(complaint()).to.contain("Python >= 3.10 is needed, python3 is 3.9");
    install("python3.12", "3 12 1");
    expect(findPython({ PATH: folder.path })).to.equal("python3.12");
  });

  it("names Debian's package when venv is missing", () => {
    install("python3", "3 11 0");
    expect(complaint()).to.contain("Python 3.11 is here without its venv").and.to.contain("python3-venv");
  });

  it("takes the one that PYTHON names, or says that it does not run", () => {
    install("snake", "3 13 1");
    expect(findPython({ PATH: folder.path, PYTHON: "snake" })).to.equal("snake");
    expect(() => findPython({ PATH: folder.path, PYTHON: "viper" })).to.throw(SetupError, "PYTHON=viper does not run");
  });
});
