// Tests that `npm test` leaves out, since they want more than set-up makes. Their last line is `N passed, N failed`.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { command } from "../setup/command.mjs";
import { root } from "../setup/places.mjs";
import { setUp } from "../setup.mjs";

/**
 * @param {string[]} args mocha's
 * @param {object} kind
 * @param {string} kind.files which they are, if the arguments name none
 * @param {string[]} [kind.options] more of mocha's
 * @param {(stop: AbortSignal) => { env?: object, skipped?: string } | Promise<{ env?: object, skipped?: string }>}
 *   kind.prepare makes what they want; tells what to add to the environment, or why they are skipped
 */
export async function testApart(args, { files, options = [], prepare }) {
  let counted = false;
  await command(async (stop) => {
    await setUp(stop);
    const { env = {}, skipped } = await prepare(stop);
    if (stop.aborted) return 130;
    if (skipped !== undefined) {
      console.log(`skipped: ${skipped}\n\n0 passed, 0 failed, 1 skipped`);
      counted = true;
      return 0;
    }
    const mocha = spawn(
      process.execPath,
      [
        join(root, "node_modules/mocha/bin/mocha.js"),
        "--no-config", // .mocharc.json names the other tests
        "--require=./scripts/test/typescript.mjs",
        "--reporter=./scripts/test/reporter.cjs",
        ...options,
        ...(args.some((arg) => arg.endsWith(".ts")) ? [] : [files]),
        ...args,
      ],
      { cwd: root, env: { ...process.env, ...env }, stdio: ["ignore", "inherit", "inherit", "ipc"] },
    );
    stop.addEventListener("abort", () => mocha.kill("SIGINT")); // it ends what the tests have started
    mocha.on("message", () => {
      counted = true;
    });
    const code = await new Promise((resolve) => mocha.once("close", resolve));
    return code ?? 1;
  });
  if (!counted) console.log("\n0 passed, 1 failed");
}
