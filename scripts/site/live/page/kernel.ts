import type { Ending, FromWorker, ToWorker } from "../messages.js";
import type { Pieces } from "./pieces.js";

/** How a cell came to its end, as the page sees it. */
export type Ended = Ending | { type: "stopped" };

/** The worker that runs a page's cells, one at a time; a new one after it has been stopped. */
export class Kernel {
  #worker: Promise<Worker> | undefined;
  #end: ((how: Ended) => void) | undefined;
  readonly #pieces: Pieces;
  readonly #hear: (message: FromWorker) => void;

  /** @param hear is told what cells print and show */
  constructor(pieces: Pieces, hear: (message: FromWorker) => void) {
    this.#pieces = pieces;
    this.#hear = hear;
  }

  /** @throws Error if the worker cannot be started */
  async run(cell: number, code: string): Promise<Ended> {
    this.#worker ??= this.#start();
    const worker = this.#worker;
    const ended = new Promise<Ended>((resolve) => {
      this.#end = resolve;
    });
    try {
      this.#say(await worker, { type: "run", cell, code });
    } catch (error) {
      if (this.#worker === worker) this.#worker = undefined;
      throw error;
    }
    return ended;
  }

  /** Ends the worker at once, whatever it does; all variables are gone. */
  stop(): void {
    void this.#worker?.then((worker) => worker.terminate());
    this.#worker = undefined;
    this.#end?.({ type: "stopped" });
  }

  async #start(): Promise<Worker> {
    const { worker: text } = await this.#pieces.texts("worker");
    // A page from a folder may not start a worker from a file, but it may from its own memory.
    const url = URL.createObjectURL(new Blob([text!], { type: "text/javascript" }));
    const worker = new Worker(url);
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => void this.#heard(worker, data);
    return worker;
  }

  async #heard(worker: Worker, message: FromWorker): Promise<void> {
    if ((await this.#worker) !== worker) return; // it has been stopped
    if (message.type === "done") this.#end?.(message.how);
    else if (message.type === "want") this.#say(worker, { ...(await this.#fetched(message.name)), type: "chunks" });
    else if (message.type === "input") {
      this.#say(worker, { type: "input", id: message.id, value: window.prompt(message.question) ?? "" });
    } else this.#hear(message);
  }

  async #fetched(name: string): Promise<{ name: string; texts: Record<string, string>; failure?: string }> {
    try {
      return { name, texts: await this.#pieces.texts(name) };
    } catch (error) {
      return { name, texts: {}, failure: (error as Error).message };
    }
  }

  #say(worker: Worker, message: ToWorker): void {
    worker.postMessage(message);
  }
}
