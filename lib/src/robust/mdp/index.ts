export * from "./intervalSet.js";
export * from "./l1Set.js";
export * from "./robustValueIteration.js";
export type { WorstNext } from "./worstNext.js";
