// Safety as constraints and proofs: what "at most so much" can mean, and the policy that is best under it.
export * from "./barriers/index.js";
export * from "./countCosts.js";
export * from "./lyapunov/index.js";
export * from "./networks/index.js";
export * from "./reachability/index.js";
export * from "./smoothing.js";
export * from "./statistics/index.js";
export * from "./text/index.js";
