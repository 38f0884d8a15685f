export { bestOfNKL, bestOfNKLBound, bestOfNLogProbs } from "./distribution.js";
export * from "./estimate.js";
export * from "./expertIteration.js";
export * from "./maximumLikelihood.js";
export * from "./rejectionSampling.js";
export * from "./sampledExpertIteration.js";
export * from "./select.js";
export * from "./stepwise.js";
