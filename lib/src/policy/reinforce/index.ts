// The loss by its own name; the estimators behind it, and what is known of them exactly, as
// reinforce.gradientMoments and so on.
export * as reinforce from "./estimators.js";
export * from "./reinforceLoss.js";
