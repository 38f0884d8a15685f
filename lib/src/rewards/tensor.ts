// The float32 floor: the same on tensors.
export * from "./completionRows.tensor.js";
export * from "./composite/tensor.js";
export * from "./mlpReward.tensor.js";
export * from "./pairwiseLoss.tensor.js";
export * from "./processReward.tensor.js";
export * from "./processRewardLoss.tensor.js";
export * from "./rewardModel.tensor.js";
export * from "./tokenScoreReward.tensor.js";
export * from "./transformerReward.tensor.js";
