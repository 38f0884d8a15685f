// The library's reference (docs/reference.mjs), kept in .rlhf-lab/reference and made again only when the library has
// changed.
import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../master/course.js";
import { hash } from "../setup/stamp.mjs";

const kept = join(root, ".rlhf-lab", "reference");
const program = join(root, "docs", "reference.mjs");
const inputs = [
  "lib/src",
  "lib/package.json",
  "lib/README.md",
  "docs/package.json",
  "docs/reference.mjs",
  "docs/reference.css",
];

/**
 * Copies the reference to `site`/api. Returns name -> page, seen from the site's folder: "bradleyTerry.fit" ->
 * "api/functions/...".
 * @throws Error with typedoc's words
 */
export async function copyReference(site: string): Promise<Map<string, string>> {
  const key = hash({ files: inputs.map((path) => join(root, path)) });
  const stamp = join(kept, "key");
  if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== key) await make(key);
  cpSync(kept, join(site, "api"), { recursive: true, filter: (path) => path !== stamp });
  const names = JSON.parse(readFileSync(join(kept, "names.json"), "utf8")) as Record<string, string>;
  return new Map(Object.entries(names).map(([name, page]) => [name, `api/${page}`]));
}

async function make(key: string): Promise<void> {
  const folder = `${kept}.${process.pid}`;
  const child = spawn(process.execPath, [program, folder], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (said += data));
  const code = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
  if (code !== 0) throw new Error(`typedoc could not write the library's reference:\n${said.trim()}`);
  writeFileSync(join(folder, "key"), key);
  mkdirSync(join(kept, ".."), { recursive: true });
  rmSync(kept, { recursive: true, force: true });
  renameSync(folder, kept);
}
