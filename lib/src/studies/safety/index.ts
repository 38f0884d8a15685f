export * from "./phraseShield.js";
export * from "./textShield.js";
