export * from "./errors.js";
export * from "./host.js";
export * from "./metrics.js";
