export * from "./clipFraction.tensor.js";
export * from "./clippedObjective.tensor.js";
export * from "./clippedValueLoss.tensor.js";
export * from "./earlyStop.tensor.js";
export * from "./entropyBonus.tensor.js";
export * from "./loss.tensor.js";
