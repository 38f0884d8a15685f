import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import type { LearnerErrorKind } from "../learner.js";

// The channel between the judge and the runner: a length in four bytes, then so many bytes. What is in them, the two
// ends decide: the judge, which is trusted, sends structured clones; the runner answers as ../plain.ts writes.

/**
 * What the judge asks for. The id comes back before the answer; it cannot be guessed, so nothing
 * can be answered in advance.
 */
export type Request = { id: string } & (
  | { op: "cell"; code: string; number: number }
  | { op: "call"; name: string; args: unknown[]; room: number }
);

/** The answer's first letter: a value follows, or a failure. */
export const ANSWER = { value: "v", failure: "f" };

/** Why there is no value. `missing`: a name that was not defined. */
export type Failure = { message: string; kind: LearnerErrorKind; missing?: string };

/** Values that a failure may hold: texts of some thousand characters. */
export const FAILURE_ROOM = 2000;

/** A larger frame than this is refused: no exercise exchanges so much. */
export const MAX_FRAME = 16 * 2 ** 20;

export function frame(...body: Buffer[]): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(body.reduce((sum, part) => sum + part.length, 0));
  return Buffer.concat([head, ...body]);
}

/** Calls `onBody` for each frame that arrives and `onBad` once, when something arrives that is not a frame. */
export function readFrames(socket: Socket, onBody: (body: Buffer) => void, onBad: (why: string) => void): void {
  let chunks: Buffer[] = [];
  let bytes = 0;
  let bad = false;
  socket.on("data", (chunk: Buffer) => {
    if (bad) return;
    chunks.push(chunk);
    bytes += chunk.length;
    while (bytes >= 4) {
      if (chunks[0].length < 4) chunks = [Buffer.concat(chunks)];
      const length = chunks[0].readUInt32BE(0);
      if (length > MAX_FRAME) {
        bad = true;
        chunks = [];
        return onBad(`a value of ${Math.round(length / 2 ** 20)} MB, more than the grader accepts`);
      }
      if (bytes < 4 + length) return;
      const all = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
      const rest = all.subarray(4 + length);
      chunks = rest.length > 0 ? [rest] : [];
      bytes = rest.length;
      onBody(all.subarray(4, 4 + length));
    }
  });
}
