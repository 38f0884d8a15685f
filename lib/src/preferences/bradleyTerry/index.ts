export * from "./existence.js";
export { type Fit, type FitOptions, fit } from "./fit.js";
export * from "./gauge.js";
export * from "./goodnessOfFit.js";
export * from "./likelihood.js";
export * from "./minoriseMaximise.js";
export * from "./prior.js";
export * from "./probability.js";
export * from "./uncertainty.js";
