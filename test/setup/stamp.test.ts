import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { hash } from "../../scripts/setup/stamp.mjs";
import { temporaryFolder } from "./folder.js";

describe("the hash of a step's inputs", () => {
  const folder = temporaryFolder();
  const inputs = () => ({ files: [join(folder.path, "src"), join(folder.path, "config.json")], facts: ["1.0"] });

  beforeEach(() => {
    mkdirSync(join(folder.path, "src", "deep"), { recursive: true });
    writeFileSync(join(folder.path, "src", "a.ts"), "1");
    writeFileSync(join(folder.path, "src", "deep", "b.ts"), "2");
    writeFileSync(join(folder.path, "config.json"), "{}");
  });

  it("stays when nothing changes", () => {
    expect(hash(inputs())).to.equal(hash(inputs()));
  });

  const changes: Record<string, () => void> = {
    "a file's content": () => writeFileSync(join(folder.path, "src", "deep", "b.ts"), "3"),
    "a file's name": () => renameSync(join(folder.path, "src", "a.ts"), join(folder.path, "src", "c.ts")),
    "a new file, even an empty one": () => writeFileSync(join(folder.path, "src", "deep", "c.ts"), ""),
    "a missing input": () => renameSync(join(folder.path, "config.json"), join(folder.path, "elsewhere.json")),
    "where one file ends and the next begins": () => {
      writeFileSync(join(folder.path, "src", "a.ts"), "");
      writeFileSync(join(folder.path, "src", "deep", "b.ts"), "12");
    },
  };
  for (const [what, change] of Object.entries(changes)) {
    it(`changes with ${what}`, () => {
      const before = hash(inputs());
      change();
      expect(hash(inputs())).not.to.equal(before);
    });
  }

  it("changes with a fact", () => {
    expect(hash({ ...inputs(), facts: ["1.1"] })).not.to.equal(hash(inputs()));
  });
});
