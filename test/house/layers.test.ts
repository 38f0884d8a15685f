// Imports point one way: a reader of any folder needs only the ones below it.
import { expect } from "chai";
import { type Import, importsOf, repositoryFiles } from "./source.js";

const sources = repositoryFiles().filter((file) => /^lib\/src\/.*\.ts$/.test(file));
const folderOf = (file: string) => /^lib\/src\/([^/]+)\//.exec(file)?.[1] ?? "index";

/** Folder -> every folder that it imports from: no more than the facts, since what a rule allows will be used. */
const uses: Record<string, string[]> = {
  core: [],
  random: ["core"],
  numerics: ["core"],
  tokenizers: ["core"],
  trees: ["core", "random", "numerics"],
  mdp: ["core", "random", "numerics"],
  games: ["core", "numerics"],
  data: ["core", "random", "tokenizers"],
  preferences: ["core", "random", "numerics"],
  rewards: ["core", "random", "numerics", "tokenizers", "trees", "mdp", "preferences"],
  policy: ["core", "random", "numerics", "trees"],
  constitution: ["core", "random", "numerics", "trees"],
  selfplay: ["core", "random", "numerics", "games", "preferences"],
  alignment: ["core", "random", "numerics", "mdp", "games"],
  robust: ["core", "random", "numerics", "mdp", "games", "preferences", "rewards"],
  safety: ["core", "random", "numerics", "tokenizers", "trees", "mdp"],
  agents: ["core", "random", "numerics", "games"],
  information: ["core", "random", "numerics", "trees", "games", "preferences"],
  // Topics import no world.
  worlds: [
    "core",
    "random",
    "numerics",
    "tokenizers",
    "trees",
    "mdp",
    "data",
    "preferences",
    "rewards",
    "constitution",
    "alignment",
    "robust",
    "safety",
    "agents",
    "information",
  ],
  // Sentences of the theory on trial, each by a few lines.
  errata: ["core", "random", "numerics", "trees", "games", "preferences", "agents", "information", "worlds"],
  tensor: ["core", "random"],
  models: ["core", "random", "tokenizers", "tensor"],
  // Figures and progress know nothing of the theory.
  notebook: ["core", "numerics"],
  train: [
    "core",
    "random",
    "numerics",
    "tokenizers",
    "data",
    "rewards",
    "policy",
    "safety",
    "worlds",
    "tensor",
    "models",
    "notebook",
  ],
  studies: [
    "core",
    "random",
    "numerics",
    "tokenizers",
    "trees",
    "data",
    "preferences",
    "rewards",
    "policy",
    "constitution",
    "alignment",
    "robust",
    "safety",
    "worlds",
    "tensor",
    "models",
    "train",
    "notebook",
  ],
};

/** Folders of the float32 floor. In the others it is `x.tensor.ts` beside `x.ts`, and the door `tensor.ts`. */
const float32 = ["tensor", "models", "train", "studies"];
const isFloat32 = (file: string) => float32.includes(folderOf(file)) || /(\.|\/)tensor\.ts$/.test(file);
/** The imports that point the wrong way. */
function wrongWay(imports: readonly Import[]): string[] {
  return imports
    .filter(({ from, to }) => {
      if (!to.startsWith("lib/")) return /^(test|scripts|course)\//.test(to) || /^rlhf-lab(-course)?(\/|$)/.test(to);
      const folder = folderOf(from);
      const target = folderOf(to);
      if (folder === "index") return isFloat32(to);
      if (folder === target) return !isFloat32(from) && isFloat32(to);
      if (isFloat32(to)) return !(isFloat32(from) && (float32.includes(target) || uses[folder]?.includes(target)));
      return !uses[folder]?.includes(target);
    })
    .map(({ from, to }) => `${from} imports ${to}`);
}

/** Imports of the course that go past the doors of the library, out of the project's packages, or the wrong way. */
function wrongInCourse(imports: readonly Import[]): string[] {
  return imports
    .filter(({ from, to }) => {
      if (to.startsWith("lib/") || to.startsWith("test/")) return true;
      const isBuilt = /^course\/(src\/|lessons\/[^/]+\/checks\.ts)/.test(from);
      if (to.startsWith("scripts/")) return isBuilt;
      if (/\/lesson\.ts$/.test(from)) return to.startsWith("course/"); // a notebook has doors alone
      if (to.startsWith("course/lessons/")) return isBuilt;
      // What cells run in asks nothing of the grader, which finds the project as the kernel does.
      if (from.startsWith("course/src/kernel/")) return !/^course\/src\/kernel\//.test(to) && to.startsWith("course/");
      if (from.startsWith("course/src/grade/") && to.startsWith("course/src/kernel/"))
        return to !== "course/src/kernel/project.ts";
      return false;
    })
    .map(({ from, to }) => `${from} imports ${to}`);
}

describe("the layers of course", () => {
  it("import the library by its doors", () => {
    const imports = repositoryFiles()
      .filter((file) => /^course\/.*\.ts$/.test(file))
      .flatMap((file) => importsOf(file));
    expect(imports.length).to.be.greaterThan(100);
    expect(wrongInCourse(imports)).to.deep.equal([]);
  });

  it("would notice one that does not", () => {
    const example = (file: string, source: string) => wrongInCourse(importsOf(file, source));
    const room = "course/lessons/01-x";
    expect(example("course/src/grade/x.ts", 'import { a } from "../../../lib/src/core/errors.js";')).to.have.length(1);
    expect(example("course/src/grade/x.ts", 'import { a } from "../kernel/kernel.js";')).to.have.length(1);
    expect(example("course/src/kernel/x.ts", 'import { a } from "../grade/check.js";')).to.have.length(1);
    expect(example(`${room}/checks.ts`, 'import { a } from "../../../scripts/claims/claim.js";')).to.have.length(1);
    expect(example(`${room}/claims.ts`, 'import { a } from "../../../scripts/claims/claim.js";')).to.have.length(0);
    expect(example(`${room}/lesson.ts`, 'import { a } from "./checks.js";')).to.have.length(1);
    expect(example(`${room}/checks.ts`, 'import { a } from "rlhf-lab/core";')).to.have.length(0);
  });
});

describe("the layers of lib/src", () => {
  it("are known to this test, every folder", () => {
    const folders = new Set(sources.map(folderOf));
    expect([...folders].filter((folder) => folder !== "index" && !(folder in uses))).to.deep.equal([]);
  });

  it("import only what is below them", () => {
    const imports = sources.flatMap((file) => importsOf(file));
    expect(imports.length).to.be.greaterThan(20);
    expect(wrongWay(imports)).to.deep.equal([]);
  });

  it("are held to what they do import: no arrow is allowed that nothing uses", () => {
    const arrows = new Set(
      sources.flatMap((file) => importsOf(file)).map(({ from, to }) => `${folderOf(from)} -> ${folderOf(to)}`),
    );
    const listed = Object.entries(uses).flatMap(([folder, list]) => list.map((target) => `${folder} -> ${target}`));
    expect(listed.filter((arrow) => !arrows.has(arrow))).to.deep.equal([]);
  });

  it("would notice a wrong one", () => {
    const example = (file: string, source: string) => wrongWay(importsOf(file, source));
    expect(example("lib/src/core/x.ts", 'import { a } from "../random/index.js";')).to.have.length(1);
    expect(example("lib/src/policy/x.ts", 'export * from "../rewards/index.js";')).to.have.length(1);
    expect(example("lib/src/policy/x.ts", 'import type { A } from "../numerics/index.js";')).to.have.length(0);
    expect(example("lib/src/rewards/x.ts", 'const m = await import(\n  "../policy/index.js"\n);')).to.have.length(1);
    expect(example("lib/src/rewards/x.ts", '// import "../policy/index.js";')).to.have.length(0);
    expect(example("lib/src/rewards/x.ts", 'import {\n  a,\n  b,\n} from "../policy/index.js";')).to.have.length(1);
    expect(example("lib/src/index.ts", 'export * from "./tensor/index.js";')).to.have.length(1);
    expect(example("lib/src/index.ts", 'export { check } from "rlhf-lab-course";')).to.have.length(1);
    expect(example("lib/src/core/x.ts", 'import { check } from "../../../course/src/index.js";')).to.have.length(1);
  });

  it("would notice a float64 file that asks for tensors", () => {
    const example = (file: string, source: string) => wrongWay(importsOf(file, source));
    expect(example("lib/src/policy/x.ts", 'import { tf } from "../tensor/index.js";')).to.have.length(1);
    expect(example("lib/src/policy/x.ts", 'import type { Transformer } from "../models/index.js";')).to.have.length(1);
    expect(example("lib/src/policy/x.ts", 'import { dpoLoss } from "./dpo.tensor.js";')).to.have.length(1);
    expect(example("lib/src/policy/kl/index.ts", 'export * from "./tensor.js";')).to.have.length(1);
    expect(example("lib/src/policy/x.tensor.ts", 'import { tf } from "../tensor/index.js";')).to.have.length(0);
    expect(example("lib/src/policy/tensor.ts", 'export * from "./direct/tensor.js";')).to.have.length(0);
    expect(example("lib/src/policy/x.tensor.ts", 'import { a } from "../rewards/tensor.js";')).to.have.length(1);
    expect(example("lib/src/notebook/table.ts", 'import { loadTensorFlow } from "../tensor/index.js";')).to.have.length(
      1,
    );
  });

  it("have one door each: an index.ts", () => {
    for (const folder of new Set(sources.map(folderOf))) {
      if (folder !== "index") expect(sources).to.include(`lib/src/${folder}/index.ts`);
    }
  });
});
