// Step: lib and course, compiled to lib/dist and course/dist.
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root } from "./places.mjs";
import { run } from "./run.mjs";
import { sentences } from "./sentences.mjs";
import { SetupError } from "./setupError.mjs";
import { listFiles } from "./stamp.mjs";

/** A folder of sources, and where each of its packages puts what is compiled; of lessons only the checks are. */
const folders = [
  { from: "lib/src", to: "lib/dist", compiled: /(?<!\.d)\.ts$/ },
  { from: "course/src", to: "course/dist/src", compiled: /(?<!\.d)\.ts$/ },
  { from: "course/lessons", to: "course/dist/lessons", compiled: /(^|[\\/])checks\.ts$/ },
];
const packages = ["lib", "course"];

/** Whether every source file has its compiled one. */
function allThere() {
  return folders.every(({ from, to, compiled }) =>
    listFiles(join(root, from))
      .filter((name) => compiled.test(name))
      .every((name) => existsSync(join(root, to, name.replace(/\.ts$/, ".js")))),
  );
}

/** @type {import("./setup.d.ts").Step} */
export const library = {
  name: "library",
  doing: "compiling lib and course",
  inputs: () => ({
    files: [
      ...folders.map(({ from }) => from),
      ...packages.flatMap((name) => [`${name}/tsconfig.json`, `${name}/package.json`]),
      "tsconfig.base.json",
    ].map((name) => join(root, name)),
    facts: JSON.parse(readFileSync(join(root, "node_modules/typescript/package.json"), "utf8")).version,
  }),
  intact: allThere,

  async make({ before, stop }) {
    // What tsc remembers of its last run is worth nothing if that run was cut short or its files are gone.
    if (before === "unfinished" || !allThere()) {
      for (const name of packages) rmSync(join(root, name, "dist"), { recursive: true, force: true });
    }
    const { ok, output } = await run(process.execPath, ["node_modules/typescript/bin/tsc", "-b", ...packages], {
      stop,
    });
    if (!ok) throw new SetupError(sentences.doesNotCompile.say(), output);
  },
};
