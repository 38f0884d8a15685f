// npm run pack [-- FOLDER]: the library as a package for npm, rlhf-lab-VERSION.tgz, in a folder (the current one).
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { callerPath } from "./callerPath.js";
import { root } from "./master/course.js";

/**
 * Packs the library into a folder; returns the tarball's path. It is compiled afresh beside the sources' own build, so
 * that nothing of an older one is in it.
 */
export function pack(folder: string): string {
  const stage = mkdtempSync(join(tmpdir(), "rlhf-lab-pack-"));
  try {
    const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
    const dist = join(stage, "dist");
    const options = ["--outDir", dist, "--tsBuildInfoFile", join(stage, ".tsbuildinfo"), "--sourceMap", "false"];
    execFileSync(process.execPath, [compiler, "-p", "lib", ...options], { cwd: root, stdio: ["ignore", 2, 2] });
    cpSync(join(root, "datasets"), join(stage, "datasets"), { recursive: true });
    cpSync(join(root, "lib", "README.md"), join(stage, "README.md"));
    cpSync(join(root, "LICENSE"), join(stage, "LICENSE"));
    // In the clone it is private, so that nobody publishes a build as it happens to be.
    const { private: _, ...manifest } = JSON.parse(readFileSync(join(root, "lib", "package.json"), "utf8"));
    writeFileSync(join(stage, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
    return npmPack([stage], folder)[0];
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

/** The tarballs of packages that are in folders of their own, in the same order; npm starts once for all of them. */
export function npmPack(from: readonly string[], to: string): string[] {
  mkdirSync(to, { recursive: true });
  const args = ["pack", "--json", "--ignore-scripts", "--pack-destination", to, ...from];
  const said = execFileSync("npm", args, { cwd: to, encoding: "utf8", stdio: ["ignore", "pipe", 2] });
  const packed = JSON.parse(said) as { filename: string }[] | Record<string, { filename: string }>;
  return Object.values(packed).map(({ filename }) => join(to, filename));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(pack(callerPath(process.argv[2] ?? ".")));
