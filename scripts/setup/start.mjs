// Step: a snapshot of the notebooks' compiler, from which a kernel starts at once.
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root, state } from "./places.mjs";
import { sentences } from "./sentences.mjs";

const compiled = join(root, "course", "dist", "src", "kernel", "snapshot");

/** @type {import("./setup.d.ts").Step<{ file?: string, failed?: string }>} */
export const start = {
  name: "start",
  doing: "a quick start for notebooks",
  inputs: () => ({
    files: ["lib/src", "course/src", "node_modules/.package-lock.json"].map((name) => join(root, name)),
    facts: [process.version, process.arch, root],
  }),
  intact: ({ file }) => file === undefined || existsSync(join(state, file)),

  async make() {
    for (const name of readdirSync(state)) if (/^compiler-.*\.blob/.test(name)) rmSync(join(state, name));
    const { makeSnapshot } = await import(`${pathToFileURL(join(compiled, "make.js"))}?${Date.now()}`);
    try {
      return { file: (await makeSnapshot(root)).slice(state.length + 1) };
    } catch (error) {
      // Notebooks work without it.
      return { failed: String(error.stderr || error.message) };
    }
  },
  warning: ({ failed }) => (failed === undefined ? undefined : sentences.slowStart.say(failed.trim().split("\n")[0])),
};
