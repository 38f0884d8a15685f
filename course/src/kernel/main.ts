import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Builds } from "./builds.js";
import { History } from "./history.js";
import { Kernel } from "./kernel.js";
import { log } from "./log.js";
import { projectRoot, stateFolder } from "./project.js";
import { type Connection, Sockets } from "./sockets.js";

/**
 * How long (ms) a kernel lives on after its last reply. On a busy machine 0 loses about one shutdown_reply in forty.
 */
const FAREWELL = 300;

/** Process 1's entry: `node main.js CONNECTION_FILE`, as kernel.json has it. */
async function main(connectionFile: string | undefined): Promise<void> {
  if (connectionFile === undefined) throw new Error("usage: node main.js CONNECTION_FILE (Jupyter starts this)");
  const connection = JSON.parse(readFileSync(connectionFile, "utf8")) as Connection;
  const root = projectRoot();
  process.chdir(root);
  const builds = new Builds(root);
  const sockets = new Sockets(connection);
  const kernel = new Kernel(root, sockets, new History(join(stateFolder(root), "history.jsonl")), builds, end);
  // A mistake of ours in one place is no reason to lose a session.
  process.on("uncaughtException", (error) => log(`${error?.stack ?? error}`));
  process.on("unhandledRejection", (reason) => log(`${reason instanceof Error ? reason.stack : reason}`));
  builds.start();
  await sockets.bind(connection);
  kernel.start();

  function end(): void {
    kernel.stop();
    builds.clean();
    // A client that reads no more must not keep us alive.
    setTimeout(() => process.exit(0), 2000);
    // "Sent" means handed to zeromq's own thread, which dies with us: it gets a moment to put
    // the last reply on the wire.
    void sockets.close().then(() => setTimeout(() => process.exit(0), FAREWELL));
  }

  process.on("SIGINT", () => kernel.interrupt());
  process.on("SIGTERM", end);
  process.on("SIGHUP", end);
  // Whoever started us has died: nobody can reach us any more.
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && end(), 1000).unref();
}

main(process.argv[2]).catch((error: Error) => {
  console.error(`rlhf-lab kernel: ${error.message}`);
  process.exit(1);
});
