export * from "./penalty.tensor.js";
export * from "./tokenKl.tensor.js";
