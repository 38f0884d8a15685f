import { readFileSync } from "node:fs";
import { CheckpointError, complaint, quote } from "../core/index.js";
import { isRecord, parseJSON } from "../core/json.js";
import { gitLfsPointer } from "../core/pointer.js";
import { writeFileAtomically } from "./atomicFile.js";

/** The element types of safetensors that we read, with their size in bytes. */
const SIZES = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U64: 8,
  U32: 4,
  U16: 2,
  U8: 1,
  BOOL: 1,
};

export type SafetensorsType = keyof typeof SIZES;

/** Numbers with a shape, outside of TensorFlow. F16 and BF16 come as the float32 they stand for; BOOL is 0 and 1. */
export interface HostTensor {
  type: SafetensorsType;
  shape: number[];
  values:
    | Float64Array
    | Float32Array
    | BigInt64Array
    | BigUint64Array
    | Int32Array
    | Int16Array
    | Int8Array
    | Uint32Array
    | Uint16Array
    | Uint8Array;
}

/** The content of a safetensors file. */
export interface Safetensors {
  tensors: { [name: string]: HostTensor };
  /** Free text by name, which the format calls __metadata__. */
  metadata: { [name: string]: string };
}

const LONGEST_HEADER = 100_000_000; // the reference implementation's limit

/**
 * Reads a safetensors file: 8 bytes of header length, a JSON header, and the numbers, little-endian.
 * Everything is checked before anything is returned. https://huggingface.co/docs/safetensors
 * @throws CheckpointError if the file is missing, truncated, longer than it says, or malformed
 */
export function readSafetensors(path: string): Safetensors {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new CheckpointError(`${path}: ${(error as Error).message}`);
  }
  return decodeSafetensors(bytes, path);
}

/**
 * Writes a safetensors file in one step: whatever happens, the path holds either the old content or the new.
 * F16 and BF16 are not written.
 * @throws CheckpointError if a tensor's values do not fit its type and shape
 */
export function writeSafetensors(path: string, content: Safetensors): void {
  writeFileAtomically(path, encodeSafetensors(content));
}

/** The bytes of a safetensors file. */
export function encodeSafetensors({ tensors, metadata }: Safetensors): Uint8Array[] {
  const header: Record<string, unknown> = Object.create(null); // so that "__proto__" is a name like any other
  if (Object.keys(metadata).length > 0) header.__metadata__ = metadata;
  const parts: Uint8Array[] = [];
  let offset = 0;
  // Widest types first, so that every tensor starts at a multiple of its element size, as the
  // format asks; then by name.
  const entries = Object.entries(tensors).sort(
    ([a, x], [b, y]) => SIZES[y.type] - SIZES[x.type] || (a < b ? -1 : a > b ? 1 : 0),
  );
  for (const [name, { type, shape, values }] of entries) {
    const expected = ARRAYS[type];
    if (name === "__metadata__" || type === "F16" || type === "BF16" || !(values instanceof expected)) {
      throw new CheckpointError(complaint(name, `values of ${type} that can be written, as ${expected.name}`, values));
    }
    if (values.length !== sizeOf(shape)) {
      throw new CheckpointError(complaint(name, `${sizeOf(shape)} values for shape [${shape}]`, values.length));
    }
    header[name] = { dtype: type, shape, data_offsets: [offset, offset + values.byteLength] };
    parts.push(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    offset += values.byteLength;
  }
  const json = Buffer.from(JSON.stringify(header), "utf8");
  const padded = Math.ceil(json.length / 8) * 8;
  const start = Buffer.alloc(8 + padded, " ");
  start.writeBigUInt64LE(BigInt(padded));
  json.copy(start, 8);
  return [start, ...parts];
}

/**
 * The content of the bytes of a safetensors file.
 * @throws CheckpointError naming `file` and what is wrong with it
 */
export function decodeSafetensors(bytes: Uint8Array, file = "safetensors"): Safetensors {
  const wrong = (text: string) => new CheckpointError(`${file}: ${text}. Nothing was loaded`);
  const other = otherFile(bytes);
  if (other !== undefined) throw wrong(other);
  if (bytes.byteLength < 8) throw wrong(`the file has ${bytes.byteLength} bytes, too short for a header`);
  const length = Number(Buffer.from(bytes.buffer, bytes.byteOffset, 8).readBigUInt64LE());
  if (length > LONGEST_HEADER) throw wrong(`the header claims to be ${length} bytes long, more than ${LONGEST_HEADER}`);
  if (8 + length > bytes.byteLength) {
    throw wrong(`the header claims to be ${length} bytes long, the file has ${bytes.byteLength}`);
  }
  const header = parseHeader(bytes.subarray(8, 8 + length), wrong);
  const { __metadata__, ...entries } = header;
  const metadata = __metadata__ ?? {}; // null is none, as the reference reads it
  checkMetadata(metadata, wrong);

  const data = bytes.subarray(8 + length);
  const described = Object.entries(entries).map(([name, entry]) => describeEntry(name, entry, wrong));
  described.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let next = 0;
  for (const { name, begin, end } of described) {
    if (begin !== next) {
      throw wrong(
        `tensor ${quote(name)} begins at ${begin}, ${begin < next ? "inside another" : "after a gap"} (${next} was due)`,
      );
    }
    next = end;
  }
  if (next !== data.byteLength) {
    throw wrong(`the tensors take ${next} bytes, the file has ${data.byteLength} after its header`);
  }
  const tensors = described.map(({ name, type, shape, begin, end }) => {
    // A copy, so that it is aligned and does not hold the whole file in memory.
    const { buffer } = new Uint8Array(data.subarray(begin, end));
    if (type === "F16" || type === "BF16") {
      const widen = type === "F16" ? fromHalf : fromBrain;
      return [name, { type, shape, values: Float32Array.from(new Uint16Array(buffer), widen) }] as const;
    }
    return [name, { type, shape, values: new ARRAYS[type](buffer) }] as const;
  });
  // Names are data: "__proto__" must become a property like any other.
  return { tensors: Object.fromEntries(tensors), metadata: { ...(metadata as Record<string, string>) } };
}

const ARRAYS = {
  F64: Float64Array,
  F32: Float32Array,
  F16: Float32Array,
  BF16: Float32Array,
  I64: BigInt64Array,
  I32: Int32Array,
  I16: Int16Array,
  I8: Int8Array,
  U64: BigUint64Array,
  U32: Uint32Array,
  U16: Uint16Array,
  U8: Uint8Array,
  BOOL: Uint8Array,
} as const;

type Wrong = (text: string) => CheckpointError;

/** What else the bytes are, for files that are often found under this name. */
function otherFile(bytes: Uint8Array): string | undefined {
  const begin = String.fromCharCode(...bytes.subarray(0, 4));
  if (begin === "PK\x03\x04") return "this is a zip archive, as torch.save writes it, not safetensors";
  if (/^<(!do|htm)/i.test(begin)) return "this is a web page, not safetensors: was the download refused?";
  return gitLfsPointer(bytes);
}

function parseHeader(bytes: Uint8Array, wrong: Wrong): Record<string, unknown> {
  let header: unknown;
  try {
    header = parseJSON(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (error) {
    throw wrong(`the header is no JSON text: ${(error as Error).message}`);
  }
  if (!isRecord(header) || bytes[0] !== "{".charCodeAt(0)) throw wrong("the header is no JSON object");
  return header;
}

function checkMetadata(metadata: unknown, wrong: Wrong): void {
  if (!isRecord(metadata) || Object.values(metadata).some((value) => typeof value !== "string")) {
    throw wrong("__metadata__ must be an object of strings");
  }
}

function describeEntry(name: string, entry: unknown, wrong: Wrong) {
  const { dtype, shape, data_offsets: offsets } = isRecord(entry) ? entry : {};
  const count = (n: unknown): n is number => Number.isSafeInteger(n) && (n as number) >= 0;
  if (typeof dtype !== "string" || !Object.hasOwn(SIZES, dtype)) {
    throw wrong(`tensor ${quote(name)} has the unknown dtype ${quote(dtype)}`);
  }
  if (!Array.isArray(shape) || !shape.every(count)) throw wrong(`tensor ${quote(name)} has the shape ${quote(shape)}`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(count) || offsets[0] > offsets[1]) {
    throw wrong(`tensor ${quote(name)} has the data_offsets ${quote(offsets)}`);
  }
  const type = dtype as SafetensorsType;
  const [begin, end] = offsets as [number, number];
  const size = sizeOf(shape) * SIZES[type];
  if (end - begin !== size) {
    throw wrong(`tensor ${quote(name)} of ${type} [${shape}] needs ${size} bytes, data_offsets give ${end - begin}`);
  }
  return { name, type, shape: shape as number[], begin, end };
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** IEEE 754 half precision: 1 sign, 5 exponent and 10 fraction bits. */
function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const word = new Uint32Array(1);
const wordAsFloat = new Float32Array(word.buffer);

/** bfloat16: the upper half of a float32. */
function fromBrain(bits: number): number {
  word[0] = bits << 16;
  return wordAsFloat[0];
}
