import { writeSync } from "node:fs";
import type { Report } from "../messages.js";

const shared = new Int32Array(new SharedArrayBuffer(4));

/** A function that sends reports up a pipe, one JSON text per line. It returns when the bytes are in the pipe. */
export function reporter(fd: number): (report: Report) => void {
  return (report) => writeAll(fd, `${JSON.stringify(report)}\n`);
}

/** Writes it all, waiting while the pipe is full. A pipe that nobody reads any more swallows it. */
export function writeAll(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let sent = 0; sent < bytes.length; ) {
    try {
      sent += writeSync(fd, bytes, sent);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "EAGAIN") return;
      Atomics.wait(shared, 0, 0, 1);
    }
  }
}
