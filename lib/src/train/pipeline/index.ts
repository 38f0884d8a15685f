export * from "./compare.js";
export * from "./config.js";
export * from "./learnReward.js";
export * from "./supervise.js";
