import { StringDecoder } from "node:string_decoder";
import type { Report, StreamName } from "../messages.js";
import { currentCell } from "./cell.js";

/**
 * Sends what JavaScript prints to the cell that prints it, in order with its figures. Native code
 * prints to the real pipes.
 */
export function captureStreams(report: (report: Report) => void): void {
  for (const name of ["stdout", "stderr"] as const)
    process[name].write = writer(name, report) as typeof process.stdout.write;
}

const { nextTick } = process;
const bytesOf = Buffer.from;
const { write } = StringDecoder.prototype;

function writer(name: StreamName, report: (report: Report) => void) {
  const decoder = new StringDecoder("utf8");
  const decode = (bytes: Buffer): string => Reflect.apply(write, decoder, [bytes]);
  return (chunk: string | Uint8Array, encoding?: BufferEncoding | (() => void), done?: () => void): boolean => {
    const raw =
      typeof chunk !== "string"
        ? decode(bytesOf(chunk))
        : isText(encoding)
          ? chunk
          : decode(bytesOf(chunk, encoding as BufferEncoding));
    const cell = currentCell();
    const text = cell === undefined ? raw : cell.silent ? undefined : cell.output.admit(raw);
    if (text !== undefined && text !== "") report({ type: "stream", cell: cell?.id ?? 0, name, text });
    const callback = typeof encoding === "function" ? encoding : done;
    if (callback !== undefined) nextTick(callback);
    return true;
  };
}

/** Text that is to be printed as it is. `write("68690a", "hex")` means bytes. */
const isText = (encoding: unknown) => typeof encoding !== "string" || /^utf-?8$/i.test(encoding);
