export * from "./uncertainty/splitUncertainty.js";
export * from "./uncertainty/splitVariance.js";
