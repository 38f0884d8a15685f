export * from "./reinforceLoss.tensor.js";
export * from "./transformerNoise.tensor.js";
