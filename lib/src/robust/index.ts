export * from "./balls/index.js";
export * from "./bayesianOptimisation/index.js";
export * from "./mdp/index.js";
export * from "./risk/index.js";
export * from "./uncertainty/splitUncertainty.js";
export * from "./uncertainty/splitVariance.js";
