// Models of preference with features are namespaces, as those without are: linearReward.fit.
export * from "./bagOfWords.js";
export * from "./calibration.js";
export * from "./completionRows.js";
export * from "./composite/index.js";
export * from "./crossValidation.js";
export * from "./featurePairs.js";
export * from "./guarantees/index.js";
export * from "./hacking/index.js";
export * from "./labels.js";
export * as linearReward from "./linearReward/index.js";
export * from "./metrics.js";
export * from "./processReward.js";
export * from "./processRewardLoss.js";
export * from "./shaping/index.js";
export * from "./temperature.js";
export * from "./text/index.js";
export * from "./wordScores.js";
