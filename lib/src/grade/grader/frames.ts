import type { Socket } from "node:net";
import { deserialize, serialize } from "node:v8";

// The channel between the judge and the runner: a length in four bytes, then one value as structured clone. Nothing that
// arrives can run: functions, getters and proxies do not survive the clone, and classes arrive as plain objects.

/** A larger frame than this is refused: no exercise exchanges so much. */
export const MAX_FRAME = 64 * 2 ** 20;

/** @throws DataCloneError if the value is not plain data */
export function encodeFrame(value: unknown): Buffer {
  const body = serialize(value);
  const head = Buffer.alloc(4);
  head.writeUInt32BE(body.length);
  return Buffer.concat([head, body]);
}

/** Calls `onValue` for each frame that arrives and `onBad` once, when something arrives that is not a frame. */
export function readFrames(socket: Socket, onValue: (value: unknown) => void, onBad: (why: string) => void): void {
  let chunks: Buffer[] = [];
  let bytes = 0;
  let bad = false;
  const refuse = (why: string) => {
    bad = true;
    chunks = [];
    onBad(why);
  };
  socket.on("data", (chunk: Buffer) => {
    if (bad) return;
    chunks.push(chunk);
    bytes += chunk.length;
    while (!bad && bytes >= 4) {
      if (chunks[0].length < 4) chunks = [Buffer.concat(chunks)];
      const length = chunks[0].readUInt32BE(0);
      if (length > MAX_FRAME)
        return refuse(`a value of ${Math.round(length / 2 ** 20)} MB, more than the grader accepts`);
      if (bytes < 4 + length) return;
      const all = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
      const rest = all.subarray(4 + length);
      chunks = rest.length > 0 ? [rest] : [];
      bytes = rest.length;
      let value: unknown;
      try {
        value = deserialize(all.subarray(4, 4 + length));
      } catch {
        return refuse("something that is not data");
      }
      onValue(value);
    }
  });
}
