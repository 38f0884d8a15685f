export { type GroupOptions, groupAdvantages, leaveOneOutAdvantages } from "./advantages.js";
export { type DapoOptions, dapoLossAndGradient } from "./dapo.js";
export { type DrGrpoOptions, drGrpoLossAndGradient } from "./drGrpo.js";
export * from "./dynamicSampling.js";
export * from "./expectedAdvantages.js";
export * from "./expectedGradients.js";
export { type GrpoOptions, grpoLossAndGradient } from "./grpo.js";
export * from "./grpoReference.js";
export { type GspoOptions, gspoLossAndGradient } from "./gspo.js";
export { type LossAndRowGradient, logRatioLimit, type Rows } from "./logRatio.js";
export {
  type LogRatioRegressionOptions,
  logRatioRegressionLossAndGradient,
} from "./logRatioRegression.js";
export * from "./overlong.js";
export { type RlooOptions, rlooLossAndGradient } from "./rloo.js";
export * from "./selfPlayTargets.js";
export * from "./stationaryPolicy.js";
export * from "./treeRloo.js";
