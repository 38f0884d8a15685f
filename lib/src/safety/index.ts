// Safety as constraints and proofs: what "at most so much" can mean, and the policy that is best under it.
export * from "./countCosts.js";
