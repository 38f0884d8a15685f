// How the project's own JupyterLab is run: everything it reads and writes lies in the clone,
// nothing in the home folder.
import { delimiter, dirname, join } from "node:path";
import { root, state, venv, venvPython } from "./places.mjs";

const ours = join(state, "jupyter");
export const runtimeFolder = join(ours, "runtime");

/** The environment for anything of Jupyter. */
export function jupyterEnvironment(env = process.env) {
  return {
    ...env,
    PATH: [dirname(venvPython), dirname(process.execPath), env.PATH].join(delimiter), // kernels run this same Node
    VIRTUAL_ENV: venv,
    PYTHONNOUSERSITE: "1",
    JUPYTER_CONFIG_PATH: join(root, "course", "jupyter", "config"), // ours, under version control
    JUPYTER_CONFIG_DIR: join(ours, "config"), // what the learner changes in the settings
    JUPYTER_DATA_DIR: join(ours, "data"),
    JUPYTER_RUNTIME_DIR: runtimeFolder,
    JUPYTERLAB_SETTINGS_DIR: join(ours, "settings"),
    JUPYTERLAB_WORKSPACES_DIR: join(ours, "workspaces"),
    JUPYTER_PREFER_ENV_PATH: "1",
    JUPYTER_PLATFORM_DIRS: "0",
    IPYTHONDIR: join(ours, "ipython"),
  };
}

/** Where JupyterLab shows a file of its folder. */
export const page = (file) => `lab/tree/${encodeURIComponent(file)}`;

/** Only this machine may ask, unless the flags name an address: JupyterLab takes one, and a container needs 0.0.0.0. */
export function loopback(flags) {
  return flags.some((flag) => /^--(ServerApp\.)?ip(=|$)/.test(flag)) ? [] : ["--ServerApp.ip=127.0.0.1"];
}

/**
 * Command and arguments that start JupyterLab on a learner's folder; `more` are the learner's own flags, which win.
 * @param {string[]} more
 * @param {{ folder: string, welcome: string }} desk the folder, and the page in it to open
 * @returns {[command: string, args: string[]]}
 */
export function jupyterLab(more, { folder, welcome }) {
  const asRoot = process.getuid?.() === 0 ? ["--allow-root"] : []; // in a container there is often only root
  return [
    venvPython,
    [
      "-m",
      "jupyterlab",
      ...loopback(more),
      `--ServerApp.root_dir=${folder}`,
      `--LabApp.default_url=/${page(welcome)}`,
      ...asRoot,
      ...more,
    ],
  ];
}
