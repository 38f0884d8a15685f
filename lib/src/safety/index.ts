// Safety as constraints and proofs: what "at most so much" can mean, and the policy that is best under it.
export * from "./bestDeterministic.js";
export * from "./countCosts.js";
export * from "./cpoStep.js";
export * from "./limits.js";
export * from "./multiplier.js";
export * from "./policyPath.js";
export * from "./safeBandit.js";
export * from "./scenario.js";
export * from "./temporal.js";
