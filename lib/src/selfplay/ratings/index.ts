export * from "./alphaRank.js";
export * from "./elo.js";
export * from "./nashAverage.js";
export * from "./trueSkill.js";
