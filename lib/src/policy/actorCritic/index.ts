export * from "./a2cLoss.js";
export * from "./compatible.js";
export * from "./critics.js";
export * from "./explainedVariance.js";
export * from "./softActorCritic.js";
export * from "./stopGradient.js";
export * from "./twoTimeScales.js";
export * from "./valueLoss.js";
