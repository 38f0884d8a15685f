import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root, state } from "../setup/places.mjs";
import { findPython } from "../setup/python.mjs";
import { run } from "../setup/run.mjs";
import { causeOf, explain } from "../setup/setupError.mjs";
import { hash, markUnfinished, readStamp, writeStamp } from "../setup/stamp.mjs";
import { testApart } from "./apart.mjs";

/** @param {string[]} args mocha's */
export function testClass(args) {
  return testApart(args, {
    files: "test/class/*.class.ts",
    options: ["--timeout=900000"],
    prepare: async (stop) => {
      const python = await hubPython(stop);
      return python === undefined
        ? { skipped: "JupyterHub could not be installed (no network)" }
        : { env: { HUB_PYTHON: python } };
    },
  });
}

/**
 * The Python of the hub's own environment, which is made when it is not there. For root, who can try it with real
 * users, it is the system's: a Python in root's home would be no use to them.
 * @returns {Promise<string | undefined>} undefined without a network
 */
async function hubPython(stop) {
  const folder = join(state, "hub");
  const python = join(folder, "bin", "python");
  const requirements = join(root, "course", "jupyter", "hub", "requirements.txt");
  const inputs = hash({ files: [requirements], facts: [root] });
  const stamp = readStamp("hub");
  if (typeof stamp === "object" && stamp.inputs === inputs && existsSync(python)) return python;
  console.error("Installing JupyterHub into .rlhf-lab/hub (about 0.5 GB, once) ...");
  markUnfinished("hub");
  rmSync(folder, { recursive: true, force: true });
  const ofSystem = process.getuid?.() === 0 && existsSync("/usr/bin/python3");
  const chosen = findPython(ofSystem ? { ...process.env, PYTHON: "/usr/bin/python3" } : process.env);
  const steps = [
    [chosen, "-m", "venv", folder],
    [python, "-m", "pip", "install", "--prefer-binary", "--progress-bar", "off", "-r", requirements],
    [python, "-m", "pip", "check"],
  ];
  for (const [program, ...rest] of steps) {
    const { ok, output } = await run(program, rest, { stop });
    if (!ok && causeOf(output) === "network") return undefined;
    if (!ok && !stop.aborted) throw explain("Installing JupyterHub", output);
  }
  if (!stop.aborted) writeStamp("hub", inputs, {});
  return python;
}
