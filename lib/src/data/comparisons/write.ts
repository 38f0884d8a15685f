import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { complain, DataError } from "../../core/index.js";
import type { TextComparison } from "./layouts.js";

/**
 * Writes comparisons as JSONL {prompt, chosen, rejected}, one a line, gzip if the name ends with ".gz"; returns how many. The file
 * appears when it is complete. Messages are not written: the texts say the same.
 * @throws DataError for one whose fields are not texts; then no file is left behind
 */
export async function writeComparisons(
  path: string,
  comparisons: Iterable<TextComparison> | AsyncIterable<TextComparison>,
): Promise<number> {
  let count = 0;
  async function* lines() {
    for await (const { prompt, chosen, rejected } of comparisons) {
      for (const [name, value] of Object.entries({ prompt, chosen, rejected })) {
        if (typeof value !== "string") throw new DataError(complain(`${name} of comparison ${count}`, "a text", value));
      }
      count++;
      yield `${JSON.stringify({ prompt, chosen, rejected })}\n`;
    }
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
