import { basename, dirname, join } from "node:path";
import type { NotebookHost } from "rlhf-lab/core";
import { ProgressFile } from "../progressFile.js";
import { stateFolder } from "../project.js";

/** Where the learner's progress is kept: beside the history, on this machine only. */
export const progressPath = (root: string, env: NodeJS.ProcessEnv = process.env) =>
  join(stateFolder(root, env), "progress.jsonl");

/**
 * The kernel's memory of checks. There is none where nobody learns: RLHF_LAB_PROGRESS=0, or a grader runs the notebook.
 * In a solved notebook (its name comes from JupyterLab) checks are shown but not kept: the answers are ours.
 */
export function progressOf(root: string, env: NodeJS.ProcessEnv = process.env): Pick<NotebookHost, "keep" | "kept"> {
  if (env.RLHF_LAB_PROGRESS === "0" || env.NBGRADER_EXECUTION) return {};
  const file = new ProgressFile(progressPath(root, env));
  const kept = () => file.kept();
  if (basename(dirname(env.JPY_SESSION_NAME ?? "")) === "solutions") return { kept };
  let told: string | undefined;
  const keep: NotebookHost["keep"] = (check) => {
    const trouble = file.keep({ ...check, when: new Date().toISOString() });
    if (trouble === told) return undefined; // once is enough
    told = trouble;
    return trouble;
  };
  return { keep, kept };
}
