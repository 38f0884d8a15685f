import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { createGunzip } from "node:zlib";
import { complain, DataError } from "../../core/index.js";

/** A file (path or file: URL), or its bytes as they come. */
export type ByteSource = string | URL | AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** What a source is called in errors. */
export function sourceName(source: ByteSource): string {
  if (source instanceof URL) return fileURLToPath(source);
  return typeof source === "string" ? source : "the data";
}

/**
 * The bytes of a source; if they begin like gzip (1f 8b), whatever the file is called, what they unpack to.
 * @throws DataError if there is no such file or the gzip data are damaged or end too early
 */
export async function* bytesOf(source: ByteSource): AsyncGenerator<Uint8Array> {
  const raw = typeof source === "string" || source instanceof URL ? createReadStream(source) : Readable.from(source);
  const first = await firstBytes(raw);
  const whole = Readable.from(chain(first.begin, first.rest));
  const zipped = first.begin[0] === 0x1f && first.begin[1] === 0x8b;
  if (!zipped) {
    yield* whole;
    return;
  }
  const gunzip = createGunzip();
  whole.on("error", (error) => gunzip.destroy(error));
  try {
    yield* whole.pipe(gunzip);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "Z_BUF_ERROR")
      throw new DataError("the gzip data end too early: the file was cut off. Fetch it again");
    if (code?.startsWith("Z_")) throw new DataError(`the gzip data are damaged (${message}). Fetch the file again`);
    throw error;
  }
}

/** At least the first two bytes, if there are so many, and an iterator over the rest. */
async function firstBytes(stream: AsyncIterable<Uint8Array>) {
  const rest = stream[Symbol.asyncIterator]();
  let begin = Buffer.alloc(0);
  try {
    while (begin.length < 2) {
      const { value, done } = await rest.next();
      if (done) break;
      begin = Buffer.concat([begin, value]);
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") throw new DataError("there is no such file");
    if (code === "EISDIR") throw new DataError(complain("the data", "a file", "a folder"));
    throw new DataError(message);
  }
  return { begin, rest: { [Symbol.asyncIterator]: () => rest } };
}

async function* chain(begin: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (begin.length > 0) yield begin;
  yield* rest;
}
