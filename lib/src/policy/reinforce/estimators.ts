export * from "./enumeratedPolicy.js";
export { type BatchBaseline, type BatchCredit, type Credit, estimateGradient, replyScore } from "./estimate.js";
export * from "./exploration.js";
export * from "./gradientNoise.js";
export * from "./moments.js";
export * from "./optimalBaseline.js";
export * from "./promptMoments.js";
export * from "./softmaxScore.js";
