// The first cell of every lesson imports rlhf-lab; it must not wait for engines that the cell does not use.
import { spawnSync } from "node:child_process";
import { expect } from "chai";
import { allDoors as doors, root } from "./source.js";

const heavy = ["@tensorflow", "danfojs", "mocha", "tslab", "zeromq", "highs", "plotly.js-dist", "typescript"];

/** The packages of node_modules that a process has loaded after running the script; and its native add-ons. */
function loadedBy(script: string): string[] {
  const probe = `
    import { createRequire } from "node:module";
    ${script}
    const loaded = [...Object.keys(createRequire(import.meta.url).cache), ...(globalThis.__loaded ?? []), ...process.report.getReport().sharedObjects];
    console.log(JSON.stringify(loaded.filter((path) => path.includes("node_modules"))));
    process.exit(0);`;
  const args = ["--import", "tsx", "--import", recorder, "--input-type=module", "-e", probe];
  const child = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" });
  if (child.status !== 0) throw new Error(child.stderr);
  return JSON.parse(child.stdout.trim().split("\n").at(-1)!) as string[];
}

/** Module hooks that note every file an `import` resolves to; they run in another thread and report over a port. */
const hooks = `export async function initialize({ port }) { globalThis.port = port; }
  export async function resolve(specifier, context, next) {
    const result = await next(specifier, context); globalThis.port.postMessage(result.url); return result; }`;
const recorder = `data:text/javascript,${encodeURIComponent(`
  import { register } from "node:module";
  import { MessageChannel, receiveMessageOnPort } from "node:worker_threads";
  const { port1, port2 } = new MessageChannel();
  register(${JSON.stringify(`data:text/javascript,${encodeURIComponent(hooks)}`)}, { data: { port: port2 }, transferList: [port2] });
  Object.defineProperty(globalThis, "__loaded", { get() { const urls = []; for (let m; (m = receiveMessageOnPort(port1)); ) urls.push(m.message); return urls; } });
  port1.unref();`)}`;

const named = (paths: readonly string[]) =>
  heavy.filter((name) => paths.some((path) => path.includes(`/node_modules/${name}`)));

describe("importing rlhf-lab", () => {
  it("by any door loads none of the heavy packages", () => {
    const names = doors().map(({ name }) => name);
    expect(names).to.include.members(["rlhf-lab", "rlhf-lab/policy/tensor", "rlhf-lab/studies", "rlhf-lab-course"]);
    const paths = loadedBy(`for (const name of ${JSON.stringify(names)}) {
      if (Object.keys(await import(name)).length < 1) throw new Error("nothing behind " + name);
    }`);
    expect(named(paths)).to.deep.equal([]);
  });

  it("would be caught loading them, by import or by require", () => {
    expect(named(loadedBy('await import("mocha");'))).to.include("mocha");
    expect(named(loadedBy('createRequire(process.cwd() + "/x.js")("highs");'))).to.include("highs");
  });
});
