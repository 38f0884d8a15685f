// A real JupyterLab of the project's own, in a folder of its own: nothing it writes outlives the test.
import { type ChildProcess, spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

export const root = resolve(import.meta.dirname, "..", "..");

/** How npm start runs JupyterLab; the test runs the same. */
const { jupyterEnvironment, jupyterLab } = (await import(`${root}/scripts/setup/jupyter.mjs`)) as {
  jupyterEnvironment(): NodeJS.ProcessEnv;
  jupyterLab(flags: string[], desk: { folder: string; welcome: string }): [string, string[]];
};

export interface Notebook {
  cells: NotebookCell[];
  metadata: Record<string, unknown>;
  nbformat: number;
  nbformat_minor: number;
}

export interface NotebookCell {
  id: string;
  cell_type: "code" | "markdown" | "raw";
  source: string | string[];
  metadata: Record<string, unknown>;
  outputs?: {
    output_type: string;
    data?: Record<string, unknown>;
    ename?: string;
    evalue?: string;
    text?: string | string[];
  }[];
  execution_count?: number | null;
}

/** A notebook of ours with these code cells. */
export function notebookOf(...sources: string[]): Notebook {
  return {
    cells: sources.map((source, i) => ({
      id: `cell-${i}`,
      cell_type: "code",
      source,
      metadata: {},
      outputs: [],
      execution_count: null,
    })),
    metadata: { kernelspec: { name: "rlhf-lab", display_name: "TypeScript (rlhf-lab)", language: "typescript" } },
    nbformat: 4,
    nbformat_minor: 5,
  };
}

export class Jupyter {
  private constructor(
    readonly folder: string,
    readonly url: string,
    readonly token: string,
    private readonly process: ChildProcess,
  ) {}

  static async start(): Promise<Jupyter> {
    const home = await mkdtemp(join(tmpdir(), "rlhf-lab-browser-"));
    const folder = join(home, "notebooks");
    const runtime = join(home, "runtime");
    await mkdir(folder);
    const env = {
      ...jupyterEnvironment(),
      JUPYTER_CONFIG_DIR: join(home, "config"),
      JUPYTER_DATA_DIR: join(home, "data"),
      JUPYTER_RUNTIME_DIR: runtime,
      JUPYTERLAB_SETTINGS_DIR: join(home, "settings"),
      JUPYTERLAB_WORKSPACES_DIR: join(home, "workspaces"),
      RLHF_LAB_PROGRESS: "0", // nobody learns here
    };
    const [python, args] = jupyterLab(["--no-browser", "--ServerApp.port=0"], { folder, welcome: "Welcome.md" });
    const server = spawn(python, args, { cwd: root, env, stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    server.stderr.on("data", (chunk) => {
      said = (said + chunk).slice(-20_000);
    });
    for (let tries = 0; tries < 600; tries++) {
      const names = await readdir(runtime).catch(() => [] as string[]);
      const name = names.find((file) => /^jpserver-\d+\.json$/.test(file));
      const info = name && JSON.parse(await readFile(join(runtime, name), "utf8").catch(() => "null"));
      if (info && /running at/.test(said)) return new Jupyter(folder, info.url, info.token, server);
      if (server.exitCode !== null) break;
      await new Promise((done) => setTimeout(done, 100));
    }
    server.kill("SIGKILL");
    throw new Error(`JupyterLab did not start. It said last:\n${said.slice(-1500)}`);
  }

  /** Puts a notebook where JupyterLab shows it. */
  async put(name: string, notebook: Notebook | string): Promise<void> {
    if (typeof notebook === "string") await cp(notebook, join(this.folder, name));
    else await writeFile(join(this.folder, name), JSON.stringify(notebook));
  }

  /** The notebook as it is saved now. JupyterLab may be writing it at this moment: half a file is read again. */
  async read(name: string): Promise<Notebook> {
    for (let tries = 1; ; tries++) {
      const text = await readFile(join(this.folder, name), "utf8");
      try {
        return JSON.parse(text);
      } catch (error) {
        if (tries === 50) throw error;
        await new Promise((done) => setTimeout(done, 50));
      }
    }
  }

  /** Ends all kernels, so that each test starts afresh and the machine has its memory back. */
  async endKernels(): Promise<void> {
    const sessions = (await (await fetch(`${this.url}api/sessions?token=${this.token}`)).json()) as { id: string }[];
    const end = ({ id }: { id: string }) =>
      fetch(`${this.url}api/sessions/${id}?token=${this.token}`, { method: "DELETE" });
    await Promise.all(sessions.map(end));
  }

  /** Ends the server and its kernels. */
  async stop(): Promise<void> {
    const ended = new Promise((done) => this.process.once("close", done));
    await fetch(`${this.url}api/shutdown?token=${this.token}`, { method: "POST" }).catch(() => {});
    const late = setTimeout(() => this.process.kill("SIGKILL"), 15_000);
    await ended;
    clearTimeout(late);
    await rm(resolve(this.folder, ".."), { recursive: true, force: true, maxRetries: 5 });
  }
}
