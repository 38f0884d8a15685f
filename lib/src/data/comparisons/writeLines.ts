import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";

/**
 * Writes records as JSONL, one a line, gzip if the name ends with ".gz"; returns how many. The file appears when it is
 * complete: if `fields` throws, none is left behind.
 */
export async function writeLines<T>(
  path: string,
  records: Iterable<T> | AsyncIterable<T>,
  fields: (record: T, place: number) => object,
): Promise<number> {
  let count = 0;
  async function* lines() {
    for await (const record of records) yield `${JSON.stringify(fields(record, count++))}\n`;
  }
  const part = `${path}.part`;
  const out = createWriteStream(part);
  try {
    if (path.endsWith(".gz")) await pipeline(Readable.from(lines()), createGzip(), out);
    else await pipeline(Readable.from(lines()), out);
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
  return count;
}
