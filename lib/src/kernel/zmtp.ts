/**
 * As much of ZMTP 3.0 (https://rfc.zeromq.org/spec/23/), ZeroMQ's protocol on the wire, as a publisher without
 * authentication needs: a greeting, a READY command, then frames.
 */
const SIGNATURE = [0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f];
const NULL_MECHANISM = "NULL";
const GREETING_BYTES = 64;

const MORE = 1;
const LONG = 2;
const COMMAND = 4;

/** Subscribers say which topics they want, and no more than that. */
const LONGEST_FRAME = 100_000;

/** Version 3.0, the mechanism NULL, no server in the sense of a mechanism. */
export const GREETING = Buffer.alloc(GREETING_BYTES);
GREETING.set([...SIGNATURE, 3, 0]);
GREETING.write(NULL_MECHANISM, 12, "latin1");

/** One frame: its flags, its length in one byte or eight, its body. */
export function frame(body: Uint8Array, flags = 0): Buffer {
  const long = body.length > 255;
  const head = Buffer.alloc(long ? 9 : 2);
  head[0] = flags | (long ? LONG : 0);
  if (long) head.writeBigUInt64BE(BigInt(body.length), 1);
  else head[1] = body.length;
  return Buffer.concat([head, body]);
}

/** A command's body is its name, the length before it, and its data. */
export function command(name: string, data: Uint8Array): Buffer {
  return frame(Buffer.concat([Buffer.from([name.length]), Buffer.from(name, "latin1"), data]), COMMAND);
}

/** What tells the other side what kind of socket we are. */
export function ready(socketType: string): Buffer {
  const [key, value] = [Buffer.from("Socket-Type"), Buffer.from(socketType)];
  return command("READY", Buffer.concat([Buffer.from([key.length]), key, Buffer.from([0, 0, 0, value.length]), value]));
}

/** A message of several frames, as it goes over the wire. */
export function message(frames: readonly Uint8Array[]): Buffer {
  return Buffer.concat(frames.map((body, index) => frame(body, index < frames.length - 1 ? MORE : 0)));
}

/** What comes from the other side: messages' frames have no name. */
export interface Said {
  command?: string;
  data: Buffer;
}

/**
 * Cuts what comes from a peer into frames, its greeting apart.
 *
 * @throws Error if it does not speak ZMTP 3 without authentication, or says more than a subscriber has to say
 */
export class FrameReader {
  #held = Buffer.alloc(0);
  #greeted = false;

  read(bytes: Buffer): Said[] {
    this.#held = Buffer.concat([this.#held, bytes]);
    if (!this.#greeted && !this.#readGreeting()) return [];
    const said: Said[] = [];
    for (let next = this.#next(); next !== undefined; next = this.#next()) said.push(next);
    return said;
  }

  #readGreeting(): boolean {
    const held = this.#held;
    if ((held.length > 0 && held[0] !== 0xff) || (held.length > 9 && held[9] !== 0x7f)) throw new Error("no ZMTP");
    if (held.length < GREETING_BYTES) return false;
    const mechanism = held.toString("latin1", 12, 32).replace(/\0+$/, "");
    if (held[10]! < 3 || mechanism !== NULL_MECHANISM) throw new Error(`ZMTP ${held[10]} with ${mechanism}`);
    this.#held = held.subarray(GREETING_BYTES);
    this.#greeted = true;
    return true;
  }

  #next(): Said | undefined {
    const held = this.#held;
    const flags = held[0] ?? 0;
    const head = (flags & LONG) === 0 ? 2 : 9;
    if (held.length < head) return undefined;
    const length = head === 2 ? held[1]! : Number(held.readBigUInt64BE(1));
    if (length > LONGEST_FRAME) throw new Error(`a frame of ${length} bytes`);
    if (held.length < head + length) return undefined;
    const body = held.subarray(head, head + length);
    this.#held = held.subarray(head + length);
    if ((flags & COMMAND) === 0) return { data: body };
    const name = body[0] ?? 0;
    return { command: body.toString("latin1", 1, 1 + name), data: body.subarray(1 + name) };
  }
}
