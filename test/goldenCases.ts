import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Finds the case of a file of test/golden whose description begins so. */
export function goldenCases(file: string): <T>(begins: string) => T {
  const text = readFileSync(join(import.meta.dirname, "golden", file), "utf8");
  const all = JSON.parse(text) as Record<string, unknown>[];
  return <T>(begins: string) => {
    const found = all.find(({ desc }) => (desc as string).startsWith(begins));
    if (found === undefined) throw new Error(`no golden case "${begins}" in ${file}`);
    return found as T;
  };
}
