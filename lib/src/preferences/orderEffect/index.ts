export * from "./fit.js";
