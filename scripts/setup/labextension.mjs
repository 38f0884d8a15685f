// Puts the figure renderer (course/jupyter/labextension) and plotly.js where the project's own JupyterLab finds them.
import { cp, mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/**
 * Copies the prebuilt extension to `<venv>/share/jupyter/labextensions/<name>` and, next to it, the files of npm
 * packages which its package.json lists under "rlhf-lab".copy ("package/file" -> place in the extension).
 * Cheap (10 MB) and idempotent, so call it on every start. Returns the folder.
 */
export async function installLabExtension(root, venv = join(root, ".venv")) {
  const source = join(root, "course", "jupyter", "labextension");
  const meta = JSON.parse(await readFile(join(source, "package.json"), "utf8"));
  const target = join(venv, "share", "jupyter", "labextensions", meta.name);
  await cp(source, target, { recursive: true });
  const require = createRequire(join(root, "package.json"));
  for (const [from, to] of Object.entries(meta["rlhf-lab"].copy)) {
    const place = join(target, to);
    await mkdir(dirname(place), { recursive: true });
    const [name, ...rest] = from.split("/");
    await cp(join(dirname(require.resolve(`${name}/package.json`)), ...rest), place);
  }
  return target;
}
