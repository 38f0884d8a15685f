import { spawn } from "node:child_process";
import { join } from "node:path";
import { command } from "../setup/command.mjs";
import { root } from "../setup/places.mjs";
import { setUp } from "../setup.mjs";

/** @param {string[]} args mocha's */
export async function test(args) {
  let counted = false;
  await command(async (stop) => {
    await setUp(stop);
    if (stop.aborted) return 130;
    const mocha = spawn(process.execPath, [join(root, "node_modules/mocha/bin/mocha.js"), ...args], {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    stop.addEventListener("abort", () => mocha.kill("SIGTERM"));
    mocha.on("message", () => {
      counted = true; // the reporter's last words
    });
    const code = await new Promise((resolve) => mocha.once("close", resolve));
    if (!counted && code === 0) counted = true; // --help, --version, --list
    return code ?? 1;
  });
  if (!counted) console.log("\n0 passed, 1 failed"); // the set-up failed, or mocha did not get to its end
}
