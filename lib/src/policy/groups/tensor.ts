export { dapoLoss } from "./dapo.tensor.js";
export { drGrpoLoss } from "./drGrpo.tensor.js";
export { grpoLoss } from "./grpo.tensor.js";
export * from "./grpoReference.tensor.js";
export { gspoLoss } from "./gspo.tensor.js";
export { logRatioRegressionLoss } from "./logRatioRegression.tensor.js";
export { rlooLoss } from "./rloo.tensor.js";
