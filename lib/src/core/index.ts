export * from "./errors.js";
export * from "./host.js";
