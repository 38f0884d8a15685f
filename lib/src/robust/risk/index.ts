export * from "./coherence.js";
export * from "./conditionalValueAtRisk.js";
export * from "./entropicRisk.js";
export * from "./entropicValueAtRisk.js";
export * from "./meanVariance.js";
export * from "./valueAtRisk.js";
