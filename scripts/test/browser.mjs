import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { SetupError } from "../setup/setupError.mjs";
import { testApart } from "./apart.mjs";

/** @param {string[]} args mocha's */
export function testBrowser(args) {
  return testApart(args, {
    files: "test/e2e/*.browser.ts",
    prepare: () => {
      installChromium();
      return {};
    },
  });
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
