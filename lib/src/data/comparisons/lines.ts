import { DataError } from "../../core/index.js";

/** A line of a text file, without its end (LF or CRLF). */
export interface Line {
  /** From 1. */
  number: number;
  /** Undefined for a line that cannot be read: see `reason`. */
  text?: string;
  reason?: string;
}

/**
 * The lines of UTF-8 bytes, one at a time, in memory of about the longest line. A byte-order mark is dropped. A line
 * longer than `longest` bytes, or not UTF-8, comes without text and with the reason.
 * @throws DataError with the place where the bytes end early
 */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>, longest: number): AsyncGenerator<Line> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let held: Uint8Array[] = [];
  let size = 0;
  let number = 1;
  const finish = (): Line => {
    const line: Line = { number };
    if (size > longest) line.reason = `the line has more than ${longest} bytes`;
    else {
      const bytes = held.length === 1 ? held[0] : Buffer.concat(held);
      try {
        let text = decoder.decode(bytes);
        if (number === 1 && text.startsWith("\uFEFF")) text = text.slice(1);
        line.text = text.endsWith("\r") ? text.slice(0, -1) : text;
      } catch {
        line.reason = "the line is not valid UTF-8";
      }
    }
    held = [];
    size = 0;
    number++;
    return line;
  };
  let begun = false;
  try {
    for await (const chunk of chunks) {
      begun = true;
      let from = 0;
      for (;;) {
        const end = chunk.indexOf(10, from);
        const piece = chunk.subarray(from, end < 0 ? chunk.length : end);
        size += piece.length;
        // Of a line that is too long only its length is kept.
        if (size > longest) held = [];
        else held.push(piece);
        if (end < 0) break;
        yield finish();
        from = end + 1;
      }
    }
  } catch (error) {
    if (error instanceof DataError && begun && number > 1)
      throw new DataError(`after line ${number - 1}: ${error.message}`);
    throw error;
  }
  if (size > 0) yield finish();
}
