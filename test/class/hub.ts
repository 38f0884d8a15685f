// A real JupyterHub on loopback over this checkout, with the settings of course/jupyter/hub.
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { root } from "../../scripts/setup/places.mjs";
import { hubPython } from "./users.js";

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}

export class Hub {
  #said = "";
  private constructor(
    readonly url: string,
    readonly token: string,
    private readonly process: ChildProcess,
  ) {
    for (const stream of [process.stdout, process.stderr])
      stream?.on("data", (chunk) => (this.#said = (this.#said + chunk).slice(-30_000)));
  }

  /** @param more lines for its configuration, after ours */
  static async start(folder: string, more = ""): Promise<Hub> {
    const [proxy, api, hub] = [await freePort(), await freePort(), await freePort()];
    const token = randomUUID();
    const config = join(folder, "jupyterhub_config.py");
    writeFileSync(
      config,
      `load_subconfig(${JSON.stringify(join(root, "course", "jupyter", "hub", "jupyterhub_config.py"))})
c = get_config()
c.JupyterHub.bind_url = "http://127.0.0.1:${proxy}"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:${hub}"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:${api}"
c.ConfigurableHTTPProxy.pid_file = ${JSON.stringify(join(folder, "proxy.pid"))}
c.Authenticator.allow_all = True
c.Spawner.start_timeout = c.Spawner.http_timeout = 300
c.JupyterHub.services = [{"name": "test", "api_token": "${token}"}]
c.JupyterHub.load_roles = [{"name": "test", "services": ["test"], "scopes": ["admin:users", "admin:servers", "tokens", "access:servers"]}]
${more}
`,
    );
    const env = { ...process.env, PYTHONNOUSERSITE: "1" };
    const child = spawn(hubPython, ["-m", "jupyterhub", "-f", config], {
      cwd: folder,
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const started = new Hub(`http://127.0.0.1:${proxy}`, token, child);
    for (let tries = 0; tries < 1200 && child.exitCode === null; tries++) {
      const up = await fetch(`${started.url}/hub/api/`).then(
        ({ ok }) => ok,
        () => false,
      );
      if (up) return started;
      await new Promise((go) => setTimeout(go, 250));
    }
    await started.stop();
    throw new Error(`JupyterHub did not start. It said last:\n${started.said}`);
  }

  get said(): string {
    return this.#said.slice(-3000);
  }

  /** The hub's own API. */
  async ask(method: string, path: string, body?: unknown): Promise<Response> {
    const headers = { Authorization: `token ${this.token}`, "Content-Type": "application/json" };
    const answer = await fetch(`${this.url}/hub/api/${path}`, { method, headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}\n${this.said}`);
    return answer;
  }

  /** Makes a user known to the hub. */
  async add(name: string): Promise<void> {
    await this.ask("POST", `users/${name}`);
  }

  /** Starts a learner's server. Gives its address, and a token with what the learner may do and no more. */
  async open(name: string): Promise<{ url: string; token: string }> {
    await this.ask("POST", `users/${name}/server`);
    for (let tries = 0; tries < 1200; tries++) {
      const { servers } = (await (await this.ask("GET", `users/${name}`)).json()) as {
        servers: Record<string, { ready: boolean }>;
      };
      if (servers[""]?.ready) break;
      await new Promise((go) => setTimeout(go, 250));
    }
    const { token } = (await (await this.ask("POST", `users/${name}/tokens`, { note: "test" })).json()) as {
      token: string;
    };
    return { url: `${this.url}/user/${name}/`, token };
  }

  /** Ends the hub, its proxy and its learners' servers. */
  async stop(): Promise<void> {
    if (this.process.exitCode !== null) return;
    const ended = once(this.process, "exit");
    this.process.kill("SIGTERM");
    const late = setTimeout(() => this.process.kill("SIGKILL"), 60_000);
    await ended;
    clearTimeout(late);
  }
}
