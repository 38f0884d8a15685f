// Models are namespaces, so that one name means the same in each: bradleyTerry.fit, davidson.fit.
export * as active from "./active/index.js";
export * from "./aggregation/index.js";
export * from "./bootstrap.js";
export * as bradleyTerry from "./bradleyTerry/index.js";
export * from "./comparisons.js";
export * as covariates from "./covariates/index.js";
export * as davidson from "./davidson/index.js";
export * from "./likelihoodRatio.js";
export * from "./noise.js";
export * as orderEffect from "./orderEffect/index.js";
export * as plackettLuce from "./plackettLuce/index.js";
export * from "./posterior/index.js";
export * from "./rankings.js";
export { flipLabels, simulateComparisons, simulateTournament } from "./simulate.js";
export * as spectral from "./spectral/index.js";
export * from "./transitivity.js";
export * from "./voting/index.js";
