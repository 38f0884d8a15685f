import { spawn } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { command } from "../setup/command.mjs";
import { root, state } from "../setup/places.mjs";
import { findPython } from "../setup/python.mjs";
import { run } from "../setup/run.mjs";
import { causeOf, explain } from "../setup/setupError.mjs";
import { hash, markUnfinished, readStamp, writeStamp } from "../setup/stamp.mjs";
import { setUp } from "../setup.mjs";

/** @param {string[]} args mocha's */
export async function testClass(args) {
  let counted = false;
  await command(async (stop) => {
    await setUp(stop);
    const python = await hubPython(stop);
    if (stop.aborted) return 130;
    if (python === undefined) {
      console.log("skipped: JupyterHub could not be installed (no network)\n\n0 passed, 0 failed, 1 skipped");
      counted = true;
      return 0;
    }
    const mocha = spawn(
      process.execPath,
      [
        join(root, "node_modules/mocha/bin/mocha.js"),
        "--no-config", // .mocharc.json names the other tests
        "--require=tsx",
        "--reporter=./scripts/test/reporter.cjs",
        "--timeout=900000",
        ...(args.some((arg) => arg.endsWith(".ts")) ? [] : ["test/class/*.class.ts"]),
        ...args,
      ],
      { cwd: root, env: { ...process.env, HUB_PYTHON: python }, stdio: ["ignore", "inherit", "inherit", "ipc"] },
    );
    stop.addEventListener("abort", () => mocha.kill("SIGINT")); // it ends the hub and removes its users
    mocha.on("message", () => {
      counted = true;
    });
    const code = await new Promise((resolve) => mocha.once("close", resolve));
    return code ?? 1;
  });
  if (!counted) console.log("\n0 passed, 1 failed");
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
