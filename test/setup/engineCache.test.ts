import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { buildEntry, cacheWorks, enginesFolder, entryFolder } from "../../scripts/setup/engine/cache.mjs";
import { cacheFolder, state, tfjsNode } from "../../scripts/setup/places.mjs";
import { temporaryFolder } from "./folder.js";

const stop = new AbortController().signal;

describe("the cache of built engines", () => {
  const folder = temporaryFolder();
  const before = process.env.RLHF_LAB_CACHE;
  beforeEach(() => {
    process.env.RLHF_LAB_CACHE = join(folder.path, "cache");
  });
  afterEach(() => {
    if (before === undefined) delete process.env.RLHF_LAB_CACHE;
    else process.env.RLHF_LAB_CACHE = before;
  });

  /** A build: a copy of the binding that this clone uses, next to a link to its libraries. */
  const build = async (place: string) => {
    symlinkSync(realpathSync(join(tfjsNode, "deps")), join(place, "deps"));
    cpSync(realpathSync(join(tfjsNode, "lib")), join(place, "lib"), { recursive: true });
    return undefined;
  };
  const binding = () => join(entryFolder(), "lib", "napi-v8", "tfjs_binding.node");

  it("is where RLHF_LAB_CACHE or the system says, or in the clone when that cannot be written", () => {
    const { path } = folder;
    expect(cacheFolder({ RLHF_LAB_CACHE: join(path, "a") })).to.equal(join(path, "a"));
    expect(cacheFolder({ XDG_CACHE_HOME: join(path, "b") })).to.equal(join(path, "b", "rlhf-lab"));
    writeFileSync(join(path, "file"), "");
    expect(cacheFolder({ RLHF_LAB_CACHE: join(path, "file", "no") })).to.equal(join(state, "cache"));
  });

  it("holds an engine after it computed something, and notices when that breaks", async () => {
    expect(await cacheWorks(stop)).to.equal(false);
    expect(await buildEntry(build, stop)).to.equal(undefined);
    expect(await cacheWorks(stop)).to.equal(true);
    truncateSync(binding(), 5000);
    expect(await cacheWorks(stop)).to.equal(false);
    expect(existsSync(entryFolder()), "what does not work is removed").to.equal(false);
  });

  it("holds nothing of a build that failed, was broken, or was killed", async () => {
    mkdirSync(join(enginesFolder(), "building-1"), { recursive: true });
    expect(await buildEntry(async () => ({ why: "no compiler" }), stop)).to.deep.equal({ why: "no compiler" });
    expect(readdirSync(enginesFolder())).to.deep.equal([]);

    const broken = async (place: string) => {
      await build(place);
      truncateSync(join(place, "lib", "napi-v8", "tfjs_binding.node"), 5000);
      return undefined;
    };
    expect((await buildEntry(broken, stop))?.why).to.contain("does not work here");
    expect(readdirSync(enginesFolder())).to.deep.equal([]);

    const full = async () => {
      throw new Error("ENOSPC: no space left on device, write");
    };
    expect(await buildEntry(full, stop)).to.deep.equal({
      why: "building TensorFlow failed: ENOSPC: no space left on device, write",
      again: true,
    });
    expect(readdirSync(enginesFolder())).to.deep.equal([]);
  });
});
