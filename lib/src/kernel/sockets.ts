import { Publisher, Reply, Router } from "zeromq";
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

/** The five sockets of a kernel. Messages that are malformed or wrongly signed are dropped. */
export class Sockets {
  readonly wire: Wire;
  readonly #routers: Record<Channel, Router>;
  readonly #iopub = new Publisher({ sendHighWaterMark: 0, linger: 1000 });
  readonly #heartbeat = new Reply({ linger: 0 });
  /** The end of what each socket still has to send: zeromq takes one message at a time. */
  readonly #sending = new Map<Router | Publisher, Promise<void>>();

  constructor(connection: Connection) {
    this.wire = new Wire(connection.key, connection.signature_scheme);
    const router = () => new Router({ sendHighWaterMark: 0, linger: 1000 });
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
      let message: Message;
      try {
        message = this.wire.decode(frames);
      } catch (error) {
        console.error(`rlhf-lab kernel: dropped a message on ${channel}: ${(error as Error).message}`);
        continue;
      }
      receive(channel, message);
    }
  }

  async #beat(): Promise<void> {
    for await (const frames of this.#heartbeat) await this.#heartbeat.send(frames);
  }

  publish(type: string, content: Record<string, unknown>, parent: Message | undefined): void {
    this.#send(this.#iopub, this.wire.compose(type, content, parent, [Buffer.from(type)]));
  }

  reply(channel: Channel, type: string, content: Record<string, unknown>, to: Message): void {
    this.#send(this.#routers[channel], this.wire.compose(type, content, to, to.identities));
  }

  #send(socket: Router | Publisher, message: Message): void {
    const frames = this.wire.encode(message);
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
