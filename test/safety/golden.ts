import { readFileSync } from "node:fs";
import { join } from "node:path";

const all = JSON.parse(readFileSync(join(import.meta.dirname, "../golden/constraints.json"), "utf8")) as Record<
  string,
  unknown
>[];

/** The case whose description begins so. */
export function golden<T>(begins: string): T {
  const found = all.find(({ desc }) => (desc as string).startsWith(begins));
  if (found === undefined) throw new Error(`no golden case "${begins}"`);
  return found as T;
}
