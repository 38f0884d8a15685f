export * from "./comparison.js";
export * from "./errors.js";
export * from "./host.js";
export * from "./metrics.js";
