// Runs a command and ends it when whoever started it is gone, however it went: even after kill -9 the parent's end of
// our stdin closes. So a killed set-up leaves no npm, pip or JupyterLab behind that would disturb the next one.
// usage: node guard.mjs COMMAND ARGUMENT...
import { spawn } from "node:child_process";

const GRACE = 10_000; // ms between asking and killing

const [command, ...args] = process.argv.slice(2);
const child = spawn(command, args, { stdio: ["ignore", "inherit", "inherit"], detached: true });
let stopping = false;

function stop() {
  if (stopping) return;
  stopping = true;
  signalGroup("SIGTERM");
  setTimeout(() => signalGroup("SIGKILL"), GRACE).unref();
}

function signalGroup(signal) {
  try {
    if (child.pid) process.kill(-child.pid, signal);
  } catch {
    // already gone
  }
}

child.on("error", (error) => {
  console.error(`${command}: ${error.message}`);
  process.exit(127);
});
child.on("exit", (code) => process.exit(code ?? 1));
process.stdin.on("end", stop).on("error", stop).resume();
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) process.on(signal, stop);
