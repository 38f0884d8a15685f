// Real users of the system for a test, removed after it. Only root can make them.
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";

export const isRoot = process.getuid?.() === 0;

/** The Python with JupyterHub; scripts/test/class.mjs makes it. */
export const hubPython = process.env.HUB_PYTHON ?? "";

/** Whether users other than root may use what lies in a folder. */
export function openToAll(folder: string): boolean {
  for (let place = folder; ; place = dirname(place)) {
    const found = spawnSync("stat", ["-c", "%a", place], { encoding: "utf8" }).stdout.trim();
    if (!/[157]$/.test(found)) return false;
    if (dirname(place) === place) return true;
  }
}

/** A user with a home below a folder. */
export class User {
  readonly home: string;
  constructor(
    readonly name: string,
    homes: string,
  ) {
    this.home = join(homes, name);
    must("useradd", "--create-home", "--home-dir", this.home, "--shell", "/bin/sh", name);
  }

  /** Runs a program as this user, in their home and with this environment alone. */
  run(program: string, args: string[], env: Record<string, string>) {
    const all = { ...env, HOME: this.home, USER: this.name };
    const settings = Object.entries(all).map(([name, value]) => `${name}=${value}`);
    const command = ["-u", this.name, "--", "env", "-i", ...settings, program, ...args];
    return spawnSync("runuser", command, { cwd: this.home, encoding: "utf8" });
  }

  /** With what the user still runs. */
  remove(): void {
    const own = spawnSync("ps", ["-u", this.name, "-o", "pid="], { encoding: "utf8" }).stdout.trim();
    for (const pid of own.split(/\s+/).filter(Boolean)) spawnSync("kill", ["-KILL", pid]);
    must("userdel", "--force", this.name);
  }
}

function must(program: string, ...args: string[]): void {
  const { status, stderr, error } = spawnSync(program, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}: ${stderr || error?.message}`);
}
