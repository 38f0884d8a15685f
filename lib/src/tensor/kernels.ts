import type * as tfjs from "@tensorflow/tfjs-core";
import { ATTR, type NativeBackend, type OpAttribute, typeAttribute } from "./binding.js";

type Inputs = Record<string, tfjs.Tensor>;

/**
 * From how many multiplications on, numbers of a softmax, or numbers to transpose, oneDNN's kernel is quicker than
 * Eigen's; measured.
 */
const MANY_PRODUCTS = 2 ** 20;
const MANY_NUMBERS = 2 ** 15;
const MANY_MOVES = 2 ** 14;

let oneDnn = false;

/** Replaces four of tfjs-node's kernels by quicker ones. Called once, when native TensorFlow has been loaded. */
export function improveKernels(tf: typeof tfjs): void {
  const native = tf.backend() as unknown as NativeBackend;
  oneDnn = hasOneDnn(tf, native);
  const register = (kernelName: string, kernelFunc: (inputs: Inputs, attrs: Record<string, never>) => tfjs.Tensor) => {
    tf.unregisterKernel(kernelName, "tensorflow");
    tf.registerKernel({
      kernelName,
      backendName: "tensorflow",
      kernelFunc: ({ inputs, attrs }) => kernelFunc(inputs as unknown as Inputs, attrs as Record<string, never>),
    });
  };
  register("BatchMatMul", ({ a, b }, { transposeA, transposeB }) => batchMatMul(native, a, b, transposeA, transposeB));
  register("Softmax", ({ logits }) => {
    const attributes = [typeAttribute("T", logits.dtype)];
    const fast = logits.dtype === "float32" && logits.size >= MANY_NUMBERS;
    return execute(native, "Softmax", fast && "_MklSoftmax", attributes, [logits]);
  });
  register("Transpose", ({ x }, { perm }) => {
    const order = tf.tensor1d(perm, "int32");
    const attributes = [typeAttribute("T", x.dtype), typeAttribute("Tperm", "int32")];
    const fast = x.dtype === "float32" && x.size >= MANY_MOVES;
    const out = execute(native, "Transpose", fast && "_MklTranspose", attributes, [x, order]);
    order.dispose();
    return out;
  });
  // tfjs-node's gather reads all indices back into JavaScript to check their range, which costs a copy and cannot be
  // captured. TensorFlow's own kernel checks them too ("indices[0,3] = 70 is not in [0, 64)"), so ours only calls it.
  register("GatherV2", ({ x, indices }, { axis, batchDims }) => {
    const at = tf.scalar(axis, "int32");
    const attributes = [
      { name: "batch_dims", type: ATTR.int, value: batchDims },
      typeAttribute("Tparams", x.dtype),
      typeAttribute("Tindices", indices.dtype),
      typeAttribute("Taxis", "int32"),
    ];
    const out = native.executeSingleOutput("GatherV2", attributes, [x, indices, at]);
    at.dispose();
    return out;
  });
}

/** a b for float32 matrices, either of them transposed first. */
export function matMulKernel(
  native: NativeBackend,
  a: tfjs.Tensor,
  b: tfjs.Tensor,
  transposeA: boolean,
  transposeB: boolean,
): tfjs.Tensor {
  const attributes = [
    typeAttribute("T", "float32"),
    { name: "transpose_a", type: ATTR.bool, value: transposeA },
    { name: "transpose_b", type: ATTR.bool, value: transposeB },
  ];
  const fast = a.size * (b.shape[transposeB ? 0 : 1] as number) >= MANY_PRODUCTS;
  return execute(native, "MatMul", fast && "_MklMatMul", attributes, [a, b]);
}

function batchMatMul(
  native: NativeBackend,
  a: tfjs.Tensor,
  b: tfjs.Tensor,
  transposeA: boolean,
  transposeB: boolean,
): tfjs.Tensor {
  const attributes = [
    typeAttribute("T", a.dtype),
    { name: "adj_x", type: ATTR.bool, value: transposeA },
    { name: "adj_y", type: ATTR.bool, value: transposeB },
  ];
  const columns = b.shape[b.rank - (transposeB ? 2 : 1)];
  const fast = a.dtype === "float32" && a.size * columns >= MANY_PRODUCTS;
  return execute(native, "BatchMatMulV2", fast && "_MklBatchMatMulV2", attributes, [a, b]);
}

/** Runs the op by oneDNN's kernel where one is named and there, else by TensorFlow's own. */
function execute(
  native: NativeBackend,
  op: string,
  mkl: string | false,
  attributes: OpAttribute[],
  inputs: tfjs.Tensor[],
): tfjs.Tensor {
  if (!oneDnn || mkl === false) return native.executeSingleOutput(op, attributes, inputs);
  return native.executeSingleOutput(mkl, [...attributes, ONE_DNN], inputs);
}

/** Whether oneDNN's kernels can be asked for, once native TensorFlow has been loaded. */
export const oneDnnIsThere = (): boolean => oneDnn;

/** The label under which TensorFlow registers oneDNN's kernels. */
export const ONE_DNN = { name: "_kernel", type: ATTR.string, value: "MklNameChangeOp" };

/** Whether this TensorFlow has oneDNN's kernels: one is tried. */
function hasOneDnn(tf: typeof tfjs, native: NativeBackend): boolean {
  oneDnn = true;
  try {
    return tf.tidy(() => matMulKernel(native, tf.ones([1, 1]), tf.ones([1, 1]), false, false).dataSync()[0] === 1);
  } catch {
    return false;
  }
}
