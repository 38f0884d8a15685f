export * from "./compare.js";
export * from "./config.js";
export * from "./frontier.js";
export * from "./learnReward.js";
export * from "./optimise.js";
export * from "./supervise.js";
export * from "./survey.js";
export * from "./wordScores.js";
