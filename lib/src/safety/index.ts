// Safety as constraints and proofs: what "at most so much" can mean, and the policy that is best under it.
export * from "./barriers/index.js";
export * from "./bestDeterministic.js";
export * from "./countCosts.js";
export * from "./cpoStep.js";
export * from "./limits.js";
export * from "./lyapunov/index.js";
export * from "./multiplier.js";
export * from "./networks/index.js";
export * from "./policyPath.js";
export * from "./reachability/index.js";
export * from "./safeBandit.js";
export * from "./scenario.js";
export * from "./smoothing.js";
export * from "./statistics/index.js";
export * from "./temporal.js";
export * from "./text/index.js";
