export * from "./actorCritic.js";
export * from "./expertIteration.js";
export * from "./groups.js";
export * from "./lagrangian.js";
export * from "./reinforce.js";
export * from "./sac.js";
export * from "./selfPlay.js";
