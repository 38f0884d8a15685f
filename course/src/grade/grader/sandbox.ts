import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";

/**
 * Where runners live: a folder with a copy of the compiled library and course (without checks), the datasets, and
 * links to the packages that these import. Plain data, so that it can be sent to the judges.
 */
export interface Sandbox {
  /** A temporary folder that holds everything; removed at the end. */
  home: string;
  /** The runners' working directory, read-only to them, laid out like the project. */
  lab: string;
  /** What Node's permission model lets runners read. */
  readable: string[];
  /** The real folders with packages. */
  packages: string;
  /** Folders of TensorFlow's engine that set-up keeps in a cache and links to. */
  engine: string[];
  /** Linux namespaces: a file system of their own, no network, no other processes. */
  namespaces: boolean;
}

export interface Limits {
  /** Megabytes for one runner: half of it for JavaScript's heap. */
  memory: number;
  /** Processor seconds after which the operating system ends a runner, whatever happens to us. */
  cpu: number;
  /** Whether native code may be loaded (TensorFlow). Inside namespaces it always may. */
  addons: boolean;
}

/** A sandbox's folder tells whose it is: the process that grades. */
const PREFIX = "rlhf-lab-grade-";

/** Removes what graders left behind that were killed before they could tidy up. */
function removeLeftovers(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = Number(new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1]);
    const place = join(tmpdir(), name);
    try {
      if (pid > 0 && !isAlive(pid) && statSync(place).uid === process.getuid?.()) {
        rmSync(place, { recursive: true, force: true });
      }
    } catch {
      // Somebody else was quicker.
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/**
 * Prepares the sandbox for one run of the grader.
 * @param root the project's root, with lib/dist and course/dist built
 */
export function prepareSandbox(root: string): Sandbox {
  removeLeftovers();
  const home = realpathSync(mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`)));
  const lab = join(home, "lab");
  mkdirSync(join(lab, "node_modules"), { recursive: true });
  for (const [name, folder] of [
    ["rlhf-lab", "lib"],
    ["rlhf-lab-course", "course"],
  ]) {
    const filter = (from: string) => isForRunners(relative(root, from));
    cpSync(join(root, folder, "dist"), join(lab, folder, "dist"), { recursive: true, filter });
    cpSync(join(root, folder, "package.json"), join(lab, folder, "package.json"));
    symlinkSync(join("..", folder), join(lab, "node_modules", name));
  }
  const datasets = "datasets";
  if (existsSync(join(root, datasets))) cpSync(join(root, datasets), join(lab, datasets), { recursive: true });
  cpSync(join(root, "package.json"), join(lab, "package.json"));
  const packages = join(realpathSync(root), "node_modules");
  const dependencies = ["lib", "course"].flatMap((folder) =>
    Object.keys(JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")).dependencies),
  );
  for (const name of dependencies.filter((one) => !existsSync(join(lab, "node_modules", one)))) {
    const link = join(lab, "node_modules", name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(packages, name), link);
  }
  // Node's permission model follows symbolic links out of an allowed folder, and node_modules holds one to our sources.
  const folders = readdirSync(packages).filter(
    (name) => !name.startsWith(".") && lstatSync(join(packages, name)).isDirectory(),
  );
  const readable = [join(lab, "*"), ...folders.map((name) => join(packages, name, "*"))];
  const engine = ["lib", "deps"]
    .map((name) => join(packages, "@tensorflow", "tfjs-node", name))
    .filter((path) => existsSync(path))
    .map((path) => realpathSync(path))
    .filter((path) => !path.startsWith(packages));
  for (const path of engine) readable.push(join(path, "*"));
  mkdirSync(join(home, "root"));
  const sandbox = { home, lab, readable, packages, engine, namespaces: false };
  return { ...sandbox, namespaces: namespacesWork({ ...sandbox, namespaces: true }) };
}

/** The checks stay away from runners; of the grader they get what a runner consists of. */
function isForRunners(path: string): boolean {
  if (/\.(map|d\.ts|tsbuildinfo)$/.test(path)) return false;
  if (/^course[\\/]dist[\\/](lessons|src[\\/]kernel)$/.test(path)) return false;
  const [, file] = /^course[\\/]dist[\\/]src[\\/]grade[\\/]grader[\\/](.+)$/.exec(path) ?? [];
  return file === undefined || ["runner.js", "frames.js", "doors.js", "host.js"].includes(file);
}

/** Removes the sandbox's folder. */
export function removeSandbox(sandbox: Sandbox): void {
  rmSync(sandbox.home, { recursive: true, force: true });
}

/** What is in force, in sentences for the report; `weak` names what is not to be had here. */
export function protections(sandbox: Sandbox): { strong: string[]; weak: string[] } {
  const strong = [
    "each submission runs in a process of its own, and the checks in another",
    "Node's permission model: no other files, no programs, no threads",
    "limits on time, memory, output, file size and processor seconds",
  ];
  const weak: string[] = [];
  if (sandbox.namespaces) {
    strong.push(
      "Linux namespaces: no network, no other processes, a file system of their own that only holds the library",
    );
  } else {
    const root = process.getuid?.() === 0 ? "; and as the grader runs as root, so does learners' code" : "";
    weak.push(
      "no Linux namespaces here: the network is only closed to Node's own modules, lessons that need TensorFlow could " +
        `load native code, and a learner's temporary files may fill the disk${root}`,
    );
  }
  return { strong, weak };
}

/**
 * Starts a runner. File descriptor 3 is the channel; standard output and error are the learner's. Descriptor 4 is a
 * pipe that we only hold: when we are gone, however that came, it closes, and the whole group of processes ends.
 */
export function startRunner(sandbox: Sandbox, limits: Limits): { child: ChildProcess; remove: () => void } {
  const work = sandbox.namespaces ? join(sandbox.home, "work") : mkdtempSync(join(sandbox.home, "work-"));
  const command = commandLine(sandbox, limits, work, runnerArguments(sandbox, limits, work));
  const child = spawn("/bin/sh", ["-c", LIFELINE, "sh", ...command], {
    cwd: sandbox.lab,
    stdio: ["ignore", "pipe", "pipe", "pipe", "pipe"],
    env: environment(work),
    detached: true,
  });
  return {
    child,
    remove: () => {
      if (!sandbox.namespaces) rmSync(work, { recursive: true, force: true });
    },
  };
}

const LIFELINE = '(cat <&4 >/dev/null 2>&1; kill -s KILL -- -$$) 3<&- >/dev/null 2>&1 & exec 4<&-; exec "$@"';

function runnerArguments(sandbox: Sandbox, limits: Limits, work: string): string[] {
  const [major, minor] = process.versions.node.split(".").map(Number);
  const permission = major > 23 || (major === 23 && minor >= 5) ? "--permission" : "--experimental-permission";
  return [
    "--no-warnings",
    permission,
    ...sandbox.readable.map((path) => `--allow-fs-read=${path}`),
    `--allow-fs-read=${join(work, "*")}`,
    `--allow-fs-write=${join(work, "*")}`,
    ...(sandbox.namespaces || limits.addons ? ["--allow-addons"] : []),
    `--max-old-space-size=${Math.round(limits.memory / 2)}`,
    join(sandbox.lab, "course", "dist", "src", "grade", "grader", "runner.js"),
  ];
}

/** The environment of a runner: nothing of ours. */
export function environment(work: string): NodeJS.ProcessEnv {
  const path = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";
  return { PATH: path, HOME: work, TMPDIR: work, LANG: "C.UTF-8", TZ: "UTC", TF_CPP_MIN_LOG_LEVEL: "2" };
}

/** Bytes that a runner may write into one file. */
const MAX_FILE = 64 * 2 ** 20;

/** The command that runs Node inside the limits and, if there are any, the namespaces. */
export function commandLine(sandbox: Sandbox, limits: Limits, work: string, nodeArguments: string[]): string[] {
  const node = [process.execPath, ...nodeArguments];
  // ulimit counts kilobytes for memory and blocks of 512 bytes for files. A limit that a system
  // does not know is skipped.
  const limit = [
    "ulimit -c 0",
    `ulimit -d ${Math.round((limits.memory + 512) * 1024)}`,
    `ulimit -f ${MAX_FILE / 512}`,
    // First SIGXCPU, which tells why; then the end.
    `ulimit -H -t ${Math.ceil(limits.cpu) + 5}`,
    `ulimit -S -t ${Math.ceil(limits.cpu)}`,
  ]
    .map((command) => `${command} 2>/dev/null || true`)
    .join("; ");
  if (!sandbox.namespaces) return ["/bin/sh", "-c", `${limit}; exec "$@"`, "sh", ...node];
  const script = `${limit}; ${namespaceScript(sandbox, work)}`;
  const own = ["--user", "--map-root-user", "--net", "--mount", "--pid", "--ipc", "--uts", "--fork", "--kill-child"];
  return ["unshare", ...own, "/bin/sh", "-ec", script, "sh", ...node];
}

/**
 * Builds a root that holds the system's libraries, Node, the packages and the lab, all read-only, and an empty working
 * folder in memory; then drops every capability and runs Node ("$@"). A shell stays as the first process of the
 * namespace, because an abort of the first process would not be seen as one.
 */
function namespaceScript(sandbox: Sandbox, work: string): string {
  const root = join(sandbox.home, "root");
  const system = ["/usr", "/bin", "/sbin", "/lib", "/lib64"].filter((path) => existsSync(path));
  const prefix = dirname(dirname(process.execPath));
  const own = [sandbox.packages, sandbox.lab, ...sandbox.engine, ...(prefix.startsWith("/usr") ? [] : [prefix])];
  const q = (path: string) => `'${path.replaceAll("'", "'\\''")}'`;
  const links = system.filter((path) => lstatSync(path).isSymbolicLink());
  const shown = [...system.filter((path) => !links.includes(path)), ...own];
  return [
    `mount -t tmpfs -o size=1m,mode=755 tmpfs ${q(root)}`,
    `mkdir -p ${[...shown, work].map((path) => q(root + path)).join(" ")}`,
    ...(links.length > 0 ? [`cp -P ${links.map(q).join(" ")} ${q(root)}`] : []),
    // A file system that is mounted noexec outside may not lose that here.
    'show() { mount -o bind,ro,nosuid,nodev "$1" "$2" 2>/dev/null || mount -o bind,ro,nosuid,nodev,noexec "$1" "$2"; }',
    ...shown.map((path) => `show ${q(path)} ${q(root + path)}`),
    // A /proc of its own processes; where a container forbids that, only what TensorFlow needs: its program's path.
    `mkdir ${q(`${root}/proc`)}; mount -t proc -o ro,nosuid,nodev,noexec proc ${q(`${root}/proc`)} 2>/dev/null ||` +
      ` { mkdir -p ${q(`${root}/proc/self`)}; ln -s ${q(process.execPath)} ${q(`${root}/proc/self/exe`)}; }`,
    `mkdir ${q(`${root}/dev`)}; for d in null zero random urandom; do : > ${q(root)}/dev/$d; mount --bind /dev/$d ${q(root)}/dev/$d; done`,
    `mount -t tmpfs -o size=64m,nr_inodes=10k,mode=700 tmpfs ${q(root + work)}`,
    `mount -o remount,bind,ro,nosuid,nodev ${q(root)}`,
    `exec chroot ${q(root)} /bin/sh -ec 'cd "$0"; exec setpriv --no-new-privs --inh-caps=-all --bounding-set=-all /bin/sh -c "\\"\\$@\\"; exit \\$?" sh "$@"' ${q(sandbox.lab)} "$@"`,
  ].join("\n");
}

function namespacesWork(sandbox: Sandbox): boolean {
  if (process.platform !== "linux") return false;
  const work = join(sandbox.home, "work");
  const limits = { memory: 1024, cpu: 10, addons: false };
  try {
    const [command, ...args] = commandLine(sandbox, limits, work, ["-p", "6 * 7"]);
    const said = execFileSync(command, args, {
      env: environment(work),
      stdio: ["ignore", "pipe", "ignore"],
      timeout: 10000,
    });
    return said.toString().trim() === "42";
  } catch {
    return false;
  }
}
