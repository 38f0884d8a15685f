// Step: the project's Python with JupyterLab, in .venv.
import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, venv, venvPython } from "./places.mjs";
import { findPython } from "./python.mjs";
import { run } from "./run.mjs";
import { sentences } from "./sentences.mjs";
import { explain, SetupError } from "./setupError.mjs";

const requirements = join(root, "scripts", "requirements.txt");

/** @type {import("./setup.d.ts").Step<{ folder: string, packages: string[] }>} */
export const virtualEnv = {
  name: "JupyterLab",
  doing: "Python packages in .venv",
  inputs: () => ({ files: [requirements], facts: [root] }), // a moved clone needs a new one: scripts hold its path
  intact: (record) =>
    existsSync(venvPython) && // false also for a link whose Python has gone
    record.packages.every((name) => existsSync(join(venv, record.folder, name))),

  async make({ stop, before, show }) {
    /** @type {NodeJS.ProcessEnv} */
    const env = { ...process.env, PIP_DISABLE_PIP_VERSION_CHECK: "1", PIP_NO_INPUT: "1", PIP_REQUIRE_VIRTUALENV: "0" };
    delete env.PYTHONHOME;
    delete env.PYTHONPATH;
    const fresh = before === "unfinished" || !existsSync(venvPython) || (await moved());
    if (fresh) {
      const python = findPython();
      show.doing("making .venv");
      rmSync(venv, { recursive: true, force: true });
      const { ok, output } = await run(python, ["-m", "venv", venv], { stop, env });
      if (!ok) throw explain("Making the virtual environment .venv", output);
    }
    show.doing("pip install: JupyterLab and its kin in .venv");
    const args = ["-m", "pip", "install", "--prefer-binary", "--progress-bar", "off", "-r", requirements];
    const pip = await run(venvPython, args, { stop, env });
    if (!pip.ok) throw explain("Installing JupyterLab with pip", pip.output);
    const check = await run(venvPython, ["-m", "pip", "check"], { stop, env });
    const starts = await run(venvPython, ["-c", "import jupyterlab, jupyter_client, zmq"], { stop, env });
    if (!check.ok || !starts.ok) throw explain("Checking the Python packages", check.output + starts.output);
    // JupyterLab runs a script below .venv with node, as CommonJS; our own package.json would make it a module.
    writeFileSync(join(venv, "package.json"), '{ "type": "commonjs" }\n');
    return installed();
  },
};

/** Whether .venv was made for another folder: its pip would then install there. */
async function moved() {
  const { output } = await run(venvPython, ["-c", "import sys; print(sys.prefix)"]);
  return output.trim() !== venv;
}

/** What pip installed, as the names of the folders that it wrote last. */
function installed() {
  const lib = process.platform === "win32" ? "Lib" : join("lib", readdirSync(join(venv, "lib"))[0]);
  const folder = join(lib, "site-packages");
  const packages = readdirSync(join(venv, folder)).filter((name) => name.endsWith(".dist-info"));
  if (packages.length === 0) throw new SetupError(sentences.pipDidNothing.say());
  return { folder, packages };
}
