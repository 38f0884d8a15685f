export * from "./existence.js";
export { fit, type RankingFitOptions } from "./fit.js";
export { expectedWins, gradient, hessian, information, informationTimes, logLikelihood, wins } from "./likelihood.js";
export * from "./minoriseMaximise.js";
export * from "./simulate.js";
export * from "./uncertainty.js";
