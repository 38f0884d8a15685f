// Finds a Python that can make the virtual environment.
import { spawnSync } from "node:child_process";
import { sentences } from "./sentences.mjs";
import { SetupError } from "./setupError.mjs";

const LEAST = [3, 10];
const NAMES = ["python3", "python", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10"];
const PROBE = `
import sys
try:
    import venv, ensurepip; has = 1
except ImportError: has = 0
print(sys.version_info[0], sys.version_info[1], has)`;

/**
 * The first suitable Python on the PATH, or the one that the environment variable PYTHON names.
 * @throws SetupError if there is none: missing, too old, or without venv
 */
export function findPython(env = process.env) {
  const seen = [];
  for (const name of env.PYTHON ? [env.PYTHON] : NAMES) {
    const { status, stdout } = spawnSync(name, ["-c", PROBE], { env, encoding: "utf8", timeout: 20_000 });
    if (status !== 0) continue;
    const [major, minor, hasVenv] = stdout.trim().split(" ").map(Number);
    const recent = major > LEAST[0] || (major === LEAST[0] && minor >= LEAST[1]);
    if (recent && hasVenv) return name;
    seen.push({ name, version: `${major}.${minor}`, recent });
  }
  throw new SetupError(whatIsMissing(seen, env));
}

function whatIsMissing(seen, env) {
  const least = LEAST.join(".");
  const bare = seen.find((found) => found.recent);
  if (bare) {
    return sentences.noVenv.say(bare.version);
  }
  if (seen.length > 0) {
    return sentences.oldPython.say(least, seen[0].name, seen[0].version);
  }
  const where = env.PYTHON ? `PYTHON=${env.PYTHON} does not run` : "there is none on the PATH";
  return sentences.noPython.say(least, where);
}
