import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { CheckpointError, complaint, DataError } from "../core/index.js";
import { isRecord, parseJSON } from "../core/json.js";
import { gitLfsPointer } from "../core/pointer.js";
import { type HostTensor, readSafetensors } from "../tensor/index.js";

/** The weights of a folder, and the file that errors should name. */
export interface FolderWeights {
  file: string;
  tensors: Record<string, HostTensor>;
}

const WHOLE = "model.safetensors";
const INDEX = "model.safetensors.index.json";

/** Weights in forms that we do not read, by the ends of their names. */
const OTHERS: [form: RegExp, name: string][] = [
  [/\.(bin|pt|pth|ckpt)$/, "a pickle, which can run code when it is read"],
  [/\.bin\.index\.json$/, "a list of pickles"],
  [/\.(h5|msgpack|onnx|gguf|ot)$/, "of another framework"],
  [/^adapter_model\.safetensors$/, "an adapter: merge it into its model (PEFT's merge_and_unload)"],
];

/**
 * Reads model.safetensors, or the parts (shards) that model.safetensors.index.json lists.
 * @throws CheckpointError if a file is missing or damaged, or a part has not the tensors that the index says; it
 *   names what the folder holds instead and what to do
 */
export function readWeights(folder: string): FolderWeights {
  const whole = join(folder, WHOLE);
  const index = join(folder, INDEX);
  if (!existsSync(whole) && existsSync(index)) return { file: index, tensors: readShards(folder, index) };
  if (!existsSync(whole)) throw new CheckpointError(`${folder}: there is no ${WHOLE}. ${instead(folder)}`);
  return { file: whole, tensors: readSafetensors(whole).tensors };
}

function instead(folder: string): string {
  const files = readdirSync(folder).sort();
  for (const [form, name] of OTHERS) {
    const found = files.find((file) => form.test(file));
    if (found === undefined) continue;
    const how = "transformers writes safetensors: AutoModelForCausalLM.from_pretrained(folder).save_pretrained(folder)";
    return `There is ${found}, ${name}. ${how}`;
  }
  return `There is: ${files.slice(0, 10).join(", ") || "nothing"}`;
}

function readShards(folder: string, index: string): Record<string, HostTensor> {
  const wrong = (text: string) => new CheckpointError(`${index}: ${text}. Nothing was loaded`);
  const { weight_map: map } = readRecord(index);
  if (!isRecord(map)) throw wrong(complaint("weight_map", "an object: the file of each tensor", map));
  for (const [name, file] of Object.entries(map)) {
    const plain = typeof file === "string" && file.endsWith(".safetensors") && basename(file) === file;
    if (!plain)
      throw wrong(complaint(`weight_map[${JSON.stringify(name)}]`, "a safetensors file of this folder", file));
  }
  const tensors: Record<string, HostTensor> = {};
  for (const file of new Set(Object.values(map) as string[])) {
    for (const [name, tensor] of Object.entries(readSafetensors(join(folder, file)).tensors)) {
      if (map[name] !== file) throw wrong(`${file} holds ${name}, which the list has in ${map[name] ?? "no file"}`);
      tensors[name] = tensor;
    }
  }
  const missing = Object.keys(map).find((name) => !Object.hasOwn(tensors, name));
  if (missing !== undefined) throw wrong(`${map[missing]} does not hold ${missing}`);
  return tensors;
}

/** The object in a JSON file. */
export function readRecord(file: string): Record<string, unknown> {
  let json: unknown;
  try {
    const bytes = readFileSync(file);
    const pointer = gitLfsPointer(bytes);
    if (pointer !== undefined) throw new DataError(pointer);
    json = parseJSON(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (error) {
    throw new CheckpointError(`${file}: ${(error as Error).message}`);
  }
  if (!isRecord(json)) throw new CheckpointError(complaint(file, "a JSON object", json));
  return json;
}
