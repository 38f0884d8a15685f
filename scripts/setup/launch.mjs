// Starts JupyterLab, says where it is, and ends it with its kernels on Ctrl-C.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setUp } from "../setup.mjs";
import { command } from "./command.mjs";
import { layOutDesk } from "./desk.mjs";
import { jupyterEnvironment, jupyterLab, page, runtimeFolder } from "./jupyter.mjs";
import { root, state } from "./places.mjs";
import { sentences } from "./sentences.mjs";
import { causeOf, explain, SetupError } from "./setupError.mjs";

const GUARD = fileURLToPath(new URL("guard.mjs", import.meta.url));

/** @param {string[]} flags JupyterLab's, as in ["--no-browser", "--port", "8899"] */
export function launch(flags) {
  return command(async (stop) => {
    const port = wantedPort(flags);
    if (port) await mustBeFree(port);
    await setUp(stop);
    if (!stop.aborted) return run(flags, port, stop, await layOutDesk());
  });
}

/** The port that the learner asks for, if any: then no other will do. */
export function wantedPort(flags) {
  const at = flags.findIndex((flag) => /^--(ServerApp\.)?port(=|$)/.test(flag));
  if (at < 0) return undefined;
  const text = flags[at].split("=")[1] ?? flags[at + 1];
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new SetupError(sentences.badPort.say(text));
  }
  return port;
}

/** @throws SetupError if nobody could listen there */
export async function mustBeFree(port) {
  const server = createServer().listen(port, "127.0.0.1");
  const error = await once(server, "listening").then(
    () => void server.close(),
    (reason) => reason,
  );
  if (error?.code === "EADDRINUSE") {
    throw new SetupError(sentences.portInUse.say(port));
  }
  if (error) throw new SetupError(sentences.portRefused.say(port, error.code));
}

async function run(flags, port, stop, desk) {
  mkdirSync(runtimeFolder, { recursive: true, mode: 0o700 });
  const strict = port ? ["--ServerApp.port_retries=0"] : [];
  const [python, args] = jupyterLab([...strict, ...flags], desk);
  const since = Date.now();
  const jupyter = spawn(process.execPath, [GUARD, python, ...args], {
    cwd: root,
    env: jupyterEnvironment(),
    stdio: ["pipe", "inherit", "pipe"],
    detached: true, // Ctrl-C reaches us alone, and we end Jupyter in order
  });
  const file = createWriteStream(join(state, "jupyter.log")).on("error", () => {}); // Jupyter will say what is wrong
  let output = "";
  jupyter.stderr.on("data", (chunk) => {
    output = (output + chunk).slice(-4000);
    file.write(chunk);
  });
  jupyter.stdin.on("error", () => {});
  stop.addEventListener("abort", () => {
    console.log("\nStopping JupyterLab and its kernels ...");
    jupyter.stdin.end();
  });
  const announcing = setInterval(() => {
    const address = addressSince(since, desk.welcome);
    if (!address) return;
    clearInterval(announcing);
    console.log(`\n  JupyterLab is at ${address}\n  Ctrl-C here stops it. Its log is .rlhf-lab/jupyter.log\n`);
  }, 50);
  const refreshing = setInterval(desk.refresh, 2000);
  const code = await new Promise((resolve) => jupyter.once("close", resolve));
  clearInterval(announcing);
  clearInterval(refreshing);
  file.end();
  if (stop.aborted || code === 0) return 0;
  throw causeOf(output) ? explain("JupyterLab", output) : new SetupError(sentences.jupyterEnded.say(), output);
}

/** Where a server that was started since then listens, with its token; the server writes this down when it is up. */
function addressSince(time, welcome) {
  for (const name of readdirSync(runtimeFolder)) {
    const path = join(runtimeFolder, name);
    try {
      if (!/^jpserver-\d+\.json$/.test(name) || statSync(path).mtimeMs < time) continue;
      const { url, token } = JSON.parse(readFileSync(path, "utf8"));
      return `${url}${page(welcome)}${token ? `?token=${token}` : ""}`;
    } catch {
      // just being written, or just removed
    }
  }
  return undefined;
}
