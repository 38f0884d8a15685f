import { DomainError } from "../core/index.js";
import {
  ATTR,
  type Binding,
  DTYPE,
  dtypeNumber,
  type NativeBackend,
  type TensorHandle,
  typeAttribute,
} from "./binding.js";
import { Places } from "./places.js";
import { recordingState } from "./recordingState.js";
import { attribute, constant, type GraphNode, GUARD, identity, placeholder } from "./savedModel.js";
import type { tf } from "./tf.js";

/** A recorded function: its nodes in order, and the names by which the session is fed and read. */
export interface Recording {
  nodes: GraphNode[];
  inputs: string[];
  outputs: string[];
}

/**
 * Ops whose results need no guard: those that move numbers and compute none, and products: into MatMul the
 * optimiser puts the bias that is added to it, with the same bits. Not Transpose, which would go into a product
 * that comes after it, with others.
 */
const UNGUARDED = new Set(
  "MatMul _MklMatMul BatchMatMulV2 _MklBatchMatMulV2 Reshape ExpandDims Squeeze ConcatV2 Split SplitV Pack Unpack Slice StridedSlice GatherV2 Tile BroadcastTo".split(
    " ",
  ),
);

/** From how many numbers on a result is not kept while recording. */
const LARGE = 2 ** 16;

/**
 * Runs `fn` once on tensors like the examples while writing down what it asks of TensorFlow. Everything goes through
 * two functions of the binding, executeOp and createTensor, so their calls are the graph, gradients included.
 * @throws DomainError if `fn` uses a tensor from outside, reads a value, or draws random numbers
 */
export function record(
  native: NativeBackend,
  examples: readonly tf.Tensor[],
  fn: (inputs: tf.Tensor[]) => tf.Tensor[],
): Recording {
  const nodes: GraphNode[] = [];
  const nameOfId = new Map<number, string>();
  const typeOfId = new Map<number, number>();
  const formOfId = new Map<number, string>();
  const nameOfContent = new Map<string, string>();
  const constants = new Set<string>();
  const places = new Places();
  // What follows from a part is a function only where it holds products: gradients that come together are not.
  const worthwhile = new Set<number | undefined>();
  const made = new Set<object>(); // the data of every tensor that belongs to this recording
  const { binding } = native;

  /** Adds a node unless the same one is there already; nothing recorded here has an effect, so once is enough. */
  const add = (node: Omit<GraphNode, "name">): string => {
    const attributes = Array.from(node.attributes, ([key, value]) => `${key}=${Buffer.from(value).toString("latin1")}`);
    // Branches do not share nodes, or one would wait for another; constants belong to none.
    const isConstant = node.op === "Const" || (node.op === GUARD && constants.has(node.inputs[0]));
    const part = isConstant ? undefined : recordingState.branch;
    const branch = places.branch(node.inputs, part);
    const content = [branch, node.op, ...node.inputs, ...attributes].join("\n");
    const known = nameOfContent.get(content);
    if (known !== undefined) return known;
    const name = `n${nodes.length}`;
    nodes.push({ ...node, name, branch });
    places.add(name, node.inputs, part);
    if (part !== undefined || /MatMul/.test(node.op)) worthwhile.add(branch);
    nameOfContent.set(content, name);
    if (node.op === "Const") constants.add(`${name}:0`);
    return name;
  };

  /** Hides a float value's origin from TensorFlow's optimiser, see GUARD. */
  const guard = (output: string, shape: number[], dtype: number): string => {
    if (dtype !== DTYPE.float32) return output;
    return `${add({ ...placeholder("", shape, dtype), op: GUARD, inputs: [output] })}:0`;
  };

  /** Of a SplitV that undoes a ConcatV2: what was put together. */
  const joined = new Map<string, { parts: number[]; axis: number; sizes: string }>();
  const wholeNumbers = new Map<number, number[]>();
  const join = (inputs: number[], output: string) => {
    const axis = wholeNumbers.get(inputs.at(-1) as number)?.[0];
    const parts = inputs.slice(0, -1);
    const sizes = parts.map((id) => formOfId.get(id)?.split(",")[axis ?? 0]);
    if (axis !== undefined && axis >= 0 && !sizes.includes(undefined)) {
      joined.set(output, { parts, axis, sizes: sizes.join() });
    }
  };
  const cutAgain = ([whole, sizes, axis]: number[]): number[] | undefined => {
    const found = joined.get(nameOfId.get(whole) as string);
    if (found?.axis !== wholeNumbers.get(axis)?.[0] || found?.sizes !== wholeNumbers.get(sizes)?.join())
      return undefined;
    return found?.parts;
  };

  const createTensor: Binding["createTensor"] = (shape, dtype, values) => {
    const id = binding.createTensor(shape, dtype, values);
    if (dtype === DTYPE.int32 && shape.length < 2) wholeNumbers.set(id, Array.from(values as Int32Array));
    typeOfId.set(id, dtype);
    nameOfId.set(id, guard(`${add(constant("", shape, dtype, values))}:0`, shape, dtype));
    return id;
  };
  /**
   * Of a recorded op's result only the form matters. So a large one is freed at once, and zeros stand in for it where
   * it is used: one tensor for all results of a shape, under another handle each. Otherwise the recording would need
   * more memory than the graph ever does.
   */
  const zeros = new Map<string, number>();
  const light = (handle: TensorHandle): TensorHandle => {
    const { id, shape, dtype } = handle;
    const size = shape.reduce((product, length) => product * length, 1);
    if (dtype !== DTYPE.float32 || size < LARGE) return handle;
    binding.deleteTensor(id);
    const zero = zeros.get(shape.join()) ?? binding.createTensor(shape, dtype, new Float32Array(size));
    zeros.set(shape.join(), zero);
    return binding.executeOp("Identity", [typeAttribute("T", "float32")], [zero], 1)[0];
  };
  const executeOp: Binding["executeOp"] = (op, attributes, inputs, outputs) => {
    if (/random|multinomial|truncatednormal/i.test(op)) throw new DomainError(randomness(op));
    const result = binding.executeOp(op, attributes, inputs, outputs).map(light);
    const type = typeOfId.get(inputs[0]);
    const form = result[0]?.shape.join();
    if (
      op === "Identity" ||
      (op === "Cast" && type === result[0].dtype) ||
      (op === "Reshape" && formOfId.get(inputs[0]) === form)
    ) {
      // The same tensor under another name: the graph needs no op for it.
      formOfId.set(result[0].id, form);
      nameOfId.set(result[0].id, nameOfId.get(inputs[0]) as string);
      typeOfId.set(result[0].id, type as number);
      return result;
    }
    const parts = op === "SplitV" ? cutAgain(inputs) : undefined;
    if (parts !== undefined) {
      result.forEach((handle, i) => {
        nameOfId.set(handle.id, nameOfId.get(parts[i]) as string);
        typeOfId.set(handle.id, handle.dtype);
        formOfId.set(handle.id, handle.shape.join());
      });
      return result;
    }
    if (op === "ExpandDims" && attributes.length === 0 && type !== undefined) {
      // The one op for which tfjs-node leaves the types to be inferred, which a graph does not do.
      attributes = [
        { name: "T", type: ATTR.type, value: type },
        { name: "Tdim", type: ATTR.type, value: DTYPE.int32 },
      ];
    }
    const name = add({
      op,
      inputs: inputs.map((id) => nameOfId.get(id) as string),
      attributes: new Map(attributes.map((a) => [a.name, attribute(a)])),
      types: result.map(({ dtype }) => dtype),
    });
    result.forEach((handle, i) => {
      const output = `${name}:${i}`;
      nameOfId.set(handle.id, UNGUARDED.has(op) ? output : guard(output, handle.shape, handle.dtype));
      typeOfId.set(handle.id, handle.dtype);
      formOfId.set(handle.id, handle.shape.join());
    });
    if (op === "ConcatV2") join(inputs, nameOfId.get(result[0].id) as string);
    return result;
  };
  // Descriptors, because the binding's own properties are read-only and an assignment would be refused.
  const recorder = Object.create(binding, { createTensor: { value: createTensor }, executeOp: { value: executeOp } });

  // The examples once more under identities of their own: one tensor given for two arguments must stay two inputs.
  const inputs = examples.map((example, i) => {
    const input = native.executeSingleOutput("Identity", [typeAttribute("T", example.dtype)], [example]);
    nodes.push(placeholder(`in${i}`, example.shape, dtypeNumber(example.dtype)));
    const { id } = native.tensorMap.get(input.dataId);
    nameOfId.set(id, `in${i}:0`);
    typeOfId.set(id, dtypeNumber(example.dtype));
    made.add(input.dataId);
    return input;
  });

  const restore = replace(native, {
    binding: recorder,
    createOutputTensor(handle) {
      const tensor = base.createOutputTensor.call(native, handle);
      made.add(tensor.dataId);
      return tensor;
    },
    move(dataId, values, shape, dtype, refCount) {
      made.add(dataId);
      base.move.call(native, dataId, values, shape, dtype, refCount);
    },
    getInputTensorIds(tensors) {
      for (const tensor of tensors) {
        // tfjs-node's 64-bit scalars are not tensors and have no data; they are constants.
        if (tensor.dataId !== undefined && !made.has(tensor.dataId)) {
          throw new DomainError(
            `a captured function uses a ${tensor.dtype} tensor [${tensor.shape.join(", ")}] made outside of it: make it an argument, or a constant by creating it inside`,
          );
        }
      }
      return base.getInputTensorIds.call(native, tensors);
    },
    readSync(dataId) {
      const info = native.tensorMap.get(dataId);
      if (made.has(dataId) && info.values !== null) return info.values; // a constant, known before the graph runs
      throw new DomainError(
        "a captured function reads the value of a tensor (dataSync, print, array, or a JavaScript if on it); return the tensor and read it outside",
      );
    },
  });
  const base = Object.getPrototypeOf(native) as NativeBackend;
  const { random } = Math;
  Math.random = () => {
    throw new DomainError(randomness("Math.random"));
  };
  recordingState.active = true;
  try {
    const results = fn(inputs);
    const ids = native.getInputTensorIds(results);
    const outputs = results.map((result, i) => {
      nodes.push(identity(`out${i}`, nameOfId.get(ids[i]) as string, dtypeNumber(result.dtype)));
      return `out${i}:0`;
    });
    for (const node of nodes) if (!worthwhile.has(node.branch)) node.branch = undefined;
    return { nodes: needed(nodes, outputs.length), inputs: examples.map((_, i) => `in${i}:0`), outputs };
  } finally {
    recordingState.active = false;
    Math.random = random;
    restore();
    for (const input of inputs) input.dispose();
    for (const zero of zeros.values()) binding.deleteTensor(zero);
  }
}

function randomness(what: string): string {
  return `a captured function draws random numbers (${what}), which a graph would repeat in every call: draw them from a key outside and hand them in as an argument`;
}

/** Puts members of our own on the backend object; returns a function that brings back what was there. */
function replace(native: NativeBackend, members: Partial<NativeBackend>): () => void {
  const before = Object.keys(members).map((name) => [name, Object.getOwnPropertyDescriptor(native, name)] as const);
  Object.assign(native, members);
  return () => {
    for (const [name, descriptor] of before) {
      if (descriptor === undefined) Reflect.deleteProperty(native, name);
      else Object.defineProperty(native, name, descriptor);
    }
  };
}

/** The nodes that the outputs depend on, and all inputs. */
function needed(nodes: GraphNode[], outputs: number): GraphNode[] {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const keep = new Set<string>();
  const open = nodes.slice(nodes.length - outputs).map((node) => node.name);
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (keep.has(name)) continue;
    keep.add(name);
    for (const input of byName.get(name)?.inputs ?? []) open.push(input.split(":")[0]);
  }
  return nodes.filter((node) => keep.has(node.name) || node.op === "Placeholder");
}

/** For tests and reports: how often each op occurs in a recording. */
export function countOps(nodes: GraphNode[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { op } of nodes) if (op !== GUARD) counts[op] = (counts[op] ?? 0) + 1;
  return counts;
}
