import { type ExecFileOptions, execFile } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { snapshotPlace, V8_FLAGS } from "./place.js";

const node = (args: string[], options: ExecFileOptions) => promisify(execFile)(process.execPath, args, options);
const BUILD = new URL("./build.cjs", import.meta.url);

/**
 * Makes the snapshot that kernels start from, in a few seconds; a kernel that starts meanwhile does without it.
 * Returns its path.
 * @throws Error with what Node said if it cannot be made
 */
export async function makeSnapshot(root: string): Promise<string> {
  const place = snapshotPlace(root);
  const own = `${place}.${process.pid}`;
  const script = `${own}.cjs`;
  mkdirSync(dirname(place), { recursive: true });
  try {
    // Node runs it as a script, not as a module.
    writeFileSync(script, `const exports = {};\n${readFileSync(BUILD, "utf8")}`);
    const { NODE_OPTIONS: _, ...env } = process.env;
    const args = [...V8_FLAGS, "--no-warnings", "--snapshot-blob", own, "--build-snapshot", script];
    await node(args, { cwd: root, env });
    // One that does not start would cost every kernel a start that fails.
    writeFileSync(script, "");
    await node([...V8_FLAGS, "--snapshot-blob", own, script], { cwd: root, env });
    renameSync(own, place);
    return place;
  } finally {
    for (const path of [own, script]) rmSync(path, { force: true });
  }
}
