export * from "./a2cLoss.tensor.js";
export * from "./critics.tensor.js";
export * from "./softActorCritic.tensor.js";
export * from "./stopGradient.tensor.js";
export * from "./valueLoss.tensor.js";
