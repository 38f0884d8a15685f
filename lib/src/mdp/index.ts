export * from "./constrainedOptimum.js";
export * from "./gridworld.js";
export type { IterationOptions } from "./iterateValues.js";
export * from "./markovChain.js";
export * from "./planning.js";
export * from "./qLearning.js";
export * from "./tabularMdp.js";
export * from "./transitionRows.js";
