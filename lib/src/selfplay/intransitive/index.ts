export * from "./bradleyTerryUnderSampling.js";
export * from "./policySteps.js";
export * from "./preferenceMatrix.js";
export * from "./regularisedEquilibrium.js";
export * from "./selfPlay.js";
export * from "./vonNeumannWinner.js";
