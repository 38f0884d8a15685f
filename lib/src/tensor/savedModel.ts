import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isAlive } from "./atomicFile.js";
import { ATTR, type OpAttribute } from "./binding.js";
import { bytes, float, message, varint } from "./protobuf.js";

/**
 * A TensorFlow graph as a SavedModel file, the only form in which tfjs-node accepts one. Field numbers are those of
 * tensorflow/core/protobuf/{saved_model,meta_graph}.proto and
 * tensorflow/core/framework/{graph,node_def,attr_value,tensor}.proto.
 */
export interface GraphNode {
  name: string;
  op: string;
  /** "node:output" of every input. */
  inputs: string[];
  /** Encoded AttrValue messages under their names. */
  attributes: Map<string, Uint8Array>;
  /** The dtype of every output. */
  types: number[];
  /** The branch it belongs to, see `inBranches`. */
  branch?: number;
}

/**
 * What keeps the bits: before a graph runs, TensorFlow's optimiser (grappler) rewrites arithmetic, x / sqrt(y) to
 * x * rsqrt(y) or a * (b * x) to (a * b) * x, which changes last bits, and the binding gives no way to turn it off. It
 * does not look behind a placeholder, not even one with a default, which costs nothing when nobody feeds it. So a float
 * number that comes out of arithmetic, and a float constant, passes through one.
 */
export const GUARD = "PlaceholderWithDefault";

export function placeholder(name: string, shape: readonly number[], dtype: number): GraphNode {
  const attributes = new Map([
    ["dtype", varint(6, dtype)],
    ["shape", bytes(7, shapeProto(shape))],
  ]);
  return { name, op: "Placeholder", inputs: [], attributes, types: [dtype] };
}

/**
 * A constant; strings are a list of byte arrays, int64 comes as pairs of int32, everything else as its own typed array.
 */
export function constant(
  name: string,
  shape: readonly number[],
  dtype: number,
  values: ArrayBufferView | Uint8Array[],
): GraphNode {
  const content = ArrayBuffer.isView(values)
    ? [bytes(4, new Uint8Array(values.buffer, values.byteOffset, values.byteLength))]
    : values.map((value) => bytes(8, value));
  const tensor = message(8, varint(1, dtype), bytes(2, shapeProto(shape)), ...content);
  const attributes = new Map([
    ["dtype", varint(6, dtype)],
    ["value", tensor],
  ]);
  return { name, op: "Const", inputs: [], attributes, types: [dtype] };
}

export function identity(name: string, input: string, dtype: number): GraphNode {
  return { name, op: "Identity", inputs: [input], attributes: new Map([["T", varint(6, dtype)]]), types: [dtype] };
}

/** An attribute as tfjs-node's binding takes it, as an AttrValue message. */
export function attribute({ name, type, value }: OpAttribute): Uint8Array {
  if (type === ATTR.shape) return bytes(7, shapeProto(value as number[]));
  if (Array.isArray(value)) return message(1, ...value.map((item) => scalar(name, type, item)));
  return scalar(name, type, value);
}

function scalar(name: string, type: number, value: unknown): Buffer {
  switch (type) {
    case ATTR.string:
      return bytes(2, String(value));
    case ATTR.int:
      return varint(3, Number(value));
    case ATTR.float:
      return float(4, Number(value));
    case ATTR.bool:
      return varint(5, value ? 1 : 0);
    case ATTR.type:
      return varint(6, Number(value));
    default:
      throw new Error(`attribute ${name} has type ${type}, which no op of TensorFlow.js uses`);
  }
}

function shapeProto(shape: readonly number[]): Buffer {
  return Buffer.concat(shape.map((size) => message(2, varint(1, size))));
}

/** The attributes of a node, in a graph and in a function. */
export function encodeAttributes(attributes: GraphNode["attributes"]): Buffer[] {
  return Array.from(attributes, ([key, value]) => message(5, bytes(1, key), bytes(2, value)));
}

/** The bytes of saved_model.pb: a graph, and the functions that it calls. */
export function encodeSavedModel(nodes: readonly GraphNode[], functions: readonly Uint8Array[] = []): Buffer {
  const graph = nodes.map(({ name, op, inputs, attributes }) =>
    message(
      1,
      bytes(1, name),
      bytes(2, op),
      ...inputs.map((input) => bytes(3, input)),
      ...encodeAttributes(attributes),
    ),
  );
  // Producer: the version of the graph format, TensorFlow 2.9's, which every later one reads.
  const versions = message(4, varint(1, 1087), varint(2, 12));
  const metaInfo = message(1, bytes(4, "serve"));
  return Buffer.concat([varint(1, 1), message(2, metaInfo, message(2, ...graph, message(2, ...functions), versions))]);
}

const PREFIX = "rlhf-lab-graph-";
let swept = false;

/** Writes a model where `load` finds it, and removes it as soon as it is loaded. */
export function withSavedModel<T>(model: Uint8Array, load: (folder: string) => T): T {
  sweep();
  const folder = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  try {
    mkdirSync(join(folder, "variables"));
    writeFileSync(join(folder, "saved_model.pb"), model);
    return load(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Once a process: removes what processes that were killed while loading left behind. */
function sweep(): void {
  if (swept) return;
  swept = true;
  for (const name of readdirSync(tmpdir())) {
    const pid = Number(name.startsWith(PREFIX) ? name.slice(PREFIX.length).split("-")[0] : Number.NaN);
    if (!Number.isInteger(pid) || pid === process.pid || isAlive(pid)) continue;
    rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}
