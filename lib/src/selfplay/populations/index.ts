export * from "./diversity.js";
export * from "./evolution.js";
export * from "./mapElites.js";
export * from "./novelty.js";
export * from "./population.js";
export * from "./tournament.js";
