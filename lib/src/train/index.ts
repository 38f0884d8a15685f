export * from "./completionLogProbs.js";
export * from "./direct.js";
export type { DirectMethod, PairInputs } from "./directMethods.js";
// A namespace, so that methods have their own names: directMethods.dpo({ beta: 0.1 }).
export * as directMethods from "./directMethods.js";
export * from "./languageModel.js";
export {
  iterate,
  type LoopOptions,
  type LoopResult,
  type LoopState,
} from "./loop.js";
export * from "./policy/index.js";
export * from "./probeCritic.js";
export * from "./processReward.js";
export * from "./rewardGroups.js";
export * from "./rewardModel.js";
export * from "./sampleCompletions.js";
export * from "./supervised.js";
export * from "./train.js";
