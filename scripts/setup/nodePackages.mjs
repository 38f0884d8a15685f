// Step: the npm packages that package-lock.json lists.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./places.mjs";
import { run } from "./run.mjs";
import { explain } from "./setupError.mjs";

/** @type {import("./setup.d.ts").Step} */
export const nodePackages = {
  name: "node packages",
  doing: "npm ci: TensorFlow.js, tslab, plotly and their kin",
  inputs: () => ({
    files: ["package-lock.json", "package.json", "lib/package.json", "course/package.json", "docs/package.json"].map(
      (name) => join(root, name),
    ),
    facts: [process.platform, process.arch],
  }),
  intact: () => whatDiffers() === undefined,
  adopt: true, // someone who ran npm ci by hand need not wait again

  async make({ stop }) {
    // npm itself may be what started us: use the same one.
    const npm = process.env.npm_execpath?.endsWith(".js") ? [process.execPath, process.env.npm_execpath] : ["npm"];
    const args = [
      "ci",
      "--ignore-scripts",
      "--include=dev",
      "--include=optional",
      "--prefer-offline",
      "--no-audit",
      "--no-fund",
    ];
    const patience = ["--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000"];
    const { ok, output } = await run(npm[0], [...npm.slice(1), ...args, ...patience], { stop });
    // On a full disk npm only warns, and leaves files cut short.
    if (!ok || /TAR_ENTRY_ERROR|ENOSPC/.test(output)) throw explain("Installing the npm packages", output);
  },
};

/**
 * Compares what npm says it has installed with the lock file, and looks whether every package's folder is there.
 * @returns the first package that differs, or undefined
 */
export function whatDiffers(folder = root) {
  const read = (name) => JSON.parse(readFileSync(join(folder, name), "utf8")).packages;
  let wanted;
  let have;
  try {
    wanted = read("package-lock.json");
    have = read("node_modules/.package-lock.json");
  } catch {
    return "node_modules";
  }
  return Object.keys(wanted).find((name) => {
    if (name === "" || !name.includes("node_modules/")) return false; // the clone's own packages
    if (!have[name]) return !wanted[name].optional; // made for another system
    const { version, integrity } = have[name];
    const same =
      version === wanted[name].version &&
      (!integrity || !wanted[name].integrity || integrity === wanted[name].integrity);
    return !same || !existsSync(join(folder, name, "package.json"));
  });
}
