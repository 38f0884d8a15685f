import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";

/** Jupyter's wire protocol, https://jupyter-client.readthedocs.io/en/stable/messaging.html#the-wire-protocol */
export interface Message {
  /** Routing frames of a ROUTER socket, or the topic on iopub. */
  identities: Buffer[];
  header: Header;
  parent: Partial<Header>;
  metadata: Record<string, unknown>;
  content: Record<string, unknown>;
  buffers: Buffer[];
}

export interface Header {
  msg_id: string;
  session: string;
  username: string;
  date: string;
  msg_type: string;
  version: string;
}

export const PROTOCOL = "5.4";
const DELIMITER = Buffer.from("<IDS|MSG>");

/** Packs and unpacks messages for one connection. */
export class Wire {
  readonly #key: string;
  readonly #algorithm: string;
  readonly #session = randomUUID();

  /** @param scheme the connection file's signature_scheme, such as "hmac-sha256"; an empty key means unsigned messages */
  constructor(key: string, scheme: string) {
    this.#key = key;
    this.#algorithm = scheme.replace(/^hmac-/, "");
  }

  /** @throws Error if the frames are no message or were not signed with the connection's key */
  decode(frames: readonly Buffer[]): Message {
    const at = frames.findIndex((frame) => frame.equals(DELIMITER));
    if (at < 0 || frames.length < at + 6) throw new Error("not a Jupyter message");
    const parts = frames.slice(at + 2, at + 6);
    if (this.#key !== "") {
      const expected = Buffer.from(this.#sign(parts));
      const got = frames[at + 1]!;
      if (expected.length !== got.length || !timingSafeEqual(expected, got)) throw new Error("wrong signature");
    }
    const [header, parent, metadata, content] = parts.map((part) => JSON.parse(part.toString()));
    return { identities: frames.slice(0, at), header, parent, metadata, content, buffers: frames.slice(at + 6) };
  }

  encode(message: Message): Buffer[] {
    const { identities, header, parent, metadata, content, buffers } = message;
    const parts = [header, parent, metadata, content].map((part) => Buffer.from(JSON.stringify(part)));
    return [...identities, DELIMITER, Buffer.from(this.#key === "" ? "" : this.#sign(parts)), ...parts, ...buffers];
  }

  /** A message of ours; `to` is the message that it answers or that caused it. */
  compose(type: string, content: Record<string, unknown>, to: Message | undefined, identities: Buffer[]): Message {
    const header: Header = {
      msg_id: randomUUID(),
      session: this.#session,
      username: "kernel",
      date: new Date().toISOString(),
      msg_type: type,
      version: PROTOCOL,
    };
    return { identities, header, parent: to?.header ?? {}, metadata: {}, content, buffers: [] };
  }

  #sign(parts: readonly Buffer[]): string {
    const hmac = createHmac(this.#algorithm, this.#key);
    for (const part of parts) hmac.update(part);
    return hmac.digest("hex");
  }
}
