import type { tf } from "./tf.js";

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

/** TensorFlow's attribute types and dtypes (tensorflow/c/tf_attrtype.h, tensorflow/core/framework/types.proto). */
export const ATTR = { string: 0, int: 1, float: 2, bool: 3, type: 4, shape: 5 } as const;
export const DTYPE = { float32: 1, int32: 3, string: 7, complex64: 8, int64: 9, bool: 10 } as const;

export function typeAttribute(name: string, dtype: string): OpAttribute {
  return { name, type: ATTR.type, value: dtypeNumber(dtype) };
}

/** TensorFlow's number of a TensorFlow.js dtype. */
export function dtypeNumber(dtype: string): number {
  return DTYPE[dtype as keyof typeof DTYPE];
}
