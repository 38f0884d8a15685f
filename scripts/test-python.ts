// npm run test:python: the tests of our exports that need the real packages (torch, transformers, datasets,
// TRL), which it installs as the bench does: about 700 MB, once. Where they cannot be installed the tests are
// skipped, and it says why.
import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const TESTS = ["test/export", "test/models/gpt2.test.ts"];
const INSTALL_MINUTES = 8;

/** Runs Node in a process group of its own, so that pip ends with it; undefined when it had to be ended. */
function node(args: string[], minutes = Number.POSITIVE_INFINITY): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"], detached: true });
    let late = false;
    const stop = () => process.kill(-(child.pid as number), "SIGTERM");
    const timer = Number.isFinite(minutes)
      ? setTimeout(() => {
          late = true;
          stop();
        }, minutes * 60_000)
      : undefined;
    const signals = ["SIGINT", "SIGTERM"] as const;
    for (const signal of signals) process.once(signal, stop);
    child.once("error", reject);
    child.once("close", (code) => {
      clearTimeout(timer);
      for (const signal of signals) process.removeListener(signal, stop);
      resolve(late ? undefined : (code ?? 1));
    });
  });
}

const install = `import { benchPython } from "./bench/harness.js"; await benchPython("rlhf");`;
const installed = await node(["--import", "tsx", "--input-type=module", "-e", install], INSTALL_MINUTES);
if (installed !== 0) {
  const why = installed === undefined ? `that took more than ${INSTALL_MINUTES} minutes` : "see above";
  console.log(`skipped: the packages could not be installed (${why})\n\n0 passed, 0 failed, 1 skipped`);
} else {
  process.env.RLHF_LAB_TEST_PYTHON = "1";
  process.exitCode = await node([join(root, "node_modules/mocha/bin/mocha.js"), "--parallel=false", ...TESTS]);
}
