// The engine as tfjs-node's own install script gets it: a download from where its makers put it, no compiler needed.
// Many networks block that place, so this must give up soon.
import { cpSync, existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { root, tfjsNode } from "../places.mjs";
import { run } from "../run.mjs";
import { sentences } from "../sentences.mjs";

const STALL = 20_000; // ms without a byte

/**
 * Builds `folder`/deps and `folder`/lib.
 * @returns {Promise<import("./cache.mjs").Failure | undefined>} undefined: done
 */
export async function installOfficially(folder, { stop, show }) {
  show.doing("downloading TensorFlow with tfjs-node's own script");
  const deps = join(tfjsNode, "deps");
  const lib = join(tfjsNode, "lib");
  rmSync(deps, { recursive: true, force: true });
  rmSync(lib, { recursive: true, force: true });

  const stalled = new AbortController();
  let size = -1;
  let since = performance.now();
  const watch = setInterval(() => {
    const now = sizeOf(deps) + sizeOf(lib);
    if (now !== size) [size, since] = [now, performance.now()];
    if (performance.now() - since > STALL) stalled.abort();
  }, 1000);
  const path = [join(root, "node_modules", ".bin"), process.env.PATH].join(delimiter);
  const { ok, output } = await run(process.execPath, ["scripts/install.js"], {
    cwd: tfjsNode,
    env: { ...process.env, PATH: path },
    stop: AbortSignal.any([stop, stalled.signal]),
    limit: 600_000,
  });
  clearInterval(watch);
  const made =
    existsSync(lib) && readdirSync(lib, { recursive: true }).some((name) => name.endsWith("tfjs_binding.node"));
  if (ok && made) {
    cpSync(deps, join(folder, "deps"), { recursive: true, verbatimSymlinks: true });
    cpSync(lib, join(folder, "lib"), { recursive: true, verbatimSymlinks: true });
  }
  rmSync(deps, { recursive: true, force: true });
  rmSync(lib, { recursive: true, force: true });
  if (ok && made) return undefined;
  const lines = output.trim().split("\n");
  const last = (lines.find((line) => /error:/i.test(line)) ?? lines.at(-1) ?? "").slice(0, 200);
  return {
    why: sentences.officialFailed.say(stalled.signal.aborted ? "its download did not move" : last),
  };
}

function sizeOf(folder) {
  if (!existsSync(folder)) return 0;
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.reduce(
    (sum, entry) => sum + (statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}
