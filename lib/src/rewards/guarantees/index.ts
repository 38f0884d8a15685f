export { binaryKL, binaryKLInverse } from "./binaryKL.js";
export { finiteClassBound, hoeffdingBound, type Observed, rademacherMarginBound, rampLoss } from "./deviation.js";
export * from "./pacBayes.js";
export * from "./returnLost.js";
export * from "./rewardError.js";
export * from "./sampleComplexity.js";
