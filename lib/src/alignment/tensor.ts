// Twins on tensors.
export * from "./inside/directions.tensor.js";
export * from "./inside/integratedGradients.tensor.js";
