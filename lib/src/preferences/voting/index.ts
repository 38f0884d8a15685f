export * from "./arrow.js";
export * from "./condorcet.js";
export * from "./kemeny.js";
export * from "./kendall.js";
export * from "./scores.js";
export * from "./tally.js";
