// Step: lib, compiled to lib/dist.
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root } from "./places.mjs";
import { run } from "./run.mjs";
import { SetupError } from "./setupError.mjs";
import { listFiles } from "./stamp.mjs";

const lib = join(root, "lib");

/** Whether every source file has its compiled one. */
function allThere() {
  return listFiles(join(lib, "src"))
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"))
    .every((name) => existsSync(join(lib, "dist", name.replace(/\.ts$/, ".js"))));
}

/** @type {import("./setup.d.ts").Step} */
export const library = {
  name: "library",
  doing: "compiling lib",
  inputs: () => ({
    files: [join(lib, "src"), join(lib, "tsconfig.json"), join(lib, "package.json"), join(root, "tsconfig.base.json")],
    facts: JSON.parse(readFileSync(join(root, "node_modules/typescript/package.json"), "utf8")).version,
  }),
  intact: allThere,

  async make({ before, stop }) {
    // What tsc remembers of its last run is worth nothing if that run was cut short or its files are gone.
    if (before === "unfinished" || !allThere()) rmSync(join(lib, "dist"), { recursive: true, force: true });
    const { ok, output } = await run(process.execPath, ["node_modules/typescript/bin/tsc", "-b", "lib"], { stop });
    if (!ok)
      throw new SetupError(
        "lib does not compile: mend what is listed below, or undo it with git, then run the command again.",
        output,
      );
  },
};
