export * from "./discountedReturns.js";
export * from "./generalizedAdvantages.js";
export type { Discount } from "./inputs.js";
export * from "./lambdaReturns.js";
export * from "./nStepReturns.js";
export * from "./paddedRows.js";
export * from "./valueLearning.js";
export { type WhitenOptions, whiten } from "./whiten.js";
