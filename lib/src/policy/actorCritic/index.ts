export * from "./a2cLoss.js";
export * from "./coinCritic.js";
export * from "./compatible.js";
export * from "./explainedVariance.js";
export {
  softGreedyPolicy,
  softPolicyLossAndGradient,
  softTargets,
  softValue,
  temperatureStep,
} from "./softActorCritic.js";
export * from "./twoTimeScales.js";
export * from "./valueLoss.js";
