// Step: our kernel's specification, where JupyterLab looks for it.
import { cpSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root, venv } from "./places.mjs";
import { sentences } from "./sentences.mjs";
import { SetupError } from "./setupError.mjs";
import { listFiles } from "./stamp.mjs";

const source = join(root, "course", "jupyter", "kernelspec");
const target = join(venv, "share", "jupyter", "kernels", "rlhf-lab");

/** @type {import("./setup.d.ts").Step} */
export const kernel = {
  name: "kernel",
  doing: "TypeScript (rlhf-lab) for JupyterLab",
  inputs: () => ({ files: [source] }),
  intact: () =>
    existsSync(join(target, "kernel.json")) && listFiles(source).every((name) => existsSync(join(target, name))),

  async make() {
    if (!existsSync(join(source, "kernel.json"))) throw new SetupError(sentences.noKernelSpec.say());
    rmSync(target, { recursive: true, force: true });
    cpSync(source, target, { recursive: true });
  },
};
