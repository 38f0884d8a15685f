export * from "./actorCritic/index.js";
export * from "./bestOfN/index.js";
export * from "./direct/index.js";
export * from "./groups/index.js";
export * from "./kl/index.js";
export type { LossAndTokenGradient } from "./meanOverTokens.js";
export * from "./ppo/index.js";
export * from "./reinforce/index.js";
export * from "./returns/index.js";
