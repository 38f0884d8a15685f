export * from "./actorCritic.js";
export * from "./groups.js";
export * from "./reinforce.js";
