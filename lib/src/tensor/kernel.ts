import type * as tfjs from "@tensorflow/tfjs-node";
import { backend } from "./backend.js";
import { tf } from "./tf.js";

/** An attribute of a TensorFlow op, as tfjs-node's binding takes it. */
export interface OpAttribute {
  name: string;
  type: number;
  value: unknown;
}

/** A tensor's handle, as the binding returns it. */
export interface TensorHandle {
  id: number;
  shape: number[];
  dtype: number;
}

/** tfjs-node's native binding: the few of its functions that we use. */
export interface Binding {
  readonly [constant: string]: unknown;
  createTensor(shape: number[], dtype: number, values: ArrayBufferView | Uint8Array[]): number;
  executeOp(name: string, attributes: OpAttribute[], inputs: number[], outputs: number): TensorHandle[];
  deleteTensor(id: number): void;
  tensorDataSync(id: number): ArrayBufferView;
  loadSavedModel(folder: string, tags: string): number;
  deleteSavedModel(id: number): void;
  runSavedModel(id: number, inputs: number[], inputNames: string, outputNames: string): TensorHandle[];
}

/** tfjs-node's backend object: the few of its members that we use. */
export interface NativeBackend {
  binding: Binding;
  getInputTensorIds(tensors: readonly tf.Tensor[]): number[];
  createOutputTensor(handle: TensorHandle): tf.Tensor;
  executeSingleOutput(name: string, attributes: OpAttribute[], inputs: readonly tf.Tensor[]): tf.Tensor;
  executeMultipleOutputs(name: string, attributes: OpAttribute[], inputs: readonly tf.Tensor[], n: number): tf.Tensor[];
  move(dataId: object, values: unknown, shape: number[], dtype: string, refCount: number): void;
  readSync(dataId: object): unknown;
  tensorMap: { get(dataId: object): { id: number; values: unknown } };
}

/** The native backend when it computes, else undefined. */
export function nativeBackend(): NativeBackend | undefined {
  if (backend().name !== "native" || tf.getBackend() !== "tensorflow") return undefined;
  return tf.backend() as unknown as NativeBackend;
}

/** TensorFlow's attribute types and dtypes (tensorflow/c/tf_attrtype.h, tensorflow/core/framework/types.proto). */
export const ATTR = { string: 0, int: 1, float: 2, bool: 3, type: 4, shape: 5 } as const;
export const DTYPE = { float32: 1, int32: 3, string: 7, complex64: 8, int64: 9, bool: 10 } as const;

export function typeAttribute(name: string, dtype: keyof typeof DTYPE): OpAttribute {
  return { name, type: ATTR.type, value: DTYPE[dtype] };
}

/**
 * An op with a gradient of our own: `forward` makes the outputs from the inputs (any ops, TensorFlow's own included); the
 * tape sees one op, and `backward` gets the gradient of the first output and everything `forward` returned.
 */
export function withGradient(
  inputs: tf.Tensor[],
  forward: (...inputs: tf.Tensor[]) => tf.Tensor[],
  backward: (dy: tf.Tensor, outputs: tf.Tensor[], inputs: tf.Tensor[]) => tf.Tensor[],
): tf.Tensor {
  const op = tf.customGrad(((...args: unknown[]) => {
    const save = args.pop() as tfjs.GradSaveFunc;
    const xs = args as tf.Tensor[];
    const outputs = forward(...xs);
    save([...outputs, ...xs]);
    return {
      value: outputs[0],
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) =>
        backward(dy, saved.slice(0, outputs.length), saved.slice(outputs.length)),
    };
  }) as never);
  return op(...inputs);
}
