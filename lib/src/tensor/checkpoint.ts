import { CheckpointError, complaint } from "../core/index.js";
import { isRecord, parseJSON } from "../core/json.js";
import type { Key } from "../random/index.js";
import { type HostTensor, readSafetensors, writeSafetensors } from "./safetensors.js";
import { tf } from "./tf.js";
import { describe, namedLeaves, type Tree, unflatten } from "./tree.js";

/** All that a run needs to go on as if it had never stopped. */
export interface Checkpoint<T extends { [name: string]: Tree }> {
  /** Steps done. */
  step: number;
  /** The run's random key; a step's own key is foldIn(key, step). */
  key: Key;
  /** Parameters, optimiser state and whatever else: saved in full, bit for bit. */
  trees: T;
  /** Anything to be read by people or tools later. */
  notes?: { [name: string]: string };
}

/**
 * Writes a checkpoint as one safetensors file, in one step: killed at any moment, the path holds the last whole
 * checkpoint. Tensors are named "params.blocks.0..." after their tree; step, key and notes are metadata.
 * @throws CheckpointError if step is not a count or a leaf is of a dtype other than float32, int32 and bool
 */
export function saveCheckpoint<T extends { [name: string]: Tree }>(path: string, checkpoint: Checkpoint<T>): void {
  const { step, key, trees, notes = {} } = checkpoint;
  if (!Number.isSafeInteger(step) || step < 0) throw new CheckpointError(complaint("step", "a number of steps", step));
  const tensors = Object.fromEntries(namedLeaves(trees).map(([name, leaf]) => [name, toHost(leaf, name)]));
  const metadata = { format: "rlhf-lab", step: String(step), key: key.join(" "), notes: JSON.stringify(notes) };
  writeSafetensors(path, { tensors, metadata });
}

/**
 * Reads a checkpoint. `like` has the names, shapes and dtypes to expect (say, freshly initialised parameters and
 * optimiser state); the tensors returned are new.
 * @throws CheckpointError if the file is damaged, is no checkpoint, or holds other tensors than
 *   `like`; nothing is loaded then
 */
export function loadCheckpoint<T extends { [name: string]: Tree }>(path: string, like: T): Required<Checkpoint<T>> {
  const { tensors, metadata } = readSafetensors(path);
  const wrong = (text: string) => new CheckpointError(`${path}: ${text}. Nothing was loaded`);
  const count = (text: string) => (/^\d+$/.test(text) ? Number(text) : Number.NaN); // Number("") would be 0
  const step = count(metadata.step ?? "");
  const key = (metadata.key ?? "").split(" ").map(count);
  const isWord = (word: number) => Number.isInteger(word) && word < 2 ** 32;
  if (metadata.format !== "rlhf-lab" || !Number.isSafeInteger(step) || key.length !== 2 || !key.every(isWord)) {
    throw wrong("its metadata is not that of a checkpoint of ours");
  }
  const notes = readNotes(metadata.notes ?? "{}", wrong);
  const expected = namedLeaves(like);
  for (const [name, leaf] of expected) {
    const found = tensors[name];
    if (found === undefined) throw wrong(`tensor ${name} is missing`);
    const got = `${DTYPES[found.type as keyof typeof DTYPES] ?? found.type} [${found.shape.join(", ")}]`;
    if (got !== describe(leaf)) throw wrong(`tensor ${name}: expected ${describe(leaf)}, got ${got}`);
  }
  const names = new Set(expected.map(([name]) => name));
  const extra = Object.keys(tensors).find((name) => !names.has(name));
  if (extra !== undefined) throw wrong(`tensor ${extra} was not expected`);
  const loaded = expected.map(([name]) => toTensor(tensors[name], name));
  return { step, key: [key[0], key[1]], trees: unflatten(like, loaded), notes };
}

function readNotes(text: string, wrong: (text: string) => CheckpointError): { [name: string]: string } {
  let notes: unknown;
  try {
    notes = parseJSON(text);
  } catch (error) {
    throw wrong(`its notes are damaged: ${(error as Error).message}`);
  }
  if (!isRecord(notes) || Object.values(notes).some((note) => typeof note !== "string")) {
    throw wrong(complaint("its notes", "an object of texts", notes));
  }
  return notes as { [name: string]: string };
}

const DTYPES = { F32: "float32", I32: "int32", BOOL: "bool" } as const;

/**
 * A tensor's numbers in the form that safetensors holds.
 * @throws CheckpointError if its dtype is not float32, int32 or bool
 */
export function toHost(tensor: tf.Tensor, name = "tensor"): HostTensor {
  const type = (["F32", "I32", "BOOL"] as const).find((type) => DTYPES[type] === tensor.dtype);
  if (type === undefined) throw new CheckpointError(complaint(name, "dtype float32, int32 or bool", tensor.dtype));
  return { type, shape: [...tensor.shape], values: tensor.dataSync() as HostTensor["values"] };
}

/**
 * A tensor from what safetensors holds: every float becomes float32, every integer int32.
 * @throws CheckpointError if an integer does not fit into 32 bits
 */
export function toTensor({ type, shape, values }: HostTensor, name = "tensor"): tf.Tensor {
  if (type === "BOOL") return tf.tensor(values as Uint8Array, shape, "bool");
  if (values instanceof Float32Array || values instanceof Float64Array) {
    return tf.tensor(Float32Array.from(values), shape, "float32");
  }
  const integers = Int32Array.from(values as ArrayLike<number | bigint> as ArrayLike<number>, (value) => {
    const number = Number(value);
    if (number !== (number | 0)) throw new CheckpointError(complaint(name, "integers of 32 bits", number));
    return number;
  });
  return tf.tensor(integers, shape, "int32");
}
