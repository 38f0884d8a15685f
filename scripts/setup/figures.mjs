// Step: the figure renderer, where JupyterLab looks for it.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { installLabExtension } from "./labextension.mjs";
import { root, venv } from "./places.mjs";
import { listFiles } from "./stamp.mjs";

/** @type {import("./setup.d.ts").Step<{ folder: string, files: string[] }>} */
export const figures = {
  name: "figures",
  doing: "plotly for JupyterLab",
  inputs: () => ({
    files: [join(root, "course", "jupyter", "labextension"), join(root, "scripts", "setup", "labextension.mjs")],
    facts: JSON.parse(readFileSync(join(root, "node_modules/plotly.js-dist/package.json"), "utf8")).version,
  }),
  intact: (record) => record.files.every((name) => existsSync(join(venv, record.folder, name))),

  async make() {
    const target = await installLabExtension(root, venv);
    return { folder: target.slice(venv.length + 1), files: listFiles(target) };
  },
};
