import { rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { log } from "./log.js";
import { command, FrameReader, GREETING, message, ready, type Said } from "./zmtp.js";

/**
 * Bytes that wait for a subscriber that does not read: far more than one that is merely slow falls behind by. A message
 * that does not fit is dropped, as a whole and for that subscriber alone, rather than held in memory for ever; when it
 * has read, it gets what comes then.
 */
export const HELD_BACK = 128_000_000;

/** What a message costs in memory besides its bytes. */
const FRAME = 500;

/**
 * A PUB socket over the network's own sockets. ZeroMQ's counts messages and not bytes: 20,000 of them, which a reader
 * that is merely slow may fall behind by, are 4 GB when they are large; nor does it tell what a subscriber has read.
 */
export class Publisher {
  readonly #server: Server;
  readonly #subscribers = new Set<Subscriber>();
  readonly #heldBack: number;

  constructor(heldBack = HELD_BACK) {
    this.#heldBack = heldBack;
    this.#server = createServer((socket) => {
      const subscriber = new Subscriber(socket);
      this.#subscribers.add(subscriber);
      socket.on("close", () => this.#subscribers.delete(subscriber));
    });
  }

  /** @param where a port of an interface, or the path of a socket in the file system, in the place of an old one */
  bind(where: { host: string; port: number } | { path: string }): Promise<void> {
    if ("path" in where) rmSync(where.path, { force: true });
    const place = "path" in where ? where : { port: where.port, host: where.host === "*" ? undefined : where.host };
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(place, () => {
        this.#server.on("error", (error) => log(`iopub: ${error.message}`));
        resolve();
      });
    });
  }

  /** Sends to all who want messages whose first frame begins as this one does. */
  publish(frames: readonly Buffer[]): void {
    let bytes: Buffer | undefined;
    for (const subscriber of this.#subscribers) {
      if (!subscriber.wants(frames[0]!)) continue;
      bytes ??= message(frames);
      subscriber.send(bytes, this.#heldBack);
    }
  }

  /** Bytes that wait, of the subscriber that has most. */
  get held(): number {
    return [...this.#subscribers].reduce((most, { held }) => Math.max(most, held), 0);
  }

  /** Waits until all is on its way, but no longer than a second for who does not read. */
  async close(): Promise<void> {
    this.#server.close();
    await Promise.all([...this.#subscribers].map((subscriber) => subscriber.close()));
  }
}

/** One connection, from its greeting to its end. */
class Subscriber {
  held = 0;
  readonly #socket: Socket;
  readonly #topics: Buffer[] = [];
  #drops = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay();
    // It has gone, which its close tells.
    socket.on("error", () => {});
    const reader = new FrameReader();
    socket.on("data", (bytes: Buffer) => {
      try {
        for (const said of reader.read(bytes)) this.#hear(said);
      } catch (error) {
        log(`iopub: hung up on who is no subscriber: ${(error as Error).message}`);
        socket.destroy();
      }
    });
    socket.write(GREETING);
    socket.write(ready("PUB"));
  }

  wants(topic: Buffer): boolean {
    return this.#topics.some((start) => topic.subarray(0, start.length).equals(start));
  }

  send(bytes: Buffer, most: number): void {
    const size = bytes.length + FRAME;
    const fits = this.held + size <= most || this.held === 0;
    if (!fits && !this.#drops) log(`iopub: a client does not read, and misses what more than ${most} bytes are behind`);
    this.#drops = !fits;
    if (!fits) return;
    this.held += size;
    this.#socket.write(bytes, () => {
      this.held -= size;
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.#socket.destroy();
        resolve();
      };
      const timer = setTimeout(end, 1000);
      this.#socket.end(end);
    });
  }

  /** A subscription is a message, or since version 3.1 a command; each may be made several times. */
  #hear({ command: name, data }: Said): void {
    if (name === "PING") this.#socket.write(command("PONG", data.subarray(2)));
    else if (name === "SUBSCRIBE") this.#subscribe(data);
    else if (name === "CANCEL") this.#cancel(data);
    else if (name === undefined && data[0] === 1) this.#subscribe(data.subarray(1));
    else if (name === undefined && data[0] === 0) this.#cancel(data.subarray(1));
  }

  #subscribe(topic: Buffer): void {
    if (this.#topics.length >= MOST_TOPICS) throw new Error(`more than ${MOST_TOPICS} topics`);
    this.#topics.push(Buffer.from(topic));
  }

  #cancel(topic: Buffer): void {
    const at = this.#topics.findIndex((wanted) => wanted.equals(topic));
    if (at >= 0) this.#topics.splice(at, 1);
  }
}

const MOST_TOPICS = 1000;
