export { type CovariateFit, type CovariateOptions, fit, intervals } from "./fit.js";
