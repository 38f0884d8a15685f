import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder that everything in a notebook is relative to: the one whose package.json has our workspace. */
export function projectRoot(from = dirname(fileURLToPath(import.meta.url))): string {
  for (let folder = from; ; folder = dirname(folder)) {
    const manifest = join(folder, "package.json");
    if (existsSync(manifest) && JSON.parse(readFileSync(manifest, "utf8")).workspaces !== undefined) return folder;
    if (dirname(folder) === folder) {
      throw new Error(`No package.json with workspaces above ${from}: the kernel has been moved out of its project`);
    }
  }
}

/**
 * The folder for what outlives a session, such as the history: RLHF_LAB_STATE, else the project's .rlhf-lab, else,
 * where several people share a project that they may only read, one of the user's own.
 */
export function stateFolder(root: string, env: NodeJS.ProcessEnv = process.env): string {
  if (env.RLHF_LAB_STATE) return env.RLHF_LAB_STATE;
  const own = join(root, ".rlhf-lab");
  if (writable(existsSync(own) ? own : root)) return own;
  return join(env.XDG_STATE_HOME || join(env.HOME || homedir(), ".local", "state"), "rlhf-lab");
}

/**
 * The learner's own copies of the lessons: RLHF_LAB_NOTEBOOKS, else the project's my-notebooks, else, where they may
 * only read the project, a folder in their home.
 */
export function learnersFolder(root: string, env: NodeJS.ProcessEnv = process.env): string {
  if (env.RLHF_LAB_NOTEBOOKS) return env.RLHF_LAB_NOTEBOOKS;
  const own = join(root, "my-notebooks");
  return writable(existsSync(own) ? own : root) ? own : join(env.HOME || homedir(), "rlhf-lab-notebooks");
}

function writable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
