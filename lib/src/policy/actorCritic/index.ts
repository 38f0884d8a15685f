export * from "./explainedVariance.js";
