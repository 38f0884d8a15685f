import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { root } from "../../scripts/setup/places.mjs";
import { Hub } from "./hub.js";
import { hubPython, isRoot, openToAll, User } from "./users.js";

const LESSON = readdirSync(join(root, "notebooks")).find((name) => name.startsWith("01-"))!;

interface Ran {
  results: { text: string; shown: string[]; error: string | null }[];
  history: string[];
}

describe("two learners on a JupyterHub over one checkout", () => {
  const folder = mkdtempSync(join(tmpdir(), "rlhf-lab-hub-"));
  /** With users of the system each learner is somebody else, who may only read the checkout; else they are folders. */
  const real = isRoot && openToAll(root);
  const names = [`rlhf-ada-${process.pid}`, `rlhf-bob-${process.pid}`];
  const homes = names.map((name) => join(folder, name));
  const users: User[] = [];
  let hub: Hub | undefined;
  let servers: { url: string; token: string }[] = [];
  let ada: Ran;
  let bob: Ran;

  before(async () => {
    if (real) {
      spawnSync("chmod", ["755", folder]);
      for (const name of names) users.push(new User(name, folder));
    }
    const folders = `
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = ${JSON.stringify(join(folder, "{username}"))}
c.JupyterHub.authenticator_class = "dummy"`;
    hub = await Hub.start(folder, real ? "" : folders);
    for (const name of names) await hub.add(name);
    servers = await Promise.all(names.map((name) => hub!.open(name)));
  });
  after(async () => {
    await hub?.stop();
    for (const user of users) user.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  async function run(learner: number, cells: string[]): Promise<Ran> {
    const { url, token } = servers[learner];
    const script = fileURLToPath(new URL("run_cells.py", import.meta.url));
    const child = spawn(hubPython, [script, url, token], { stdio: ["pipe", "pipe", "pipe"] });
    child.stdin.end(JSON.stringify(cells));
    const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
    if (code !== 0) throw new Error(`${err}\n${hub!.said}`);
    return JSON.parse(out);
  }

  /** A lesson's first code cells, as the learner's own server hands it out. */
  async function firstCells(learner: number, count: number): Promise<string[]> {
    const { url, token } = servers[learner];
    const answer = await fetch(`${url}api/contents/${LESSON}`, { headers: { Authorization: `token ${token}` } });
    expect(answer.status).to.equal(200);
    const { content } = (await answer.json()) as { content: { cells: { cell_type: string; source: string }[] } };
    return content.cells
      .filter(({ cell_type }) => cell_type === "code")
      .map(({ source }) => source)
      .slice(0, count);
  }

  it("each has the lessons, and lesson 01's first cells run in our kernel", async () => {
    ada = await run(0, [...(await firstCells(0, 3)), 'const mine = "the cell of ada";']);
    bob = await run(1, await firstCells(1, 3));
    for (const { results } of [ada, bob]) {
      expect(results.map(({ error }) => error).filter(Boolean)).to.deep.equal([]);
      expect(
        results
          .slice(0, 3)
          .flatMap(({ shown, text }) => [...shown, text])
          .join(),
      ).not.to.equal("");
      for (const { text } of results) expect(text).not.to.include("rlhf-lab: its source"); // nothing is built, nothing is said
    }
  });

  it("each has a history of their own, in their own folder, which nobody else may look into", () => {
    expect(ada.history.join("\n")).to.include("the cell of ada");
    expect(bob.history.join("\n")).not.to.include("the cell of ada");
    homes.forEach((home, learner) => {
      const state = join(home, ".local", "state", "rlhf-lab");
      const kept = readFileSync(join(state, "history.jsonl"), "utf8");
      expect(kept.includes("the cell of ada")).to.equal(learner === 0);
      expect(statSync(state).mode & 0o77).to.equal(0);
      expect(statSync(join(home, "rlhf-lab")).mode & 0o77).to.equal(0);
    });
  });

  it("neither gets at the other's server", async () => {
    const [own, other] = servers;
    const asAda = { headers: { Authorization: `token ${own.token}` }, redirect: "manual" } as const;
    expect((await fetch(`${own.url}api/kernels`, asAda)).status).to.equal(200);
    expect((await fetch(`${other.url}api/kernels`, asAda)).status).to.be.oneOf([302, 403]);
  });

  it("neither can write into the checkout or read what the other keeps, as users of the system", async function () {
    if (!real) this.skip(); // all is one user's: nothing stands between them
    const attempt = (what: string) =>
      `try { ${what}; console.log("done"); } catch (error) { console.log((error as any).code); }`;
    const secret = join(homes[0], ".local", "state", "rlhf-lab", "history.jsonl");
    const place = join(root, `written-by-a-learner-${process.pid}`);
    const { results } = await run(1, [
      'import { appendFileSync, readFileSync, writeFileSync } from "node:fs";',
      attempt(`readFileSync(${JSON.stringify(secret)})`),
      attempt(`writeFileSync(${JSON.stringify(place)}, "")`),
      attempt(`appendFileSync(${JSON.stringify(join(root, "lib", "dist", "index.js"))}, "")`),
    ]);
    expect(results.slice(1).map(({ text }) => text.trim())).to.deep.equal(["EACCES", "EACCES", "EACCES"]);
    expect(existsSync(place)).to.equal(false);
  });

  it("each has the welcome page, with links to the lessons", async () => {
    for (const { url, token } of servers) {
      const answer = await fetch(`${url}api/contents/Welcome.md`, { headers: { Authorization: `token ${token}` } });
      expect(answer.status).to.equal(200);
      expect(((await answer.json()) as { content: string }).content).to.include(`](${LESSON})`);
    }
  });

  it("a lesson that the learner has stays as it is when the server starts again", async () => {
    const { url, token } = servers[0];
    const headers = { Authorization: `token ${token}`, "Content-Type": "application/json" };
    const mine = {
      type: "notebook",
      format: "json",
      content: { cells: [], metadata: { mine: true }, nbformat: 4, nbformat_minor: 5 },
    };
    const saved = await fetch(`${url}api/contents/${LESSON}`, { method: "PUT", headers, body: JSON.stringify(mine) });
    expect(saved.status).to.equal(200);
    await hub!.ask("DELETE", `users/${names[0]}/server`);
    servers[0] = await hub!.open(names[0]);
    expect(JSON.parse(readFileSync(join(homes[0], "rlhf-lab", LESSON), "utf8")).metadata.mine).to.equal(true);
  });

  it("says whose home it cannot write to", () => {
    const script = join(root, "course", "jupyter", "hub", "singleuser.py");
    const { status, stderr } = spawnSync(hubPython, [script], { env: { HOME: "/proc/nobody" }, encoding: "utf8" });
    expect(status).to.equal(1);
    expect(stderr).to.include("cannot be laid out in /proc/nobody/rlhf-lab").and.not.to.include("Traceback");
  });

  it("a page that cannot be written keeps nobody from the lessons that are there", () => {
    const script = join(root, "course", "jupyter", "hub", "singleuser.py");
    const home = join(folder, "full");
    mkdirSync(join(home, "rlhf-lab", "Welcome.md"), { recursive: true }); // a folder: no page can be written there
    const env = { HOME: home, PATH: process.env.PATH };
    const { status, stderr } = spawnSync(hubPython, [script, "--version"], { env, encoding: "utf8" });
    expect(stderr).to.include("Your copies of the lessons could not be laid out (EISDIR");
    expect(readdirSync(join(home, "rlhf-lab"))).to.include(LESSON);
    expect(status, stderr).to.equal(0); // jupyterhub-singleuser has told its version
  });
});
