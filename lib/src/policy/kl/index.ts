export * from "./adaptive.js";
export { type KlEstimates, klEstimates } from "./estimators.js";
export * from "./expectedGradients.js";
export * from "./penalty.js";
export * from "./regularisedOptimum.js";
export * from "./sampledGradients.js";
export * from "./tokenKl.js";
