import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { createGunzip } from "node:zlib";
import { complaint, DataError } from "../../core/index.js";
import { isGzip, LONGEST_MAGIC, otherFormat } from "./formats.js";

/** A file (path or file: URL), or its bytes as they come. */
export type ByteSource = string | URL | AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** What a source is called in errors. */
export function sourceName(source: ByteSource): string {
  if (source instanceof URL) return fileURLToPath(source);
  return typeof source === "string" ? source : "the data";
}

/**
 * The bytes of a source; if they begin like gzip (1f 8b), whatever the file is called, what they unpack to.
 * @throws DataError if there is no such file, the gzip data are damaged or end too early, or the bytes are plainly no
 *   UTF-8 text (see formats.ts)
 */
export async function* bytesOf(source: ByteSource): AsyncGenerator<Uint8Array> {
  const raw = typeof source === "string" || source instanceof URL ? createReadStream(source) : Readable.from(source);
  const first = await firstBytes(readable(raw));
  const whole = chain(first.begin, first.rest);
  if (!isGzip(first.begin)) {
    refuseOthers(first.begin);
    yield* whole;
    return;
  }
  const inner = await firstBytes(unzipped(whole));
  if (isGzip(inner.begin)) throw new DataError("this is gzip within gzip. Unpack it once: gunzip");
  refuseOthers(inner.begin);
  yield* chain(inner.begin, inner.rest);
}

async function* readable(raw: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* raw;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") throw new DataError("there is no such file");
    if (code === "EISDIR") throw new DataError(complaint("the data", "a file", "a folder"));
    if (code !== undefined) throw new DataError(message);
    throw error;
  }
}

async function* unzipped(whole: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  const packed = Readable.from(whole);
  packed.on("error", (error) => gunzip.destroy(error));
  try {
    yield* packed.pipe(gunzip);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "Z_BUF_ERROR")
      throw new DataError("the gzip data end too early: the file was cut off. Fetch it again");
    if (code?.startsWith("Z_")) throw new DataError(`the gzip data are damaged (${message}). Fetch the file again`);
    throw error;
  }
}

function refuseOthers(begin: Uint8Array): void {
  const other = otherFormat(begin);
  if (other !== undefined) throw new DataError(other);
}

/** As many bytes as tell a format (fewer if there are not so many), and an iterator over the rest. */
async function firstBytes(stream: AsyncIterable<Uint8Array>) {
  const rest = stream[Symbol.asyncIterator]();
  let begin = Buffer.alloc(0);
  while (begin.length < LONGEST_MAGIC) {
    const { value, done } = await rest.next();
    if (done) break;
    begin = Buffer.concat([begin, value]);
  }
  return { begin, rest: { [Symbol.asyncIterator]: () => rest } };
}

async function* chain(begin: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (begin.length > 0) yield begin;
  yield* rest;
}
