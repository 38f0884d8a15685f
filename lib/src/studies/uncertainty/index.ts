export * from "./carefulPolicies.js";
export * from "./conformalAlongKl.js";
export * from "./pessimismAlongKl.js";
export * from "./phrasePosterior.js";
export * from "./setAgainstPoints.js";
export * from "./transformerEnsemble.js";
export * from "./whomToAsk.js";
