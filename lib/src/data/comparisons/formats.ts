import { gitLfsPointer } from "../../core/pointer.js";

/** How many of a file's first bytes tell what it is. */
export const LONGEST_MAGIC = 64;

const MAGIC: [begin: string, what: string][] = [
  ["PAR1", "Parquet. Write it as JSONL: pandas.read_parquet(file).to_json(out, orient='records', lines=True)"],
  ["ARROW1", "Arrow. Write it as JSONL: datasets.load_from_disk(folder).to_json(out)"],
  ["\x28\xb5\x2f\xfd", "packed by Zstandard. Unpack it: zstd -d"],
  ["\xfd7zXZ\0", "packed by xz. Unpack it: xz -d"],
  ["BZh", "packed by bzip2. Unpack it: bunzip2"],
  ["PK\x03\x04", "a zip archive (or a spreadsheet). Unpack it, or save it as CSV"],
  ["7z\xbc\xaf\x27\x1c", "a 7-Zip archive. Unpack it"],
  ["<!doctype html", "a web page, not the data: was the download refused?"],
  ["<html", "a web page, not the data: was the download refused?"],
];

export function isGzip(begin: Uint8Array): boolean {
  return begin[0] === 0x1f && begin[1] === 0x8b;
}

/** A sentence about bytes that begin like a file that is neither JSONL nor CSV in UTF-8; undefined for all others. */
export function otherFormat(begin: Uint8Array): string | undefined {
  const pointer = gitLfsPointer(begin);
  if (pointer !== undefined) return pointer;
  if (isUtf16(begin)) return "the text is UTF-16. Save it as UTF-8";
  const text = String.fromCharCode(...begin.subarray(0, LONGEST_MAGIC)).toLowerCase();
  const found = MAGIC.find(([magic]) => text.startsWith(magic.toLowerCase()));
  return found && `this is ${found[1]}`;
}

/** By its byte-order mark, or by the zeros that every other byte of a text in a Western language then is. */
function isUtf16(bytes: Uint8Array): boolean {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) return true;
  return bytes.length >= 2 && (bytes[0] === 0) !== (bytes[1] === 0);
}
