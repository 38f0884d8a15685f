// Types of the core alone, with its methods on tensors: those of layers, data and converters are half the files, which
// a cell's compiler would read for every import of this room.
import type * as tfjs from "@tensorflow/tfjs-core";
import type {} from "@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js";
import { loadTensorFlow } from "./backend.js";

/**
 * TensorFlow.js: `tf.matMul(a, b)`. Importing it costs nothing, the engine is loaded at the first property read. The
 * only way to TensorFlow.js in this library, and types too: `tf.Tensor2D`. (Layers, datasets and converters are there
 * when it runs, but have no types.)
 */
export const tf: typeof tfjs = new Proxy({} as typeof tfjs, {
  get: (_, name) => Reflect.get(loadTensorFlow(), name),
  has: (_, name) => Reflect.has(loadTensorFlow(), name),
  ownKeys: () => Reflect.ownKeys(loadTensorFlow()),
  getOwnPropertyDescriptor: (_, name) => {
    const found = Reflect.getOwnPropertyDescriptor(loadTensorFlow(), name);
    return found && { ...found, configurable: true };
  },
});

export declare namespace tf {
  type Tensor<R extends tfjs.Rank = tfjs.Rank> = tfjs.Tensor<R>;
  type Scalar = tfjs.Scalar;
  type Tensor1D = tfjs.Tensor1D;
  type Tensor2D = tfjs.Tensor2D;
  type Tensor3D = tfjs.Tensor3D;
  type Tensor4D = tfjs.Tensor4D;
  type Tensor5D = tfjs.Tensor5D;
  type TensorLike = tfjs.TensorLike;
  type Variable = tfjs.Variable;
  type Rank = tfjs.Rank;
  type DataType = tfjs.DataType;
  type TypedArray = tfjs.TypedArray;
}
