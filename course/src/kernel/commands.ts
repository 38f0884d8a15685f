import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** A process that a cell has started, directly or through another one. */
export interface Command {
  pid: number;
  /** Its process group; a detached command leads its own. */
  group: number;
  /** Seconds since it began. */
  age: number;
}

interface Row extends Command {
  parent: number;
}

/** All processes below this one. An empty list where the system does not tell. */
export function commandsOf(pid: number): Command[] {
  const rows = table();
  const found: Row[] = [];
  for (let parents = [pid]; parents.length > 0; ) {
    const below = rows.filter(({ parent }) => parents.includes(parent));
    for (const row of below) found.push(row);
    parents = below.map((row) => row.pid);
  }
  return found;
}

/** Sends a signal to those that are still there. */
export function signal(commands: readonly Command[], name: NodeJS.Signals): void {
  for (const { pid } of commands) {
    try {
      process.kill(pid, name);
    } catch {
      // It has ended meanwhile, or belongs to another user.
    }
  }
}

function table(): Row[] {
  try {
    return process.platform === "linux" ? fromProc() : fromPs();
  } catch {
    return [];
  }
}

/**
 * /proc/PID/stat, since not every Linux image has ps: fields 4 and 5 are parent and group, 22 the
 * start in ticks after boot.
 */
function fromProc(): Row[] {
  const TICKS = 100;
  const uptime = Number(readFileSync("/proc/uptime", "latin1").split(" ")[0]);
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "latin1");
      // The name in field 2 may hold spaces and brackets.
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      const [parent, group, start] = [fields[1], fields[2], fields[19]].map(Number);
      return [{ pid: Number(name), parent: parent!, group: group!, age: uptime - start! / TICKS }];
    } catch {
      return []; // It has ended while we looked.
    }
  });
}

/** ps, as POSIX has it; the age comes as [[days-]hours:]minutes:seconds. */
export function fromPs(): Row[] {
  const text = execFileSync("ps", ["-A", "-o", "pid=,ppid=,pgid=,etime="], { encoding: "utf8" });
  return text.split("\n").flatMap((line) => {
    const [pid, parent, group, elapsed] = line.trim().split(/\s+/);
    if (elapsed === undefined) return [];
    const [clock, days = "0"] = elapsed.split("-").reverse();
    const seconds = clock!.split(":").reduce((sum, part) => 60 * sum + Number(part), 0);
    return [{ pid: Number(pid), parent: Number(parent), group: Number(group), age: 86_400 * Number(days) + seconds }];
  });
}
