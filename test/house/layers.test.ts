// Imports point one way: a reader of any folder needs only the ones below it.
import { expect } from "chai";
import { type Import, importsOf, repositoryFiles } from "./source.js";

const sources = repositoryFiles().filter((file) => /^lib\/src\/.*\.ts$/.test(file));
const folderOf = (file: string) => /^lib\/src\/([^/]+)\//.exec(file)?.[1] ?? "index";

/** Folder -> what stands directly below it; what those stand on is allowed as well. */
const below: Record<string, string[]> = {
  core: [],
  random: ["core"],
  numerics: ["core", "random"],
  tensor: ["numerics", "random"],
  models: ["tensor"],
  games: ["numerics"],
  envs: ["tensor"],
  data: ["models"],
  preferences: ["models", "envs", "data"],
  rewards: ["preferences"],
  policy: ["rewards"],
  constitution: ["policy"],
  selfplay: ["policy"],
  alignment: ["policy"],
  robust: ["policy"],
  safety: ["policy"],
  information: ["policy"],
  train: ["constitution", "selfplay", "alignment", "robust", "safety", "information", "notebook"],
  // Figures, progress and checks know nothing of the theory, except a lesson's own checks (see below).
  notebook: ["core", "numerics", "tensor"], // tensor: a data frame brings TensorFlow, which has one door
  grade: ["core", "random", "numerics", "notebook"],
  kernel: ["core"],
};

function allowed(folder: string): Set<string> {
  const reached = new Set([folder]);
  for (const next of below[folder] ?? []) for (const item of allowed(next)) reached.add(item);
  return reached;
}

/** The imports that point the wrong way. */
function wrongWay(imports: readonly Import[]): string[] {
  return imports
    .filter(({ from, to }) => {
      if (!to.startsWith("lib/")) return to.startsWith("test/") || to.startsWith("scripts/") || to === "rlhf-lab";
      const folder = folderOf(from);
      const target = folderOf(to);
      if (folder === "index") return target === "kernel";
      // The checks of a lesson compare with the library's own primitives.
      if (from.startsWith("lib/src/grade/lessons/")) return target === "kernel" || target === "index";
      return !allowed(folder).has(target);
    })
    .map(({ from, to }) => `${from} imports ${to}`);
}

describe("the layers of lib/src", () => {
  it("are known to this test, every folder", () => {
    const folders = new Set(sources.map(folderOf));
    expect([...folders].filter((folder) => folder !== "index" && !(folder in below))).to.deep.equal([]);
  });

  it("import only what is below them", () => {
    const imports = sources.flatMap((file) => importsOf(file));
    expect(imports.length).to.be.greaterThan(20);
    expect(wrongWay(imports)).to.deep.equal([]);
  });

  it("would notice a wrong one", () => {
    const example = (file: string, source: string) => wrongWay(importsOf(file, source));
    expect(example("lib/src/core/x.ts", 'import { a } from "../random/index.js";')).to.have.length(1);
    expect(example("lib/src/safety/x.ts", 'export * from "../robust/index.js";')).to.have.length(1);
    expect(example("lib/src/safety/x.ts", 'import type { A } from "../policy/index.js";')).to.have.length(0);
    expect(example("lib/src/rewards/x.ts", 'const m = await import(\n  "../policy/index.js"\n);')).to.have.length(1);
    expect(example("lib/src/rewards/x.ts", '// import "../policy/index.js";')).to.have.length(0);
    expect(example("lib/src/rewards/x.ts", 'import {\n  a,\n  b,\n} from "../policy/index.js";')).to.have.length(1);
    expect(example("lib/src/index.ts", 'export * from "./kernel/index.js";')).to.have.length(1);
  });

  it("have one door each: an index.ts (the kernel: a main.ts)", () => {
    for (const folder of new Set(sources.map(folderOf))) {
      if (folder === "index") continue;
      const doors = ["index.ts", "main.ts"].filter((door) => sources.includes(`lib/src/${folder}/${door}`));
      expect(doors, `lib/src/${folder} has no index.ts`).to.not.be.empty;
    }
  });
});
