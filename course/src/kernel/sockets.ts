import { Publisher, Router } from "zeromq";
import { type Message, Wire } from "./wire.js";

/** What Jupyter writes into the connection file. */
export interface Connection {
  transport: string;
  ip: string;
  key: string;
  signature_scheme: string;
  shell_port: number;
  control_port: number;
  stdin_port: number;
  iopub_port: number;
  hb_port: number;
}

export type Channel = "shell" | "control" | "stdin";

/**
 * Messages that wait for a subscriber that does not read. Far more than a reader that is merely slow falls
 * behind by; what comes beyond is dropped for that one subscriber, rather than held in memory for ever. Messages
 * and not bytes: the mark cannot follow their sizes, since ZeroMQ learns what a subscriber has read only in
 * steps of half the mark that its connection began with; with a mark that shrinks, a subscriber that reads
 * everything is taken for one that does not.
 */
const HELD_BACK = 20_000;

/** The five sockets of a kernel. Messages that are malformed or wrongly signed are dropped. */
export class Sockets {
  readonly wire: Wire;
  readonly #routers: Record<Channel, Router>;
  readonly #iopub = new Publisher({ sendHighWaterMark: HELD_BACK, linger: 1000 });
  /** Not a REP socket, which would be at a loss when its client goes away before the echo, or speaks out of turn. */
  readonly #heartbeat = new Router({ handover: true, linger: 0 });
  /** The end of what each socket still has to send: zeromq takes one message at a time. */
  readonly #sending = new Map<Router | Publisher, Promise<void>>();

  constructor(connection: Connection) {
    this.wire = new Wire(connection.key, connection.signature_scheme);
    // handover: a client that comes back under its identity gets the replies, not its old connection that still hangs.
    const router = () => new Router({ sendHighWaterMark: 0, linger: 1000, handover: true });
    this.#routers = { shell: router(), control: router(), stdin: router() };
  }

  async bind(connection: Connection): Promise<void> {
    const separator = connection.transport === "ipc" ? "-" : ":";
    const address = (port: number) => `${connection.transport}://${connection.ip}${separator}${port}`;
    await Promise.all([
      this.#routers.shell.bind(address(connection.shell_port)),
      this.#routers.control.bind(address(connection.control_port)),
      this.#routers.stdin.bind(address(connection.stdin_port)),
      this.#iopub.bind(address(connection.iopub_port)),
      this.#heartbeat.bind(address(connection.hb_port)),
    ]);
  }

  /** Calls back for every message until the sockets are closed. */
  listen(receive: (channel: Channel, message: Message) => void): void {
    for (const channel of ["shell", "control", "stdin"] as const) void this.#read(channel, receive);
    void this.#beat();
  }

  async #read(channel: Channel, receive: (channel: Channel, message: Message) => void): Promise<void> {
    for await (const frames of this.#routers[channel]) {
      try {
        receive(channel, this.wire.decode(frames));
      } catch (error) {
        console.error(`rlhf-lab kernel: dropped a message on ${channel}: ${(error as Error).message}`);
      }
    }
  }

  /** Whatever comes goes back to where it came from. */
  async #beat(): Promise<void> {
    for await (const frames of this.#heartbeat) {
      try {
        await this.#heartbeat.send(frames);
      } catch {
        // Whoever asked has gone, or we are about to.
      }
    }
  }

  publish(type: string, content: Record<string, unknown>, parent: Message | undefined): void {
    this.#send(this.#iopub, this.wire.compose(type, content, parent, [Buffer.from(type)]));
  }

  reply(channel: Channel, type: string, content: Record<string, unknown>, to: Message): void {
    this.#send(this.#routers[channel], this.wire.compose(type, content, to, to.identities));
  }

  #send(socket: Router | Publisher, message: Message): void {
    let frames: Buffer[];
    try {
      frames = this.wire.encode(message);
    } catch (error) {
      // Too deep or too long for JSON.
      console.error(`rlhf-lab kernel: could not send ${message.header.msg_type}: ${(error as Error).message}`);
      return;
    }
    const before = this.#sending.get(socket) ?? Promise.resolve();
    // A client that has gone away is no reason to stop.
    this.#sending.set(
      socket,
      before.then(() => socket.send(frames)).catch(() => {}),
    );
  }

  /** Waits for what is still being sent, then closes. */
  async close(): Promise<void> {
    await Promise.all(this.#sending.values());
    for (const socket of [...Object.values(this.#routers), this.#iopub, this.#heartbeat]) socket.close();
  }
}
