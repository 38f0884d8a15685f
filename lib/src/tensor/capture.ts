import { DomainError, ShapeError } from "../core/index.js";
import type { Binding, NativeBackend } from "./binding.js";
import { branchFunctions } from "./graphFunctions.js";
import { nativeBackend } from "./native.js";
import { countOps, type Recording, record } from "./record.js";
import { isDifferentiating, recordingState } from "./recordingState.js";
import { encodeSavedModel, withSavedModel } from "./savedModel.js";
import { tf } from "./tf.js";
import { describe, isTensor, leaves, namedLeaves, type Tree, unflatten } from "./tree.js";

/** A captured function: called like the function it was made from. */
export interface Captured<A extends readonly Tree[], R extends Tree> {
  (...args: A): R;
  /** How many of each TensorFlow op one call runs; undefined where the function runs eagerly. */
  readonly ops: Readonly<Record<string, number>> | undefined;
}

/** A loaded graph. Names are node names as TensorFlow's session wants them, in the order of the leaves. */
interface Graph {
  session: number;
  binding: Binding;
  inputNames: string;
  outputNames: string;
  /** Builds the result from its leaves. */
  assemble: (outputs: tf.Tensor[]) => Tree;
  ops: Record<string, number>;
}

/** What a captured function remembers of an example: no tensor, so that the example can be freed. */
interface Leaf {
  path: string;
  text: string;
  dtype: string;
  shape: number[];
}

/** Graphs by function and by the names, shapes and dtypes of its arguments. */
const graphs = new WeakMap<object, Map<string, Graph>>();
const collector = new FinalizationRegistry<() => void>((free) => free());

/**
 * Makes a function fast. `fn` takes trees of tensors and returns one; `capture` runs it once on the example, records
 * every op as one TensorFlow graph, and returns a function with the same results, bit for bit, that runs the graph in
 * one call. Capturing the same function again for the same shapes costs nothing.
 *
 * `fn` must be pure and its shapes static: everything that changes from call to call is an argument, random numbers
 * too; numbers in the code and tensors created inside are constants. Inside tf.grads or another capture the original
 * runs. Without native TensorFlow the original runs always.
 *
 * @example
 * const double = capture((x: tf.Tensor) => tf.mul(x, 2), [tf.tensor1d([0, 0])]);
 * double(tf.tensor1d([3, 4])).arraySync() // [6, 8]
 * @throws ShapeError, when called, if an argument differs from the example in names, shape or dtype;
 *   DomainError, when captured, if fn uses a tensor that is neither an argument nor made inside, reads a tensor's
 *   value, or draws random numbers
 */
export function capture<A extends readonly Tree[], R extends Tree>(fn: (...args: A) => R, example: A): Captured<A, R> {
  const expected = namedLeaves(example).map(([path, { dtype, shape }]) => {
    return { path, text: `${path}: ${dtype} [${shape.join(", ")}]`, dtype, shape: [...shape] };
  });
  const native = nativeBackend();
  const graph = native && graphOf(native, fn, example, expected);
  const call = (...args: A): R => {
    const inputs = checkedLeaves(expected, args);
    if (graph === undefined || native === undefined || recordingState.active || isDifferentiating()) {
      return tf.tidy(() => fn(...args) as never) as R;
    }
    const { binding, session, inputNames, outputNames } = graph;
    const handles = binding.runSavedModel(session, native.getInputTensorIds(inputs), inputNames, outputNames);
    return graph.assemble(handles.map((handle) => native.createOutputTensor(handle))) as R;
  };
  return Object.assign(call, { ops: graph?.ops });
}

/** The graph of a function for arguments of this form, traced at the first request. */
function graphOf<A extends readonly Tree[]>(
  native: NativeBackend,
  fn: (...args: A) => Tree,
  example: A,
  expected: Leaf[],
): Graph {
  const known = graphs.get(fn) ?? new Map<string, Graph>();
  graphs.set(fn, known);
  const signature = expected.map(({ text }) => text).join("\n");
  const graph = known.get(signature) ?? trace(native, fn, example);
  known.set(signature, graph);
  return graph;
}

function trace<A extends readonly Tree[]>(native: NativeBackend, fn: (...args: A) => Tree, example: A): Graph {
  let assemble: Graph["assemble"] = ([only]) => only;
  let recording: Recording | undefined;
  tf.tidy(() => {
    recording = record(native, leaves(example), (inputs) => {
      const result = fn(...unflatten(example, inputs));
      if (result instanceof Promise) throw new DomainError("a captured function cannot be async");
      assemble = assembler(result);
      return leaves(result);
    });
  });
  const { nodes, inputs, outputs } = recording as unknown as Recording;
  const { binding } = native;
  const { nodes: graphNodes, functions } = branchFunctions(nodes);
  const model = encodeSavedModel(graphNodes, functions);
  const session = withSavedModel(model, (folder) => binding.loadSavedModel(folder, "serve"));
  const names = { inputNames: inputs.join(","), outputNames: outputs.join(",") };
  const graph: Graph = { session, binding, ...names, assemble, ops: countOps(nodes) };
  collector.register(graph, () => binding.deleteSavedModel(session));
  return graph;
}

/** A function that builds a tree of the form of `like` and keeps no tensor of it. */
function assembler(like: Tree): (outputs: tf.Tensor[]) => Tree {
  let count = 0;
  const slot = (node: Tree): unknown => {
    if (isTensor(node)) return null;
    if (Array.isArray(node)) return node.map(slot);
    return Object.fromEntries(Object.entries(node).map(([name, child]) => [name, slot(child)]));
  };
  const number = (node: unknown): unknown => {
    if (node === null) return count++;
    if (Array.isArray(node)) return node.map(number);
    const record = node as Record<string, unknown>;
    const numbered = { ...record };
    for (const name of Object.keys(record).sort()) numbered[name] = number(record[name]);
    return numbered;
  };
  const form = number(slot(like));
  const fill = (node: unknown, outputs: tf.Tensor[]): Tree => {
    if (typeof node === "number") return outputs[node];
    if (Array.isArray(node)) return node.map((child) => fill(child, outputs));
    const out: Record<string, Tree> = {};
    for (const name in node as object) out[name] = fill((node as Record<string, unknown>)[name], outputs);
    return out;
  };
  return (outputs) => fill(form, outputs);
}

/** The leaves of the arguments, when they have the names, shapes and dtypes of the example. */
function checkedLeaves(expected: Leaf[], args: readonly Tree[]): tf.Tensor[] {
  const got = namedLeaves(args);
  for (let i = 0; i < expected.length; i++) {
    const { path, text, dtype, shape } = expected[i];
    const [gotPath, leaf] = got[i] ?? ["nothing", undefined];
    const same =
      leaf !== undefined &&
      path === gotPath &&
      dtype === leaf.dtype &&
      shape.length === leaf.shape.length &&
      shape.every((size, axis) => size === leaf.shape[axis]);
    if (!same)
      throw wrongArgument(`expected argument ${text}, got ${gotPath}${leaf ? `: ${describe(leaf)}` : " more"}`);
  }
  if (got.length > expected.length) {
    throw wrongArgument(
      `expected ${expected.length} tensors, got ${got.length}, one more is ${got[expected.length][0]}`,
    );
  }
  return got.map(([, leaf]) => leaf);
}

function wrongArgument(text: string): ShapeError {
  return new ShapeError(
    `captured function: ${text}. It takes the names, shapes and dtypes it was captured with; pad, or capture again`,
  );
}
