export * from "./adversary.js";
export * from "./collapse.js";
export * from "./curriculum.js";
export * from "./selfTraining.js";
export * from "./spin.js";
