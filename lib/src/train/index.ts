export * from "./languageModel.js";
export * from "./loop.js";
export * from "./lossFigure.js";
export * from "./rewardModel.js";
export * from "./train.js";
