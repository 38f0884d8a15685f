// Where things are. Everything that set-up makes lies in the clone, apart from the cache of the built engine.
import { accessSync, constants, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/[\\/]$/, "");

/** Our own folder in the clone, ignored by git: stamps, the log, Jupyter's files. */
export const state = join(root, ".rlhf-lab");
export const logFile = join(state, "setup.log");
export const venv = join(root, ".venv");
export const venvPython =
  process.platform === "win32" ? join(venv, "Scripts", "python.exe") : join(venv, "bin", "python");
export const tfjsNode = join(root, "node_modules", "@tensorflow", "tfjs-node");

/** The user's cache folder for the built engine; RLHF_LAB_CACHE moves it. In the clone when it cannot be written. */
export function cacheFolder(env = process.env) {
  const wanted = env.RLHF_LAB_CACHE || join(userCache(env), "rlhf-lab");
  try {
    mkdirSync(wanted, { recursive: true });
    accessSync(wanted, constants.W_OK);
    return wanted;
  } catch {
    return join(state, "cache");
  }
}

function userCache(env) {
  if (env.XDG_CACHE_HOME) return env.XDG_CACHE_HOME;
  return process.platform === "darwin" ? join(homedir(), "Library", "Caches") : join(homedir(), ".cache");
}
