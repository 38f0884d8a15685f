export * from "./categorical.js";
export * from "./exponential.js";
export * from "./gumbel.js";
export { foldIn, type Key, key, randomBits, split } from "./key.js";
export * from "./normal.js";
export * from "./permutation.js";
export * from "./threefry.js";
export { bernoulli, randint, uniform, uniform32 } from "./uniform.js";
