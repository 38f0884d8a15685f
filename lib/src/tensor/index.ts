export * from "./adam.js";
export * from "./affine.js";
export * from "./assertFinite.js";
export * from "./backend.js";
export * from "./branches.js";
export * from "./capture.js";
export * from "./checkpoint.js";
export * from "./checks.js";
export { clipByGlobalNorm, globalNorm } from "./clip.js";
export * from "./crossEntropy.js";
export * from "./dropout.js";
export * from "./gelu.js";
export * from "./gradients.js";
export * from "./init.js";
export * from "./layerNorm.js";
export * from "./masked.js";
export { memoize } from "./memoize.js";
export type { Optimizer, OptimizerOptions } from "./optimizer.js";
export {
  decodeSafetensors,
  encodeSafetensors,
  type HostTensor,
  readSafetensors,
  type Safetensors,
  type SafetensorsType,
  writeSafetensors,
} from "./safetensors.js";
export * from "./scaledDotProduct.js";
export * from "./schedules.js";
export * from "./sgd.js";
export * from "./tf.js";
export {
  checkSameTree,
  countParams,
  disposeTree,
  isTensor,
  keepTree,
  leaves,
  mapTree,
  namedLeaves,
  type Params,
  type Tree,
  unflatten,
} from "./tree.js";
export * from "./withGradient.js";
