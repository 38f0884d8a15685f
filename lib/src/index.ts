// The words of every lesson: import { key, mean, show } from "rlhf-lab". Everything else is behind the door of its
// topic, "rlhf-lab/policy" and so on, so that an import says where a thing lives and loads no more than that.

export * from "./core/index.js";
export * from "./notebook/index.js";
export {
  linspace,
  logSigmoid,
  logSoftmax,
  logSumExp,
  mean,
  meanInterval,
  median,
  quantile,
  sigmoid,
  softmax,
  standardDeviation,
  standardError,
} from "./numerics/index.js";
export { foldIn, type Key, key, normal, split, uniform } from "./random/index.js";
