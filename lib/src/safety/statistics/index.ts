export * from "./empiricalBernstein.js";
export * from "./mixtureEValue.js";
export * from "./normalMixture.js";
export * from "./watchTrials.js";
