import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { command } from "../setup/command.mjs";
import { root } from "../setup/places.mjs";
import { SetupError } from "../setup/setupError.mjs";
import { setUp } from "../setup.mjs";

/** @param {string[]} args mocha's */
export async function testBrowser(args) {
  let counted = false;
  await command(async (stop) => {
    await setUp(stop);
    installChromium();
    if (stop.aborted) return 130;
    const mocha = spawn(
      process.execPath,
      [
        join(root, "node_modules/mocha/bin/mocha.js"),
        "--no-config", // .mocharc.json names the other tests
        "--require=tsx",
        "--reporter=./scripts/test/reporter.cjs",
        ...(args.some((arg) => arg.endsWith(".ts")) ? [] : ["test/e2e/*.browser.ts"]),
        ...args,
      ],
      { cwd: root, stdio: ["ignore", "inherit", "inherit", "ipc"] },
    );
    stop.addEventListener("abort", () => mocha.kill("SIGINT")); // it ends JupyterLab and the browser
    mocha.on("message", () => {
      counted = true;
    });
    const code = await new Promise((resolve) => mocha.once("close", resolve));
    return code ?? 1;
  });
  if (!counted) console.log("\n0 passed, 1 failed");
}

/** Where a Chromium is looked for; test/e2e/browser.ts looks in the same places. */
const places = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** @throws SetupError if there is no Chromium and it cannot be installed */
function installChromium() {
  if (places.some((place) => place && existsSync(place))) return;
  const missing =
    "No Chromium found: install it (on Debian: apt-get install chromium), or name one in the variable CHROMIUM.";
  if (spawnSync("apt-get", ["--version"]).status !== 0) throw new SetupError(missing);
  console.error("Installing Chromium with apt-get ...");
  const asRoot = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  let output = "";
  for (const step of [["update"], ["install", "-y", "--no-install-recommends", "chromium"]]) {
    const [program, ...rest] = [...asRoot, "apt-get", ...step];
    const { status, stdout, stderr } = spawnSync(program, rest, { encoding: "utf8", env });
    output += `${stdout ?? ""}${stderr ?? ""}`;
    if (status !== 0 && step[0] === "install") throw new SetupError(missing, output);
  }
}
