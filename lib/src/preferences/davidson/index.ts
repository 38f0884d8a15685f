export { type DavidsonFit, fit } from "./fit.js";
export * from "./likelihood.js";
