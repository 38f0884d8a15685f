export * from "./aggregateSteps.js";
export * from "./compositeReward.js";
export * from "./linearProcessReward.js";
export * from "./moments.js";
export * from "./normalise.js";
export * from "./rolloutLabels.js";
export * from "./treeSteps.js";
