// Principles as numbers: scores and their trade-offs, hard and soft constraints and what they cost, the noise that many
// principles bring, how much to trust them, and whether revising by them ends.
export * from "./abTest.js";
export * from "./climbTogether.js";
export * from "./critiqueChain.js";
export * from "./crossValidateShrinkage.js";
export * from "./dualAscent.js";
export * from "./gradientSurgery.js";
export * from "./hardConstraint.js";
export * from "./hypervolume.js";
export * from "./maxMin.js";
export * from "./minNorm.js";
export * from "./pareto.js";
export * from "./principleNoise.js";
export * from "./reviseMap.js";
export * from "./rewardErrorParts.js";
export * from "./scalarise.js";
export * from "./shrunkReward.js";
export * from "./softConstraint.js";
export * from "./supportedPoints.js";
export * from "./tokenMask.js";
export * from "./unsatisfiable.js";
