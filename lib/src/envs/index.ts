export * from "./exact.js";
export * from "./phrases.js";
export * from "./sequence-policy.js";
export * from "./sequence-tree.js";
