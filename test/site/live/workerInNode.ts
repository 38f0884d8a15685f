// The worker of a page, in a thread of Node: the same text that a browser would run, and none of Node within its reach.
import { Worker } from "node:worker_threads";
import { Output } from "../../../course/src/kernel/output.js";
import type { BuiltLive } from "../../../scripts/site/live/build.js";
import type { Ending, FromWorker, ToWorker } from "../../../scripts/site/live/messages.js";

/** A browser's worker, as far as ours asks for it. */
const AS_IN_A_BROWSER = `
  const { parentPort, workerData } = require("node:worker_threads");
  const { process, Buffer } = globalThis;
  globalThis.self = globalThis;
  globalThis.WorkerGlobalScope = class {};
  globalThis.postMessage = (message) => parentPort.postMessage(message);
  globalThis.addEventListener = (type, hear) => {
    if (type === "message") parentPort.on("message", (data) => hear({ data }));
    else if (type === "unhandledrejection") process.on(type.replace("unhandledr", "unhandledR"), (reason) => hear({ reason, preventDefault() {} }));
    else process.on("uncaughtException", (error) => hear({ error, preventDefault() {} }));
  };
  // A page fetches data: URLs only. Node's own fetch would look for the Buffer that is taken away below.
  globalThis.fetch = async (url) => {
    const bytes = Uint8Array.from(Buffer.from(url.slice(url.indexOf(",") + 1), "base64"));
    return { ok: true, arrayBuffer: async () => bytes.buffer };
  };
  for (const name of ["process", "Buffer", "require"]) delete globalThis[name];
  globalThis.eval(workerData);
`;

/** What the kernel would publish of a cell. */
export interface Published {
  type: string;
  content: {
    name?: string;
    data?: Record<string, unknown>;
    text?: string;
    traceback?: string[];
    transient?: { display_id?: string };
  };
}

export class WorkerInNode {
  readonly #worker: Worker;
  readonly #texts = new Map<string, string>();
  readonly #output: Output;
  #published: Published[] = [];
  #end: (how: Ending) => void = () => {};
  /** The pieces that it has asked for. */
  readonly wanted: string[] = [];
  readonly questions: string[] = [];

  constructor({ files, manifest }: BuiltLive) {
    // The files hand over their texts, as they do in a page.
    const take = { piece: (name: string, text: string) => this.#texts.set(name, text) };
    for (const [name, text] of files) if (name !== "live.js") new Function("rlhfLabLive", text)(take);
    this.#output = new Output((type, content) => void this.#published.push({ type, content }));
    this.#worker = new Worker(AS_IN_A_BROWSER, { eval: true, workerData: this.#texts.get("worker") });
    this.#worker.on("message", (message: FromWorker) => {
      const output = this.#output;
      if (message.type === "stream") output.stream(message.cell, message.name, message.text);
      else if (message.type === "display") output.display(message);
      else if (message.type === "result") output.result(message.cell, message.bundle, message.metadata, message.cell);
      else if (message.type === "error") output.error(message.cell, message.error);
      else if (message.type === "done") this.#end(message.how);
      else if (message.type === "input") {
        this.questions.push(message.question);
        this.#say({ type: "input", id: message.id, value: "an answer" });
      } else {
        this.wanted.push(message.name);
        const all = new Set([message.name]);
        for (const name of all) for (const other of manifest.chunks[name] ?? []) all.add(other);
        const texts = Object.fromEntries([...all].map((name) => [name, this.#texts.get(name)!]));
        this.#say({ type: "chunks", name: message.name, texts });
      }
    });
  }

  /** Runs a cell; how it ended, and what it printed and showed. */
  async run(cell: number, code: string): Promise<{ how: Ending; published: Published[] }> {
    this.#published = [];
    const ended = new Promise<Ending>((resolve) => {
      this.#end = resolve;
    });
    this.#say({ type: "run", cell, code });
    const how = await ended;
    this.#output.flush();
    return { how, published: this.#published };
  }

  /** What it printed, or its value, or its error; of figures and tables their words. */
  async text(cell: number, code: string): Promise<string> {
    return wordsOf((await this.run(cell, code)).published);
  }

  stop(): Promise<number> {
    return this.#worker.terminate();
  }

  #say(message: ToWorker): void {
    this.#worker.postMessage(message);
  }
}

/** Streams, errors, and the text/plain of what was shown; of what was drawn again its last state. */
export function wordsOf(published: readonly Published[]): string {
  const places: { id?: string; stream?: string; text: string }[] = [];
  for (const { type, content } of published) {
    const id = content.transient?.display_id;
    const text = content.text ?? content.traceback?.join("\n") ?? String(content.data?.["text/plain"] ?? "");
    const there = type === "update_display_data" ? places.find((place) => place.id === id) : undefined;
    const last = places.at(-1);
    if (there !== undefined) there.text = text;
    else if (type === "stream" && last?.stream === content.name) last!.text += text;
    else places.push({ id, stream: type === "stream" ? content.name : undefined, text });
  }
  return places
    .map(({ text }) => text)
    .join("\n")
    .trimEnd();
}
