export * from "./clip.js";
export * from "./clipFraction.js";
export * from "./clippedObjective.js";
export * from "./earlyStop.js";
export * from "./entropyBonus.js";
export * from "./loss.js";
export * from "./minibatches.js";
export * from "./valueLoss.js";
