import { execFileSync } from "node:child_process";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
let done = false;

/** Compiles lib and course as `npm run build` does, once for all test files of a process. */
export function built(): void {
  if (done) return;
  done = true;
  const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
  try {
    execFileSync(process.execPath, [compiler, "-b", "course"], { cwd: root, stdio: "ignore" });
  } catch {
    // A mistake elsewhere is another test's business; the compiler has written what it could.
  }
}
