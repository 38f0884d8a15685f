export * from "./actionValues.js";
export { type AttentionParams, attention, causalMask } from "./attention.js";
export type { BlockDropout, BlockParams, NormParams } from "./block.js";
export * from "./config.js";
export * from "./exportGpt2.js";
export * from "./generate.js";
export * from "./gpt2.js";
export type { Gpt2Ids } from "./gpt2Folder.js";
export * from "./gpt2Reward.js";
export * from "./gpt2Tokenizer.js";
export * from "./gpt2TokenReward.js";
export * from "./heads.js";
export type { LinearParams } from "./linear.js";
export * from "./prompts.js";
export {
  checkSampling,
  drawFrom,
  drawTokens,
  isPlainSampling,
  type SamplingOptions,
  samplingLogits,
} from "./sampling.js";
export { tempered } from "./tempered.js";
export { logitLens, type Trace, type TraceOptions } from "./trace.js";
export { type ForwardOptions, type SequenceLogProbs, type Transformer, transformer } from "./transformer.js";
export * from "./transformerParams.js";
