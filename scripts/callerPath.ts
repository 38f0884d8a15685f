import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/** A path as the user meant it: npm runs scripts in the project's root and tells in INIT_CWD where it was called. */
export function callerPath(path: string): string {
  const caller = process.env.INIT_CWD;
  const byNpm = caller !== undefined && process.cwd() === resolve(root);
  return resolve(byNpm ? caller : process.cwd(), path);
}
