import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { whatDiffers } from "../../scripts/setup/nodePackages.mjs";
import { temporaryFolder } from "./folder.js";

type Packages = Record<string, { version?: string; integrity?: string; optional?: boolean; link?: boolean }>;

describe("whether the npm packages are those of the lock file", () => {
  const folder = temporaryFolder();
  const wanted: Packages = {
    "": { version: "1.0.0" },
    lib: { version: "1.0.0" },
    "node_modules/a": { version: "1.0.0", integrity: "sha512-a" },
    "node_modules/a/node_modules/b": { version: "2.0.0" },
    "node_modules/for-another-system": { version: "1.0.0", optional: true },
  };
  const { "node_modules/a": a, "node_modules/a/node_modules/b": b } = wanted;
  const installed: Packages = { "node_modules/a": a, "node_modules/a/node_modules/b": b };
  const write = (name: string, packages: Packages) => {
    mkdirSync(join(folder.path, "node_modules"), { recursive: true });
    writeFileSync(join(folder.path, name), JSON.stringify({ packages }));
  };

  beforeEach(() => {
    write("package-lock.json", wanted);
    write("node_modules/.package-lock.json", installed);
    for (const name of Object.keys(installed)) {
      mkdirSync(join(folder.path, name), { recursive: true });
      writeFileSync(join(folder.path, name, "package.json"), "{}");
    }
  });

  it("is so when all are there, but for those made for another system", () => {
    expect(whatDiffers(folder.path)).to.equal(undefined);
  });

  it("is not when npm did not come to its end, or was never run", () => {
    rmSync(join(folder.path, "node_modules", ".package-lock.json"));
    expect(whatDiffers(folder.path)).to.equal("node_modules");
    rmSync(join(folder.path, "node_modules"), { recursive: true });
    expect(whatDiffers(folder.path)).to.equal("node_modules");
  });

  it("is not when a version, a checksum, an entry or a folder differs", () => {
    write("node_modules/.package-lock.json", { ...installed, "node_modules/a": { ...a, version: "1.0.1" } });
    expect(whatDiffers(folder.path)).to.equal("node_modules/a");
    write("node_modules/.package-lock.json", { ...installed, "node_modules/a": { ...a, integrity: "sha512-z" } });
    expect(whatDiffers(folder.path)).to.equal("node_modules/a");
    write("node_modules/.package-lock.json", { "node_modules/a": a });
    expect(whatDiffers(folder.path)).to.equal("node_modules/a/node_modules/b");
    write("node_modules/.package-lock.json", installed);
    rmSync(join(folder.path, "node_modules/a/node_modules/b"), { recursive: true });
    expect(whatDiffers(folder.path)).to.equal("node_modules/a/node_modules/b");
  });
});
