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

  /**
   * @param scheme the connection file's signature_scheme, such as "hmac-sha256"; an empty key means unsigned messages
   */
  constructor(key: string, scheme: string) {
    this.#key = key;
    this.#algorithm = scheme.replace(/^hmac-/, "");
  }

  /**
   * What only a broken client sends (a content that is no object, a header field that is no text) is put right here, so
   * that nobody behind this point has to ask.
   * @throws Error if the frames are no message or were not signed with the connection's key
   */
  decode(frames: readonly Buffer[]): Message {
    const at = frames.findIndex((frame) => frame.equals(DELIMITER));
    if (at < 0 || frames.length < at + 6) throw new Error("not a Jupyter message");
    const parts = frames.slice(at + 2, at + 6);
    if (this.#key !== "") {
      const expected = Buffer.from(this.#sign(parts));
      const got = frames[at + 1]!;
      if (expected.length !== got.length || !timingSafeEqual(expected, got)) throw new Error("wrong signature");
    }
    const [header, parent, metadata, content] = parts.map((part) => objectOf(JSON.parse(part.toString())));
    if (typeof header!.msg_type !== "string") throw new Error("a header without msg_type");
    return {
      identities: frames.slice(0, at),
      header: header as unknown as Header,
      parent: parent!,
      metadata: metadata!,
      content: content!,
      buffers: frames.slice(at + 6),
    };
  }

  encode(message: Message): Buffer[] {
    const { identities, header, parent, metadata, content, buffers } = message;
    const parts = [header, parent, metadata, content].map((part) => Buffer.from(wellFormed(JSON.stringify(part))));
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

/**
 * Half of a surrogate pair as JSON.stringify writes it; an escaped backslash comes first, since
 * `\\ud83d` is plain text.
 */
const BACKSLASH_OR_HALF = /\\\\|\\ud[89a-f][0-9a-f]{2}/g;

/**
 * JSON text without half surrogate pairs (an emoji cut by slice(0, 1)), which Python cannot write to a file: U+FFFD
 * stands in for each. All text that leaves the kernel comes through here.
 */
function wellFormed(json: string): string {
  if (!json.includes("\\ud")) return json;
  return json.replace(BACKSLASH_OR_HALF, (found) => (found === "\\\\" ? found : "\ufffd"));
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
